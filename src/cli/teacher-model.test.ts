import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { writeHeadPatients } from '../../test/fixtures/head-patients.js';
import { tinyConfiguration, tinyGenerator, tinyMetadata } from '../../test/fixtures/tiny-model.js';
import { tinySegmenterFile } from '../../test/fixtures/tiny-segmenter.js';
import { encodeSafetensors } from '../engine/files/safetensors.js';
import { reportFileSchema } from '../evaluate/report-schema.js';
import { readVolumeFile, writeVolumeFile } from '../imaging/formats/volume-file.node.js';
import { loadModel } from '../translate/model.node.js';
import { translateVolume } from '../translate/translate-volume.js';
import { writeModel } from '../translate/write-model.js';
import { addCheckCommand } from './add-check-command.js';
import { addEvaluateCommand } from './add-evaluate-command.js';
import { addTranslateCommand } from './add-translate-command.js';
import { addWeightsCommand } from './add-weights-command.js';

let folder: string;
let data: string;
let teacher: string;
let student: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-teacher-'));
  data = join(folder, 'data');
  [teacher, student] = [join(folder, 'teacher.onnx'), join(folder, 'student.onnx')];
  await writeHeadPatients(data);
  const model = { ...tinyConfiguration, tumourMask: true };
  await writeFile(teacher, writeModel(tinyGenerator(), tinyMetadata({ model })));
  await writeFile(student, writeModel(tinyGenerator(), tinyMetadata()));
  process.exitCode = undefined;
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  for (const level of ['log', 'error'] as const) vi.spyOn(console, level).mockReturnValue(undefined);
});
afterEach(async () => {
  process.exitCode = undefined;
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

async function utad(add: (program: Command) => void, ...words: readonly string[]): Promise<void> {
  const program = new Command().exitOverride();
  add(program);
  await program.parseAsync(['node', 'utad', ...words]);
}
const translate = (...words: readonly string[]): Promise<void> =>
  utad(addTranslateCommand, 'translate', ...words);

const file = (id: string, ending: string): string => join(data, id, `${id}_${ending}.nii.gz`);

/** Another tumour on the same grid. */
async function writeOtherMask(path: string): Promise<void> {
  const mask = await readVolumeFile(file('a', 'seg'));
  await writeVolumeFile(path, { ...mask, data: mask.data.map((_, i) => Number(i % 30 === 16)) });
}

describe('a teacher as a model file', () => {
  it('makes of a volume what its network makes of slices and the tumour that the mask cuts out', async () => {
    const [out, other] = [join(folder, 'made.nii.gz'), join(folder, 'other.nii.gz')];
    await writeOtherMask(join(folder, 'mask.nii.gz'));
    await translate(
      file('a', 't1'),
      '--to',
      't2',
      '--out',
      out,
      '--model',
      teacher,
      '--mask',
      file('a', 'seg'),
    );
    await translate(
      file('a', 't1'),
      '--to',
      't2',
      '--out',
      other,
      '--model',
      teacher,
      '--mask',
      join(folder, 'mask.nii.gz'),
    );
    const [made, elsewhere] = [await readVolumeFile(out), await readVolumeFile(other)];
    expect(made.data).not.toEqual(elsewhere.data);

    const model = await loadModel(teacher, { threads: 1 });
    const [scan, mask] = [await readVolumeFile(file('a', 't1')), await readVolumeFile(file('a', 'seg'))];
    const tumour = { volume: mask };
    const again = await translateVolume(scan, { model, source: 't1', target: 't2', tumour });
    expect(made.data).toEqual(again.data);
    await model.close();
  });

  it('wants a mask on the volume’s grid, and a student none', async () => {
    const words = [file('a', 't1'), '--to', 't2', '--out', join(folder, 'made.nii.gz')];
    await expect(translate(...words, '--model', teacher)).rejects.toThrow(
      'teacher.onnx is a teacher model. Name the mask with --mask, or use a student model.',
    );
    await expect(translate(...words, '--model', student, '--mask', file('a', 'seg'))).rejects.toThrow(
      'student.onnx takes no tumour mask',
    );
    await expect(
      translate(...words, '--model', teacher, '--mask', file('a', 'seg'), '--check'),
    ).rejects.toThrow('--check: not possible with a teacher model');
    const small = join(folder, 'small.nii.gz');
    const mask = await readVolumeFile(file('a', 'seg'));
    await writeVolumeFile(small, { ...mask, size: [30, 30, 5], data: mask.data.slice(0, 4500) });
    await expect(translate(...words, '--model', teacher, '--mask', small)).rejects.toThrow(
      'small.nii.gz: expected the grid of its image',
    );
  });

  it('takes a data set’s own masks, says who has none, and makes anew where a mask has changed', async () => {
    await rm(file('b', 'seg'));
    const out = join(folder, 'made');
    const all = (): Promise<void> =>
      translate(data, '--to', 'flair', '--out', out, '--model', teacher, '--jobs', '1', '--threads', '1');
    await all();
    expect(process.exitCode).toBe(1);
    const made = join(out, 'a', 'a_flair-synthetic.nii.gz');
    const first = await readVolumeFile(made);
    await expect(stat(join(out, 'b', 'b_flair-synthetic.nii.gz'))).rejects.toThrow('ENOENT');
    const said = vi.mocked(console.error).mock.calls.concat(vi.mocked(console.log).mock.calls).join('\n');
    expect(said).toContain("b: expected a tumour mask, as the model is a teacher's, got none.");

    const { mtimeMs } = await stat(made);
    await all();
    expect((await stat(made)).mtimeMs).toBe(mtimeMs);
    await writeOtherMask(file('a', 'seg'));
    await all();
    expect((await readVolumeFile(made)).data).not.toEqual(first.data);
  });

  it('is judged with the patients’ masks', async () => {
    const scoreOf = async (model: string, name: string): Promise<number> => {
      const out = join(folder, name);
      await utad(
        addEvaluateCommand,
        'evaluate',
        data,
        '--model',
        model,
        '--out',
        out,
        '--every',
        '1',
        '--jobs',
        '1',
      );
      const text = await readFile(join(out, 'report.json'), 'utf8');
      return reportFileSchema.parse(JSON.parse(text)).mean.brain.mae;
    };
    expect(await scoreOf(teacher, 'with')).not.toBe(await scoreOf(student, 'without'));
  });

  it('is refused where there is no mask to give it', async () => {
    const segmenter = await tinySegmenterFile(folder, { modalityDropout: 0 });
    const words = [
      'check',
      data,
      '--model',
      teacher,
      '--segmenter',
      segmenter,
      '--out',
      join(folder, 'checked'),
    ];
    await expect(utad(addCheckCommand, ...words, '--jobs', '1')).rejects.toThrow(
      'tumour mask: expected one, as this is the model of a teacher, got none',
    );
  });

  it('comes out of a checkpoint that says so, or of weights that a person says it of', async () => {
    const configuration = {
      ...tinyConfiguration,
      fieldOfViewMm: 256,
      lowPercentile: 0.5,
      highPercentile: 99.5,
    };
    const tensors = Object.fromEntries(
      Object.entries(tinyGenerator()).map(([name, value]) => [`G.${name}`, value]),
    );
    const checkpoint = join(folder, 'c.safetensors');
    const made = async (stage: string, ...words: readonly string[]): Promise<boolean | undefined> => {
      const said = stage === '' ? {} : { configuration: JSON.stringify(configuration), stage };
      await writeFile(checkpoint, encodeSafetensors(stage === '' ? tinyGenerator() : tensors, said));
      const out = join(folder, `made-${stage}.onnx`);
      await utad(addWeightsCommand, 'weights', checkpoint, '--out', out, '--force', ...words);
      const model = await loadModel(out, { threads: 1 });
      await model.close();
      return model.metadata.model.tumourMask;
    };
    expect(await made('teacher')).toBe(true);
    expect(await made('student')).toBeUndefined();
    expect(await made('', '--side', '32')).toBeUndefined();
    expect(await made('', '--side', '32', '--teacher')).toBe(true);
    await expect(made('student', '--teacher')).rejects.toThrow('--teacher: the file itself contains this');
  });
});
