// Where the keyboard goes next. A key that is pressed right after another must find what that one opened, however busy the machine
// is: the focus is moved with the drawing that follows, not with a later frame.
import { useLayoutEffect } from "preact/hooks";
import { changed } from "./store";

let wanted: (() => void) | null = null;

/** Runs once everything is drawn that was changed until now; the last one asked for counts. */
export function afterDrawing(move: () => void): void {
  wanted = move;
  changed();
}
export function focusNext(selector: string): void {
  afterDrawing(() => document.querySelector<HTMLElement>(selector)?.focus());
}
/** The shell's alone: its effect runs after those of all that it holds. */
export function useFocusNext(): void {
  useLayoutEffect(() => {
    const move = wanted;
    wanted = null;
    move?.();
    const key = ahead.shift();
    if (!key) return;
    if (!typeAgain(key)) ahead.length = 0;
    changed();
  });
}

// --- while a form is being saved --------------------------------------------------------------------------------------
// Its fields take nothing any more: they are about to go. What is typed meanwhile belongs to what comes after the form, and is typed
// there, key by key, each after the drawing of what the one before opened. All of that is one task: no later key comes between.
const ahead: KeyboardEvent[] = [];

/** Types a key where the focus is now; false when that is not the same as pressing it, and nothing after it is typed either. */
function typeAgain(key: KeyboardEvent): boolean {
  const at = (document.activeElement ?? document.body) as HTMLElement, isField = at.matches("input:not([type=radio], [type=checkbox]), textarea");
  if (!isField && /^\d$/.test(key.key)) return false; // 1 to 9 mean what was on the screen when they were pressed
  if (!at.dispatchEvent(new KeyboardEvent("keydown", key)) || !(isField || key.key === "Enter")) return true;
  if (key.key === "Enter") at.click();
  return key.key === "Enter" ? !isField : document.execCommand(key.key === "Backspace" ? "delete" : "insertText", false, key.key);
}

const TYPED = /^(.|Enter|Backspace|Tab|Arrow.*)$/u;
/** Does a form's deed, which tells whether it was done. Refused, the focus is where it was, and what was typed meanwhile is nothing.
 *  Escape leaves the form; N does not wait, as a caller does not: the deed goes on in both. */
export async function whileSaving(form: HTMLFormElement, leave: () => void, deed: () => Promise<boolean>): Promise<void> {
  const held: KeyboardEvent[] = [], had = form.contains(document.activeElement) ? (document.activeElement as HTMLElement) : null;
  const hold = (e: KeyboardEvent) => {
    const at = e.target as Element, isPlain = !e.ctrlKey && !e.altKey && !e.metaKey;
    if (!form.isConnected || (at !== document.body && !form.contains(at)) || !TYPED.test(e.key) && e.key !== "Escape" || !(isPlain || e.key === "Enter")) return;
    if (isPlain && e.key.toLowerCase() === "n" && !held.length && !form.matches(".call-pane")) return;
    e.preventDefault();
    e.stopImmediatePropagation();
    if (e.key === "Escape") {
      held.length = 0;
      leave();
    } else if (!e.repeat && (held.length || e.key !== "Enter")) held.push(e); // Enter once more is the same deed
  };
  had?.blur();
  form.inert = true;
  addEventListener("keydown", hold, true);
  let isDone = false;
  try {
    isDone = await deed();
  } finally {
    removeEventListener("keydown", hold, true);
    form.inert = false;
    if (!isDone && had?.isConnected && document.activeElement === document.body) had.focus();
  }
  if (!isDone) return;
  ahead.push(...held);
  changed();
}
