// A text field with choices below it: arrows walk, Enter or Tab takes the marked one, Escape shuts the list.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

interface ComboProps<T> {
  name: string;
  label: string;
  value: string;
  placeholder: string;
  options: T[];
  optionKey: (row: T) => string;
  option: (row: T) => ComponentChildren;
  onInput: (typed: string) => void;
  onChoose: (row: T) => void;
  autoFirst?: boolean;
  isLate?: boolean; // the choices are of what stood here before: none is taken by a key
  onWithout?: () => void; // the keys went on before there were choices of what stands here
  quiet?: boolean; // opens when somebody types or asks by an arrow, not on focus
}

export function Combo<T>(p: ComboProps<T>) {
  const [open, setOpen] = useState(false), [at, setAt] = useState(0);
  const box = useRef<HTMLDivElement>(null), input = useRef<HTMLInputElement>(null), leaving = useRef(0);
  useEffect(() => box.current?.querySelector(".on")?.scrollIntoView({ block: "nearest" }), [at]);
  const shown = open && p.options.length > 0;
  const choose = (row: T | undefined) => {
    if (row === undefined) return;
    p.onChoose(row);
    setOpen(false);
  };
  const onward = () => {
    const fields = [...(input.current!.form?.querySelectorAll<HTMLElement>("input, textarea, select") ?? [])];
    const next = fields[fields.indexOf(input.current!) + 1];
    if (next instanceof HTMLInputElement && next.type === "radio") input.current!.form?.querySelector<HTMLElement>(`input[name=${next.name}]:checked`)?.focus();
    else next?.focus();
  };
  const onKey = (e: KeyboardEvent) => {
    if (p.isLate && (e.key === "Enter" || e.key === "Tab") && !e.ctrlKey && !e.metaKey && !e.shiftKey) p.onWithout?.();
    if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      e.preventDefault();
      setOpen(true);
      if (!p.isLate) setAt((n) => (p.options.length ? (n + (e.key === "ArrowDown" ? 1 : -1) + p.options.length) % p.options.length : 0));
    } else if (e.key === "Enter" && !e.ctrlKey && !e.metaKey) {
      e.preventDefault();
      if (shown && p.value && !p.isLate) choose(p.options[at]);
      onward();
    } else if (e.key === "Tab" && shown && p.value && p.autoFirst && !p.isLate && !e.shiftKey) {
      choose(p.options[at]);
    } else if (e.key === "Escape" && shown) {
      e.stopPropagation();
      setOpen(false);
    }
  };
  const id = `combo-${p.name}`;
  return (
    <div class="combo" ref={box}>
      <label for={id}>{p.label}</label>
      <input id={id} ref={input} name={p.name} value={p.value} placeholder={p.placeholder} autocomplete="off" role="combobox" aria-expanded={shown} aria-controls={`${id}-list`} aria-autocomplete="list"
        aria-activedescendant={shown && !p.isLate ? `${id}-${at}` : undefined} onKeyDown={onKey} onFocus={() => { clearTimeout(leaving.current); setOpen(!p.quiet); }} onBlur={() => { leaving.current = setTimeout(() => setOpen(false), 120) as unknown as number; }}
        onInput={(e) => { setOpen(true); setAt(0); p.onInput(e.currentTarget.value); }} />
      <ul id={`${id}-list`} role="listbox" aria-busy={p.isLate} class={shown ? "open" : ""}>
        {shown && p.options.map((row, n) => (
          <li key={p.optionKey(row)} id={`${id}-${n}`} role="option" aria-selected={n === at && !p.isLate} class={n === at && !p.isLate ? "on" : ""} onMouseDown={(e) => { e.preventDefault(); choose(row); onward(); }} onMouseMove={() => setAt(n)}>{p.option(row)}</li>))}
      </ul>
    </div>
  );
}
