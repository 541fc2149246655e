/** A text as one word of a shell, in quotes whatever is in it. */
export function quotedWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A text as one word of a shell, so that what a message quotes can be pasted: in quotes where it needs them. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : quotedWord(text);
}

/** The words of a call as a line that can be pasted. */
export function shellLine(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}
