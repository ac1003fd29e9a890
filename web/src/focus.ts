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
  });
}
