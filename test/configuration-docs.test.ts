import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { configurationFields, configurationJsonSchema } from '../src/base/configuration-fields.js';
import { configurationKinds } from '../src/runs/configuration-kinds.js';
import { configurationPage } from '../src/runs/configuration-page.js';

const docs = (name: string): Promise<string> => readFile(new URL(`../docs/${name}`, import.meta.url), 'utf8');

it('docs/configuration.md is what `utad config --markdown` prints', async () => {
  expect(await docs('configuration.md')).toBe(configurationPage());
});

it.each([
  ['configuration.schema.json', 'training', 'utad config --schema'],
  ['segmenter-configuration.schema.json', 'segmenter', 'utad config --segmenter --schema'],
] as const)('docs/%s holds the schema of a %s as `%s` prints it', async (file, kind, _command) => {
  const schema = configurationJsonSchema(configurationKinds[kind].schema);
  expect(JSON.parse(await docs(file))).toEqual(JSON.parse(JSON.stringify(schema)));
});

it.each(Object.entries(configurationKinds))('every field of a %s says what it means', (_, { schema }) => {
  const fields = configurationFields(schema);
  expect(fields.length).toBeGreaterThan(20);
  for (const { name, meaning, range } of fields) {
    expect(meaning, name).toMatch(/\w{3}/);
    expect(range, name).not.toBe('');
  }
});
