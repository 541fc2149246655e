import { afterEach, expect, it, vi } from 'vitest';
import { utadProgram } from './program.js';

afterEach(() => vi.restoreAllMocks());

/** What `utad graph` prints as JSON. */
async function describe(...options: string[]): Promise<{
  readonly name: string;
  readonly nodes: number;
  readonly parameters: Readonly<Record<string, number>>;
}> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  const program = await utadProgram(['graph']);
  await program.parseAsync(['node', 'utad', 'graph', '--preset', 'tiny', '--json', ...options]);
  return JSON.parse(String(log.mock.lastCall?.[0]));
}

it('describes the translation of each stage as it is computed: a teacher cuts out its tumour', async () => {
  const teacher = await describe('--program', 'translation', '--stage', 'teacher');
  const student = await describe('--program', 'translation', '--stage', 'student');
  expect(teacher.name).toBe('teacher translation');
  expect(student.name).toBe('student translation');
  expect(teacher.nodes).toBeGreaterThan(student.nodes);
  expect(teacher.parameters).toEqual(student.parameters);
});

it('describes programs of a configuration with other fields', async () => {
  const total = ({ parameters }: Awaited<ReturnType<typeof describe>>): number =>
    Object.values(parameters).reduce((sum, count) => sum + count, 0);
  const usual = await describe('--program', 'translation');
  const wide = await describe('--program', 'translation', '--set', 'model.baseChannels=16');
  expect(total(wide)).toBeGreaterThan(total(usual));
});
