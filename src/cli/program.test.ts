import { expect, it } from 'vitest';
import { commandNames } from './command-table.js';
import { utadProgram } from './program.js';

const namesOf = async (...words: string[]): Promise<string[]> =>
  (await utadProgram(words)).commands.map((one) => one.name());

it('names the command that took the place of an earlier one', async () => {
  await expect(utadProgram(['degrade-masks'])).rejects.toThrow(
    'degrade-masks: this command is called corrupt-masks now. Run utad corrupt-masks.',
  );
});

it('has the command that is named, or all of them', async () => {
  expect(await namesOf('corrupt-masks', '--help')).toEqual(['corrupt-masks']);
  expect(await namesOf('help', 'train')).toEqual(['train']);
  for (const words of [[], ['--help'], ['help'], ['trian']])
    expect(await namesOf(...words)).toEqual(commandNames);
});

it('lists all commands with their arguments, without loading their options', async () => {
  const list = await utadProgram(['--help']);
  for (const listed of list.commands) {
    const [alone] = (await utadProgram([listed.name()])).commands;
    expect([listed.description(), listed.registeredArguments]).toEqual([
      alone?.description(),
      alone?.registeredArguments,
    ]);
  }
  expect(list.commands.every(({ options }) => options.length === 0)).toBe(true);
  expect(list.helpInformation()).toMatch(/^ {2}translate <volume or data set> {2,}translates a patient/m);
});

it('suggests the command that a mistyped one is like', async () => {
  const program = await utadProgram(['trian']);
  await expect(program.parseAsync(['node', 'utad', 'trian'])).rejects.toThrow(
    "unknown command 'trian'\n(Did you mean train?)",
  );
});
