// A field whose value is taken when one leaves it. What is being typed stays, whatever is drawn anew meanwhile; what is refused stays too.
import type { JSX } from "preact";
import { useState } from "preact/hooks";

type Props = Omit<JSX.InputHTMLAttributes<HTMLInputElement>, "value" | "onChange" | "onInput"> & { value: string; commit: (typed: string) => boolean | void };
export function Typed({ value, commit, ...rest }: Props) {
  const [typed, setTyped] = useState<string | null>(null);
  return <input autocomplete="off" {...rest} value={typed ?? value} onInput={(e) => setTyped(e.currentTarget.value)} onChange={(e) => { if (commit(e.currentTarget.value) !== false) setTyped(null); }} />;
}
