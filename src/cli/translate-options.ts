import { resolve } from 'node:path';
import { fail, refuse } from '../base/errors.js';
import { readInput } from '../base/files.node.js';
import { wholeNumber } from '../base/whole-number.js';
import { modelHash } from '../cohort/open-model.js';
import { readFusionChoice } from '../cohort/plan/fusion-choice.js';
import type { Targets, TranslationRequest } from '../cohort/plan/translation-request.js';
import type { TranslateSettings } from '../cohort/translation-job.js';
import { formatNamed } from '../imaging/formats/formats.js';
import { defaultReadLimits, type ReadLimits } from '../imaging/read-limits.js';
import { readSegmenterMetadata } from '../segmentation/segmenter.node.js';
import { requireKnownModalities } from '../survival/find-tumour.js';
import { readModelFileMetadata } from '../translate/model-file-metadata.node.js';
import type { ModelMetadata } from '../translate/model-metadata.js';
import { modalityNamed } from '../translate/translate-volume.js';
import type { TranslateFlags } from './add-translate-options.js';

/**
 * What is to be translated into, once the options are known to fit the model and each other.
 *
 * @throws UtadError bad-argument when they do not.
 */
export function requireTargets(options: TranslateFlags, metadata: ModelMetadata): Targets {
  const { modalities } = metadata.model;
  const to = readTargets(options.to, modalities);
  requireWideRange(options, metadata, typeof to === 'string' ? modalities : to);
  requireCheckable(options, metadata);
  requireFusible(options);
  return to;
}

function readTargets(text: string, modalities: readonly string[]): Targets {
  if (text === 'missing' || text === 'all') return text;
  const names = text.split(',').map((name) => name.trim());
  return [...new Set(names.map((name) => modalityNamed(modalities, name, '--to')))];
}

/** Refuses whole numbers for a model whose values span too few of them. */
function requireWideRange(
  { datatype }: TranslateFlags,
  { valueRanges }: ModelMetadata,
  targets: readonly string[],
): void {
  if (datatype !== 'int16') return;
  for (const target of targets) {
    const { low, high } = valueRanges[target]!;
    if (high - low >= 50) continue;
    fail('bad-argument', {
      where: '--datatype int16',
      expected: 'a model whose values span at least 50 whole numbers',
      got: `${low} to ${high} for ${target}`,
      todo: 'Use float32.',
    });
  }
}

/** A teacher has no mask for the way back from a translation. */
function requireCheckable({ check, model: file }: TranslateFlags, { model }: ModelMetadata): void {
  if (!model.tumourMask || !check) return;
  refuse('bad-argument', {
    where: '--check',
    problem: `not possible with a teacher model, ${file}`,
    todo: 'Leave it out, or use a student model.',
  });
}

function requireFusible({ fuse, spread, from, format, check }: TranslateFlags): void {
  const refuseOption = (where: string, problem: string, todo = ''): never =>
    refuse('bad-argument', { where, problem, todo });
  if (fuse === undefined) {
    if (spread) refuseOption('--spread', 'requires --fuse');
    return;
  }
  if (from !== undefined) refuseOption('--fuse', 'cannot be combined with --from');
  if (check) {
    const todo = 'Use --spread to see where the sources contradict each other.';
    refuseOption('--fuse', 'cannot be combined with --check, which needs a single source', todo);
  }
  if (format !== undefined && formatNamed(format).kind === 'series') {
    const todo = 'Name the series to translate with --from.';
    refuseOption('--fuse', `cannot be combined with --format ${format}, which needs a single source`, todo);
  }
}

/**
 * The part of a request that is the same in every command.
 *
 * @throws UtadError bad-argument for options that contradict each other; as reading the networks and weights does.
 */
export async function commonRequest(
  options: TranslateFlags & Required<Pick<TranslateFlags, 'format'>>,
  to: Targets,
): Promise<TranslationRequest> {
  const { from, out, fuse, spread, maskBrain } = options;
  const settings = await settingsOf(options);
  return {
    ...{ to, out, settings },
    ...(from === undefined ? {} : { from }),
    ...(fuse === undefined ? {} : { fuse: await readFusionChoice(fuse, settings.model) }),
    ...(spread ? { spread } : {}),
    ...(maskBrain === undefined ? {} : { maskBrain }),
  };
}

async function settingsOf(
  options: TranslateFlags & Required<Pick<TranslateFlags, 'format'>>,
): Promise<TranslateSettings> {
  const { device, threads, datatype, format, skullStrip, maskBrain, check, segmenter } = options;
  const { kind, title } = formatNamed(format);
  if (kind === 'series' && datatype !== undefined) {
    const problem = `does not apply to ${title} output`;
    refuse('bad-argument', { where: '--datatype', problem, todo: 'Leave it out.' });
  }
  if (skullStrip !== undefined && maskBrain !== undefined)
    refuse('bad-argument', { where: '--skull-strip', problem: 'cannot be combined with --mask-brain' });
  if (segmenter !== undefined && !check)
    refuse('bad-argument', { where: '--segmenter', problem: 'requires --check' });
  return {
    model: { path: resolve(options.model), sha256: await modelHash(options.model) },
    device,
    threads: threads === undefined ? null : wholeNumber('--threads', threads, 1, 256),
    datatype: datatype ?? 'float32',
    format,
    skullStrip: skullStrip === undefined ? null : resolve(skullStrip),
    check: check ? { segmenter: await segmenterOf(options) } : null,
    limits: limitsOf(options),
    force: options.force === true,
  };
}

/** The network that segments the tumour. @throws UtadError bad-argument when it lacks a modality of the model. */
async function segmenterOf({
  segmenter,
  model,
}: TranslateFlags): Promise<NonNullable<TranslateSettings['check']>['segmenter']> {
  if (segmenter === undefined) return null;
  const metadata = readSegmenterMetadata(await readInput(segmenter), segmenter);
  requireKnownModalities(metadata, (await readModelFileMetadata(model)).model.modalities, segmenter);
  return { path: resolve(segmenter), sha256: await modelHash(segmenter) };
}

/** The limits of `--max-voxels` and `--max-bytes`. @throws UtadError bad-argument. */
export function limitsOf({
  maxVoxels,
  maxBytes,
}: Pick<TranslateFlags, 'maxVoxels' | 'maxBytes'>): ReadLimits {
  const { maximumVoxels, maximumBytes } = defaultReadLimits;
  const limit = (where: string, text: string | undefined, otherwise: number): number =>
    text === undefined ? otherwise : wholeNumber(where, text, 1, Number.MAX_SAFE_INTEGER);
  return {
    maximumVoxels: limit('--max-voxels', maxVoxels, maximumVoxels),
    maximumBytes: limit('--max-bytes', maxBytes, maximumBytes),
  };
}
