// Words: every sentence of the console by key, in the reader's language. A key without its parameters does not compile.
import { codes, messages, type CodeRow, type MessageParams } from "gen/web_messages";

export type Lang = "zh" | "en";
export type MessageKey = keyof MessageParams;
type Args<K extends MessageKey> = MessageParams[K] extends undefined ? [] : [MessageParams[K]];

let current: Lang = "zh";

export function setLang(lang: Lang): void {
  current = lang;
}

export function lang(): Lang {
  return current;
}

export function fill(sentence: string, params?: Record<string, string | number>): string {
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => String(params?.[name] ?? `{${name}}`));
}

export function t<K extends MessageKey>(key: K, ...args: Args<K>): string {
  return fill(messages[key][current], args[0] as Record<string, string | number> | undefined);
}

/** The word for a value of a closed list: web_<list>_<value>, or the value itself where no word is known. */
export function word(list: string, value: string | undefined): string {
  if (!value) return "";
  const entry = messages[`web_${list}_${value}` as MessageKey];
  return entry ? entry[current] : value.replace(/_/g, " ");
}

export function codeTable(table: string): CodeRow[] {
  return codes[table] ?? [];
}

export function codeName(table: string, code: string | undefined): string {
  const row = codeTable(table).find((r) => r.code === code);
  return row ? row[current] : (code ?? "").replace(/_/g, " ");
}

/** Code rows that match what was typed: code, name in either language, other names; whole starts first. */
export function findCodes(table: string, typed: string): CodeRow[] {
  const want = typed.trim().toLowerCase();
  if (!want) return codeTable(table);
  const scored: { row: CodeRow; score: number; order: number }[] = [];
  codeTable(table).forEach((row, order) => {
    const names = [row.code, row.code.replace(/_/g, " "), row.zh, row.en, ...row.also].map((n) => n.toLowerCase());
    let score = 9;
    for (const name of names) {
      if (name === want) score = Math.min(score, 0);
      else if (name.startsWith(want)) score = Math.min(score, 1);
      else if (name.split(/[\s_/()]+/).some((part) => part.startsWith(want))) score = Math.min(score, 2);
      else if (name.includes(want)) score = Math.min(score, 3);
    }
    if (score < 9) scored.push({ row, score, order });
  });
  return scored.sort((a, b) => a.score - b.score || a.order - b.order).map((s) => s.row);
}
