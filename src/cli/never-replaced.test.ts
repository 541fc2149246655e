import { execFile } from 'node:child_process';
import {
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { size, spacing, writeSmoothPatient } from '../../test/fixtures/smooth-patients.js';
import { tinyModelFile } from '../../test/fixtures/tiny-model.js';
import { lpsAffine, smoothHead } from '../../test/fixtures/volumes.js';
import { writeVolumeFile } from '../imaging/formats/volume-file.node.js';
import { addBidsCommand } from './add-bids-command.js';
import { addCheckCommand } from './add-check-command.js';
import { addEvaluateCommand } from './add-evaluate-command.js';
import { addReportCommand } from './add-report-command.js';
import { addTranslateCommand } from './add-translate-command.js';
import { addWeightsCommand } from './add-weights-command.js';

let folder: string;
let data: string;
let model: string;
const printed: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-kept-'));
  data = join(folder, 'data');
  model = await tinyModelFile(folder);
  await addPatient('p1', ['t1', 't2']);
  await addPatient('p2', ['t1', 't1ce', 't2', 'flair']);
  process.exitCode = undefined;
  printed.length = 0;
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
});
afterEach(async () => {
  process.exitCode = undefined;
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

const addPatient = (id: string, modalities: readonly string[]): Promise<void> =>
  writeSmoothPatient(data, id, modalities);
const scanOf = (id: string, name: string): string => join(data, id, `${id}_${name}.nii.gz`);

async function utad(...args: readonly string[]): Promise<void> {
  const program = new Command().exitOverride();
  addTranslateCommand(program);
  addBidsCommand(program);
  addWeightsCommand(program);
  addEvaluateCommand(program);
  addCheckCommand(program);
  addReportCommand(program);
  await program.parseAsync(['node', 'utad', ...args]);
}

const common = (): string[] => ['--model', model, '--threads', '1'];
const cohort = (): string[] => [...common(), '--jobs', '1'];

/** Every file of the data set with its content. */
async function contents(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const entry of await readdir(data, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isDirectory()) files.set(relative(data, path), (await readFile(path)).toString('latin1'));
  }
  return files;
}

/** Runs a call that must be refused, and requires that every scan is what it was. */
async function refusedAndKept(message: RegExp, ...args: readonly string[]): Promise<void> {
  const before = await contents();
  await expect(utad(...args)).rejects.toThrow(message);
  expect(await contents()).toEqual(before);
}

describe('a data set as the output by another name', () => {
  const names: Readonly<Record<string, () => Promise<string>>> = {
    'a symbolic link': async () => {
      await symlink('data', join(folder, 'linked'));
      return join(folder, 'linked');
    },
    'a link to a link': async () => {
      await symlink(data, join(folder, 'one'));
      await symlink('one', join(folder, 'two'));
      return join(folder, 'two');
    },
    'a roundabout path': async () => join(relative(process.cwd(), folder), 'data', '..', 'data', 'p1', '..'),
    'a link to the folder above': async () => {
      await symlink('.', join(folder, 'here'));
      return join(folder, 'here', 'data');
    },
    'a link to each patient': async () => {
      await mkdir(join(folder, 'out'));
      for (const id of ['p1', 'p2']) await symlink(join(data, id), join(folder, 'out', id));
      return join(folder, 'out');
    },
    'the name itself': async () => data,
    'a folder of the data set': async () => join(data, 'complete'),
  };
  for (const [name, make] of Object.entries(names))
    it(`is refused for a complete data set: ${name}`, async () => {
      const out = await make();
      for (const options of [
        ['--to', 'missing'],
        ['--to', 'all', '--from', 't1', '--force'],
      ])
        await refusedAndKept(
          /lies in the data set itself|is the data set itself/,
          ...['translate', data, ...options, '--complete', '--out', out, ...cohort()],
        );
    });

  it('is refused by a bind mount, where one can be made', async (context) => {
    const out = join(folder, 'bound');
    await mkdir(out);
    const run = promisify(execFile);
    if (!(await run('mount', ['--bind', data, out]).then(Boolean, () => false)))
      return context.skip('this system permits no bind mount');
    try {
      await refusedAndKept(
        /is the data set itself/,
        ...['translate', data, '--to', 'all', '--from', 't1', '--complete', '--force', '--out', out],
        ...cohort(),
      );
      for (const [name, message] of [
        ['t1', /this is the volume itself/],
        ['t2', /is not an unchanged output of utad/],
      ] as const)
        await refusedAndKept(
          message,
          ...['translate', scanOf('p1', 't1'), '--to', 't2', '--force'],
          ...['--out', join(out, 'p1', `p1_${name}.nii.gz`), ...common()],
        );
    } finally {
      await run('umount', [out]);
    }
  });

  it('takes synthetic volumes beside the scans, as the data set by its own name does', async () => {
    await symlink('data', join(folder, 'linked'));
    const scans = await contents();
    await utad('translate', data, '--to', 'missing', '--out', join(folder, 'linked'), ...cohort());
    const after = await contents();
    for (const [name, content] of scans) expect(after.get(name)).toBe(content);
    expect(after.has('p1/p1_flair-synthetic.nii.gz')).toBe(true);
    await utad('translate', data, '--to', 'missing', '--out', data, '--force', ...cohort());
    expect(process.exitCode).toBeUndefined();
  });

  it('is refused for a BIDS app, for evaluations and for checks', async () => {
    await symlink('data', join(folder, 'linked'));
    for (const out of [data, join(folder, 'linked')]) {
      await refusedAndKept(
        /output_dir: is the data set itself/,
        'bids',
        data,
        out,
        'participant',
        '--to',
        'missing',
      );
      await refusedAndKept(/holds the scans/, 'evaluate', data, '--out', out, ...cohort());
    }
  });
});

describe('a scan as the output by another name', () => {
  const names: Readonly<Record<string, () => Promise<string>>> = {
    itself: async () => scanOf('p1', 't1'),
    'a relative path': async () => relative(process.cwd(), scanOf('p1', 't1')),
    'a symbolic link': async () => {
      await symlink(scanOf('p1', 't1'), join(folder, 'link.nii.gz'));
      return join(folder, 'link.nii.gz');
    },
    'a hard link': async () => {
      await link(scanOf('p1', 't1'), join(folder, 'hard.nii.gz'));
      return join(folder, 'hard.nii.gz');
    },
    'a linked folder': async () => {
      await symlink(join(data, 'p1'), join(folder, 'linked'));
      return join(folder, 'linked', 'p1_t1.nii.gz');
    },
  };
  for (const [name, make] of Object.entries(names))
    it(`is refused: ${name}`, async () => {
      const out = await make();
      await refusedAndKept(
        /this is the volume itself|is an input|by another name/,
        ...['translate', scanOf('p1', 't1'), '--to', 't2', '--out', out, '--force', ...common()],
      );
    });

  it('is refused where only the case differs, on a system that takes both for one', async (context) => {
    const other = join(data, 'P1', 'P1_T1.NII.GZ');
    if (!(await stat(other).then(Boolean, () => false)))
      return context.skip('names in another case are others here');
    await refusedAndKept(
      /this is the volume itself|is an input|by another name/,
      ...['translate', scanOf('p1', 't1'), '--to', 't2', '--out', other, '--force', ...common()],
    );
  });

  it('is refused for another scan of the patient, a link that leads nowhere, and a JSON of a scanner', async () => {
    const call = (out: string): string[] => [
      ...['translate', scanOf('p1', 't1'), '--to', 'flair', '--out', out, '--force', ...common()],
    ];
    const kept = /exists in the data set .*p1 and is not an unchanged output of utad.*even with --force/;
    await refusedAndKept(kept, ...call(scanOf('p1', 't2')));
    await symlink('/nowhere/annex/object', scanOf('p1', 'flair'));
    await expect(utad(...call(scanOf('p1', 'flair')))).rejects.toThrow(kept);
    await rm(scanOf('p1', 'flair'));
    await writeFile(join(data, 'p1', 'p1_flair.json'), '{ "Manufacturer": "Siemens" }');
    await refusedAndKept(kept, ...call(scanOf('p1', 'flair')));
    await refusedAndKept(
      /p1_flair\.json: exists already/,
      ...call(scanOf('p1', 'flair')).filter((one) => one !== '--force'),
    );
  });

  it('replaces what it wrote itself, and not what took its place', async () => {
    const out = scanOf('p1', 'flair');
    const call = ['translate', scanOf('p1', 't1'), '--to', 'flair', '--out', out, ...common()];
    await utad(...call);
    await utad(...call, '--force');
    await rename(scanOf('p2', 'flair'), out);
    await refusedAndKept(/is not an unchanged output of utad/, ...call, '--force');
  });
});

describe('a scan that took the place of a synthetic volume', () => {
  it('is kept in a complete data set', async () => {
    const out = join(folder, 'complete');
    const call = ['translate', data, '--to', 'missing', '--complete', '--out', out, ...cohort()];
    await utad(...call);
    const late = join(out, 'p1', 'p1_flair.nii.gz');
    await writeVolumeFile(late, smoothHead(size, spacing), { description: 'dcm2niix' });
    const before = await readFile(late);
    await writeFile(scanOf('p1', 't2'), await readFile(scanOf('p2', 't2')));
    await writeFile(scanOf('p1', 't1'), await readFile(scanOf('p2', 't1')));
    await utad(...call);
    expect(await readFile(late)).toEqual(before);
    expect(process.exitCode).toBe(1);
    expect(printed.join('\n')).toMatch(/took the place of what utad translate wrote there/);
  });
});

describe('other outputs', () => {
  it('never replace the file that they are computed from', async () => {
    const small = join(folder, 'same.onnx');
    await symlink(model, small);
    const before = await readFile(model);
    await expect(utad('weights', model, '--half', '--out', small, '--force')).rejects.toThrow(
      /is the input .* by another name/,
    );
    await expect(
      utad('translate', scanOf('p1', 't1'), '--to', 't2', '--out', scanOf('p1', 't1'), '--mask-brain', small),
    ).rejects.toThrow();
    expect(await readFile(model)).toEqual(before);
  });

  it('are no mask that is read', async () => {
    const mask = join(folder, 'brain.nii.gz');
    await writeVolumeFile(mask, smoothHead(size, spacing, lpsAffine(spacing, size)));
    await expect(
      utad(
        ...['translate', scanOf('p1', 't1'), '--to', 't2', '--mask-brain', mask, '--out', mask, '--force'],
        ...common(),
      ),
    ).rejects.toThrow(/is an input/);
  });
});
