import { printableLines } from '../base/printable.js';

/** What this program itself writes to terminals: colours, and a line that is written again. */
const ownSequences = /(\p{Cc}\[[0-9;]*m|\r\p{Cc}\[2K)/u;
const escapeCharacter = '\u001b';

/** A stream of text, such as standard output. */
type TextStream = Pick<NodeJS.WriteStream, 'write'>;

/**
 * Writes out what would act on a terminal in every text that a stream is given: names of files and patients and texts
 * out of DICOM files may hold escape sequences. Colours and the redrawn line of progress pass.
 */
export function guardStream(stream: TextStream): void {
  const write = stream.write.bind(stream);
  stream.write = (
    chunk: Uint8Array | string,
    encoding?: BufferEncoding | ((error?: Error | null) => void),
    whenDone?: (error?: Error | null) => void,
  ): boolean => {
    const safe = typeof chunk === 'string' ? withoutSequences(chunk) : chunk;
    return typeof encoding === 'string' ? write(safe, encoding, whenDone) : write(safe, encoding);
  };
}

function withoutSequences(text: string): string {
  return text
    .split(ownSequences)
    .map((part, index) => (index % 2 === 1 && part.includes(escapeCharacter) ? part : printableLines(part)))
    .join('');
}
