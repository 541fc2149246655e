import { expect, it } from 'vitest';
import { guardStream } from './guard-stream.js';

it('lets colours and lines pass and writes out everything else that would act on a terminal', () => {
  const written: (string | Uint8Array)[] = [];
  const stream = {
    write: (chunk: string | Uint8Array): boolean => {
      written.push(chunk);
      return true;
    },
  };
  guardStream(stream);
  stream.write('\u001b[33mwarning\u001b[39m: P\u001b]0;owned\u0007\u001b[2J\u009b1m\r1\n');
  stream.write('\r\u001b[2Ktrain █░ 1/2');
  stream.write(Uint8Array.of(27));
  expect(written).toEqual([
    '\u001b[33mwarning\u001b[39m: P\\u{1b}]0;owned\\u{7}\\u{1b}[2J\\u{9b}1m\\u{d}1\n',
    '\r\u001b[2Ktrain █░ 1/2',
    Uint8Array.of(27),
  ]);
});
