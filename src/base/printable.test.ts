import { expect, it } from 'vitest';
import { UtadError } from './errors.js';
import { printable, printableLines, shortened } from './printable.js';

it('writes out what would act on a terminal, and leaves other text as it is', () => {
  expect(printable('a\u001b[31mb\r\u009bc\u202ed\n')).toBe('a\\u{1b}[31mb\\u{d}\\u{9b}c\\u{202e}d\\u{a}');
  expect(printableLines('a\n\tb\u0007')).toBe('a\n\tb\\u{7}');
  for (const text of ['Müller, „t1“ – 3 µm', '脳腫瘍', 'naïve 🧠']) expect(printable(text)).toBe(text);
});

it('shortens in the middle', () => {
  expect(shortened('abcdefghij', 10)).toBe('abcdefghij');
  expect(shortened('abcdefghijk', 10)).toBe('abcdef…ijk');
});

it('keeps the messages of errors harmless and short', () => {
  const hostile = `\u001b]0;x\u0007${'y'.repeat(10_000)}`;
  const { message } = new UtadError('bad-file', {
    ...{ where: hostile, expected: hostile, got: hostile, todo: hostile },
  });
  expect(message.length).toBeLessThanOrEqual(2000);
  expect(message).not.toMatch(/\p{Cc}/u);
});
