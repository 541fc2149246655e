import { expect, it } from 'vitest';
import { requireChecksum, sha256Of, withChecksum } from './checksum.node.js';

it('is over all other fields, as they are read again', () => {
  expect(sha256Of('a', new TextEncoder().encode('bc'))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
  const value = withChecksum({ a: 1, left: undefined, b: { __proto__: null, c: [0.1, '\u2028'] } });
  const text = JSON.stringify(value);
  requireChecksum(JSON.parse(text), 'a.json');
  for (const [from, to] of [
    ['"a":1', '"a":2'],
    ['"a"', '"d"'],
    ['0.1', '0.2'],
    ['sha256:', 'sha257:'],
  ] as const)
    expect(() => requireChecksum(JSON.parse(text.replace(from, to)), 'a.json')).toThrow(
      'a.json: this file is damaged or was changed: its checksum is not that of its content.',
    );
});

it('is not asked of files without one', () => {
  for (const json of [{ a: 1 }, [1], null, 'text', { checksum: 7 }]) requireChecksum(json, 'a.json');
});
