import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { shellLine, shellWord } from './shell-word.js';

it('leaves plain words as they are, and quotes the others', () => {
  expect(shellLine(['utad', 'jobs', 'resume', 'out.jobs/work-1'])).toBe('utad jobs resume out.jobs/work-1');
  expect(shellWord('my data')).toBe("'my data'");
  expect(shellWord('')).toBe("''");
});

it
  .skipIf(process.platform === 'win32')
  .each(["it's", '$(touch x)', '`id`', 'a\nb', '"x"; y', '--set a=b', '~/x', 'ä b'])(
  'reaches a program as it was: %j',
  (text) => {
    const line = `${shellLine([process.execPath, '-e', 'process.stdout.write(process.argv[1])'])} -- ${shellWord(text)}`;
    expect(execFileSync('sh', ['-c', line], { encoding: 'utf8' })).toBe(text);
  },
);
