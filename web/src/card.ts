// The number of a card of paper: six digits and two that belong to them (ISO 7064 MOD 97-10), so that a digit read wrongly is
// seen before the card becomes another. Typed with or without its hyphen, in any width.
export function readCard(typed: string): string | null {
  const digits = typed.normalize("NFKC").replace(/[\s-]/g, "");
  if (!/^\d{8}$/.test(digits)) return null;
  const number = Number(digits.slice(0, 6));
  return number > 0 && 98 - ((number * 100) % 97) === Number(digits.slice(6)) ? `${digits.slice(0, 6)}-${digits.slice(6)}` : null;
}
