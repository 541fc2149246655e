import { mkdir } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { systemRefusal } from './system-refusal.node.js';

it('tells what a system refuses from a defect', async () => {
  const refused = await mkdir('/proc/utad/a').catch((error: unknown) => error);
  expect(systemRefusal(refused)).toMatchObject({
    code: 'io',
    message: expect.stringMatching(
      /^\/proc\/utad\/a: the system refused: .* Check the path, its permissions/,
    ),
    cause: refused,
  });
  for (const defect of [new TypeError('x is not a function'), 'text', undefined, { code: 'EROFS' }])
    expect(systemRefusal(defect)).toBeUndefined();
});
