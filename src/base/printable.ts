/** Characters that move the cursor, colour, hide or reorder text: controls, and marks of direction and of no width. */
const unprintable = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;
const unprintableButLines = /(?![\n\t])[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** A text from a file or a name as it may be shown on a terminal: what would act there is written out, as `\u{1b}`. */
export function printable(text: string): string {
  return text.replace(unprintable, written);
}

/** As {@link printable}, for text of several lines. */
export function printableLines(text: string): string {
  return text.replace(unprintableButLines, written);
}

function written(character: string): string {
  return `\\u{${character.codePointAt(0)!.toString(16)}}`;
}

/** A text of at most so many characters; what is left out is in its middle. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const kept = most - 1;
  const tail = Math.floor(kept / 3);
  return `${text.slice(0, kept - tail)}…${text.slice(text.length - tail)}`;
}
