import { resolve } from 'node:path';
import { fail } from '../base/errors.js';
import { wholeNumber } from '../base/whole-number.js';
import { modelHash } from '../cohort/open-model.js';
import type { CaseFiles } from '../datasets/case.js';
import { chooseSplit } from '../datasets/choose-cases.node.js';
import type { DataSet } from '../datasets/data-set.js';
import type { DataSetFlags } from '../datasets/data-set-options.js';
import {
  resolveSegmentationConfiguration,
  type SegmentationConfiguration,
} from '../methods/segmenter-configuration.js';
import { chooseSource } from '../translate/choose-source.js';
import type { ModelMetadata } from '../translate/model-metadata.js';
import type { Sources } from './downstream-plan.js';

/** What `utad downstream` is called with. */
export interface DownstreamOptions extends DataSetFlags {
  readonly model: string;
  readonly missing: string;
  readonly out: string;
  readonly from?: string;
  readonly preset: string;
  readonly set: Readonly<Record<string, unknown>>;
  readonly iterations?: string;
  readonly dryRun?: boolean;
  readonly split?: string;
  readonly device: string;
  readonly threads?: string;
}

/** Everything that decides an experiment; the same again when it is continued. */
export interface DownstreamSettings {
  readonly dataSet: string;
  readonly model: { readonly path: string; readonly sha256: string };
  readonly sources: Sources;
  readonly configuration: SegmentationConfiguration;
  readonly train: readonly string[];
  readonly test: readonly string[];
}

/** What the options and the data ask for, and the patients by name. @throws UtadError bad-argument or bad-value. */
export async function planDownstream(
  dataSet: DataSet,
  metadata: ModelMetadata,
  options: DownstreamOptions,
): Promise<{ readonly settings: DownstreamSettings; readonly cases: ReadonlyMap<string, CaseFiles> }> {
  const modalities = metadata.model.modalities.filter((name) => dataSet.modalities.includes(name));
  const missing =
    options.missing === 'each' ? modalities : options.missing.split(',').map((name) => name.trim());
  const configuration = resolveSegmentationConfiguration(options.preset, {
    ...options.set,
    'model.modalities': modalities,
    'data.modalityDropout': 0,
    ...(options.iterations === undefined
      ? {}
      : { 'schedule.iterations': wholeNumber('--iterations', options.iterations, 1, 1e9) }),
  });
  const whole = dataSet.cases.filter(
    (one) => one.mask !== undefined && modalities.every((name) => one.modalities[name] !== undefined),
  );
  const {
    seed,
    validation: { fraction: validationFraction },
  } = configuration;
  const among = (ids: readonly string[]): string[] => ids.filter((id) => whole.some((one) => one.id === id));
  const split = await chooseSplit(dataSet, () => whole, { split: options.split, seed, validationFraction });
  const [train, test] = [split.train, split.validation].map((side) => among(side.map(({ id }) => id))) as [
    string[],
    string[],
  ];
  if (train.length === 0 || test.length === 0) {
    fail('bad-value', {
      where: dataSet.folder,
      expected: `patients with a mask and all of ${modalities.join(', ')} to learn from and to test on`,
      got: `${train.length} and ${test.length}`,
      todo: 'Add complete patients, or give another --split.',
    });
  }
  return {
    settings: {
      dataSet: dataSet.folder,
      model: { path: resolve(options.model), sha256: await modelHash(options.model) },
      sources: sourcesOf(missing, modalities, metadata, options.from),
      configuration,
      train,
      test,
    },
    cases: new Map(whole.map((one) => [one.id, one])),
  };
}

function sourcesOf(
  missing: readonly string[],
  modalities: readonly string[],
  metadata: ModelMetadata,
  from: string | undefined,
): Sources {
  const strange = [...missing, ...(from === undefined ? [] : [from])].find(
    (name) => !modalities.includes(name),
  );
  if (strange !== undefined)
    fail('bad-argument', { where: '--missing, --from', expected: modalities.join(', '), got: strange });
  return Object.fromEntries(
    missing.map((target) => {
      const chosen = chooseSource(target, modalities, metadata, from);
      if (chosen !== undefined) return [target, chosen.source];
      const expected = `another modality than ${target} to make it from`;
      return fail('bad-argument', { where: '--from', expected, got: from ?? 'none' });
    }),
  );
}

/** The experiment, for messages of its folder. */
export const downstreamKind = {
  command: 'utad downstream',
  began: 'the experiment that this folder began with',
  other: 'other patients, settings or another translator',
} as const;
