import { beforeEach } from 'vitest';

// Files of the short suite share a process: a command's exit status in one test is not there in the next.
beforeEach(() => {
  process.exitCode = undefined;
});
