import { describe, expect, it } from 'vitest';
import { wantsColours } from './colours.js';

const terminal = { isTTY: true };
const pipe = {};

describe('colours', () => {
  it.each([
    ['on a terminal', terminal, {}, true],
    ['on a terminal that shows none', terminal, { TERM: 'dumb' }, false],
    ['in a pipe', pipe, {}, false],
    ['in a pipe of a build server', pipe, { CI: 'true' }, false],
    ['in a pipe where asked for', pipe, { FORCE_COLOR: '1' }, true],
    ['on a terminal where refused', terminal, { FORCE_COLOR: '0' }, false],
    ['on a terminal where unwanted', terminal, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
    ['on a terminal with an empty wish', terminal, { NO_COLOR: '', FORCE_COLOR: '' }, true],
  ] as const)('%s', (_, stream, environment, wanted) => {
    expect(wantsColours(stream, environment)).toBe(wanted);
  });
});
