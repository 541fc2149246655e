import { expect, it } from 'vitest';
import { utadProgram } from './program.js';

it('names the command that took the place of an earlier one', async () => {
  await expect(utadProgram('degrade-masks')).rejects.toThrow(
    'degrade-masks: this command is called corrupt-masks now. Run utad corrupt-masks.',
  );
});

it('has the command that is named, or all of them', async () => {
  expect((await utadProgram('corrupt-masks')).commands.map((one) => one.name())).toEqual(['corrupt-masks']);
  expect((await utadProgram(undefined)).commands.map((one) => one.name())).toContain('translate');
});
