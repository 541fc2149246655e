import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { findJson, readJson, readJsonAs, readJsonObject, writeJson } from './json.node.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-json-'));
  await writeFile(at('broken.json'), '{"name": ');
  await writeFile(at('list.json'), '[1, 2]');
});
afterAll(() => rm(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

describe('files of JSON', () => {
  const schema = z.object({ name: z.string(), sizes: z.array(z.int()) });
  const kind = { expected: 'a box', todo: 'Pack it again.' };
  const box = { name: 'a', sizes: [1, 2] };

  it('come back as they were written', async () => {
    await writeJson(at('box.json'), box);
    expect(await readFile(at('box.json'), 'utf8')).toBe(
      '{\n  "name": "a",\n  "sizes": [\n    1,\n    2\n  ]\n}\n',
    );
    expect(await readJson(at('box.json'))).toEqual(box);
    expect(await readJsonAs(at('box.json'), schema, kind)).toEqual(box);
    expect(await readJsonObject(at('box.json'))).toEqual(box);
    expect(await findJson(at('box.json'), schema)).toEqual(box);
    await writeJson(at('box.json'), { name: 'b' }, 1);
    expect(await readFile(at('box.json'), 'utf8')).toBe('{\n "name": "b"\n}\n');
  });

  it('are refused with the first field that is wrong', async () => {
    await writeJson(at('wrong.json'), { name: 'a', sizes: [1, 'two'] });
    await expect(readJsonAs(at('wrong.json'), schema, kind)).rejects.toMatchObject({
      code: 'bad-file',
      message: `${at('wrong.json')}: expected a box, got sizes.1: Invalid input: expected number, received string. Pack it again.`,
    });
    expect(await findJson(at('wrong.json'), schema)).toBeUndefined();
    await expect(readJsonObject(at('list.json'))).rejects.toThrow(
      'list.json: expected a JSON object of fields',
    );
  });

  it('are refused where they are not there or no JSON', async () => {
    await expect(readJson(at('none.json'))).rejects.toMatchObject({ code: 'not-found' });
    await expect(readJsonAs(at('none.json'), schema, kind)).rejects.toMatchObject({ code: 'not-found' });
    await expect(readJson(at('broken.json'))).rejects.toThrow(/broken\.json: expected JSON, got .*JSON/);
    await expect(readJsonAs(at('broken.json'), schema, kind)).rejects.toThrow(
      'broken.json: expected a box, got text that is not JSON. Pack it again.',
    );
    expect(await findJson(at('none.json'), schema)).toBeUndefined();
    expect(await findJson(at('broken.json'), schema)).toBeUndefined();
  });
});
