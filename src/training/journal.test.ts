import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { appendJournal, type JournalLine, readJournal, rewindJournal } from './journal.node.js';

const schema = z.object({ ssim: z.number(), directions: z.array(z.object({ source: z.int() })) });
type Score = z.infer<typeof schema>;

let path: string;
beforeAll(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'utad-journal-')), 'journal.jsonl');
});
afterAll(() => rm(join(path, '..'), { recursive: true, force: true }));

const step = (iteration: number): JournalLine<Score> => ({
  kind: 'step',
  iteration,
  learningRate: 1e-4,
  seconds: 0.5,
  losses: { 'critic.real': -0.25 },
});
const score: Score = { ssim: 0.9, directions: [{ source: 0 }] };

it('gives back every line, and after rewinding those up to an iteration', async () => {
  const lines: JournalLine<Score>[] = [
    step(1),
    step(2),
    { kind: 'validation', iteration: 2, score },
    step(3),
  ];
  for (const line of lines) await appendJournal(path, line);
  expect(await readJournal(path, schema)).toEqual(lines);
  await rewindJournal(path, 2, () => undefined);
  expect(await readJournal(path, schema)).toEqual(lines.slice(0, 3));
});

it('leaves out what is no line of a journal', async () => {
  const odd = ['null', '7', '{}', '{"kind":"step","iteration":1}', '{"kind":"step","itera'];
  await writeFile(path, [JSON.stringify(step(1)), ...odd].join('\n'));
  expect(await readJournal(path, schema)).toEqual([step(1)]);
  const notices: string[] = [];
  await rewindJournal(path, 5, (text) => notices.push(text));
  expect(notices).toEqual([`${path}: 4 of 5 lines are damaged and left out.`]);
  expect(await readFile(path, 'utf8')).toBe(`${JSON.stringify(step(1))}\n`);
});

it('leaves out lines with other figures than were written, but for their times', async () => {
  await rm(path, { force: true });
  for (const line of [step(1), step(2), step(3)]) await appendJournal(path, line);
  const texts = (await readFile(path, 'utf8')).split('\n');
  await writeFile(
    path,
    [texts[0]!.replace('0.5', '0.7'), texts[1]!.replace('-0.25', '-0.35'), ...texts.slice(2)].join('\n'),
  );
  expect(await readJournal(path, schema)).toEqual([{ ...step(1), seconds: 0.7 }, step(3)]);
});
