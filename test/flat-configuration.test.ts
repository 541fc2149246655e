import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { convertEarlier } from '../src/base/earlier-fields.js';
import { earlierSegmentationFields, segmentationPresets } from '../src/methods/segmenter-configuration.js';
import { segmenterMethod } from '../src/methods/segmenter-method.js';
import { utadMethod } from '../src/methods/utad.js';
import { readSegmenterRecord, readTranslatorRecord } from '../src/runs/run-folder.js';
import { readSegmenterMetadata } from '../src/segmentation/segmenter.node.js';
import { loadBest, loadCheckpoint } from '../src/training/checkpoint.node.js';
import { earlierTrainingFields } from '../src/training/earlier-configuration.js';
import { presets, resolveConfiguration } from '../src/training/presets.js';
import { readModelMetadata } from '../src/translate/read-model.js';

/**
 * Files that version 0.1.0 wrote: a run of the preset tiny with pairs (a teacher and a narrower student with one slice of
 * context), the run of a published teacher, a segmenter's run, and its presets.
 */
const folder = fileURLToPath(new URL('fixtures/flat-configuration', import.meta.url));
const at = (...names: string[]): string => join(folder, ...names);

describe('what version 0.1.0 wrote', () => {
  it('presets are those of today', async () => {
    const earlier = JSON.parse(await readFile(at('presets.json'), 'utf8')) as Record<
      'training' | 'segmenter',
      Record<string, Record<string, unknown>>
    >;
    expect(Object.keys(presets)).toEqual(expect.arrayContaining(Object.keys(earlier.training)));
    for (const [name, preset] of Object.entries(presets)) {
      const fields = earlier.training[name];
      // Some presets came later.
      if (fields === undefined) continue;
      const converted = convertEarlier(fields, earlierTrainingFields, name);
      expect(resolveConfiguration('paper', converted), name).toEqual(preset);
    }
    for (const [name, preset] of Object.entries(segmentationPresets))
      expect(preset).toMatchObject(
        convertEarlier(earlier.segmenter[name]!, earlierSegmentationFields, name) as object,
      );
  });

  it('the record of a run', async () => {
    const { configuration } = await readTranslatorRecord(at('run'));
    expect(configuration).toEqual(
      resolveConfiguration('tiny', {
        model: {
          sliceSide: 32,
          levels: 2,
          baseChannels: 2,
          studentBaseChannels: 1,
          contextSlices: 1,
          criticBaseChannels: 2,
          criticLayers: 4,
        },
        data: { paired: true },
        schedule: { batchSize: 2, iterations: 3, checkpointEvery: 2 },
        validation: { slices: 2, every: 2 },
      }),
    );
    const published = (await readTranslatorRecord(at('published'))).configuration;
    expect(published.losses).toEqual(presets.paper.losses);
    expect(published.model).toMatchObject({ contextSlices: 0, brainMaskChannel: false, baseChannels: 2 });
  });

  it('checkpoints of a teacher and of a student', async () => {
    const { configuration } = await readTranslatorRecord(at('run'));
    const teacher = await loadBest(at('run', 'teacher'), utadMethod(configuration, 'teacher'));
    expect(teacher.method).toBe('teacher');
    const path = at('run', 'student', 'iteration-0000003.safetensors');
    const student = await loadCheckpoint(path, utadMethod(configuration, 'student'));
    expect([student.method, student.iteration]).toEqual(['student', 3]);
    expect(Object.keys(student.tensors)).toContain('adapter.weight');
  });

  it('model files, which are of format 2', async () => {
    const metadataOf = async (...names: string[]) =>
      readModelMetadata(new Uint8Array(await readFile(at(...names))), names.join('/'));
    const student = await metadataOf('run', 'model.onnx');
    expect(student.formatVersion).toBe(2);
    expect(student.model).toEqual({
      modalities: ['t1', 't1ce', 't2', 'flair'],
      sliceSide: 32,
      levels: 2,
      baseChannels: 1,
      contextSlices: 1,
      brainMaskChannel: true,
      targetConditioning: true,
      sourceConditioning: true,
    });
    expect((await metadataOf('run', 'teacher.onnx')).model).toMatchObject({
      baseChannels: 2,
      tumourMask: true,
    });
    expect((await metadataOf('published', 'teacher.onnx')).model).toMatchObject({
      contextSlices: 0,
      targetConditioning: false,
    });
  });

  it('a segmenter: record, checkpoint and file', async () => {
    const { configuration } = await readSegmenterRecord(at('segmenter'));
    expect(configuration.model).toMatchObject({ baseChannels: 2, regions: ['whole', 'core', 'enhancing'] });
    expect(configuration.losses).toEqual({ dice: 1, crossEntropy: 1 });
    const best = await loadBest(at('segmenter', 'segmenter'), segmenterMethod(configuration));
    expect(best.iteration).toBe(2);
    const file = new Uint8Array(await readFile(at('segmenter', 'segmenter.onnx')));
    expect(readSegmenterMetadata(file, 'segmenter.onnx').model).toEqual(configuration.model);
  });
});
