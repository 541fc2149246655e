import { createHash } from 'node:crypto';
import { access } from 'node:fs/promises';
import { requireChecksum } from '../../base/checksum.node.js';
import { fail } from '../../base/errors.js';
import { readInput } from '../../base/files.node.js';
import type { CaseFiles } from '../../datasets/case.js';
import { type Fusion, fusionTable, readFusion } from '../../translate/fusion.js';
import type { FusedFrom } from '../translation-job.js';

/** How several sources are fused: by learnt weights, or by their plain mean. */
export type FusionChoice = Fusion | 'mean';

/** Where weights lie that belong to a model file: `model.fusion.json` beside `model.onnx`. */
export function fusionBeside(model: string): string {
  return `${model.replace(/\.onnx$/i, '')}.fusion.json`;
}

/**
 * `--fuse` as a person gives it: `mean`, a file, or `true` for the weights beside the model file.
 *
 * @throws UtadError not-found, io or bad-file.
 */
export async function readFusionChoice(
  given: true | string,
  model: { readonly path: string; readonly sha256: string },
): Promise<FusionChoice> {
  if (given === 'mean') return 'mean';
  if (given !== true) return readFusionFile(given, model.sha256);
  const path = fusionBeside(model.path);
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (isThere) return readFusionFile(path, model.sha256);
  return fail('not-found', {
    where: '--fuse',
    expected: `weights beside the model file, ${path}`,
    got: 'none',
    todo: 'Learn them with utad evaluate --fuse --write-fusion, or name a file, or mean.',
  });
}

/** Reads weights that were learnt before. @throws UtadError not-found, io or bad-file. */
export async function readFusionFile(path: string, modelSha256: string): Promise<Fusion> {
  const text = new TextDecoder().decode(await readInput(path));
  const fusion = readFusion(text, path, modelSha256);
  requireChecksum(JSON.parse(text), path);
  return fusion;
}

/** Sources to fuse, the first of them apart. */
interface ChosenSources {
  /** All of them, joined by ` + `. */
  readonly source: string;
  readonly from: CaseFiles['modalities'][string];
  readonly chosenBy: string;
  readonly fused: FusedFrom;
}

/**
 * Chooses what a modality is fused from: all other modalities of the patient; where no weights were learnt for these,
 * the largest set of them that has weights.
 *
 * @param modalities the model's
 * @returns nothing where there are not two sources with weights: the modality is translated from one then
 */
export function chooseSources(
  target: string,
  { modalities: files }: Pick<CaseFiles, 'modalities'>,
  modalities: readonly string[],
  choice: FusionChoice,
): ChosenSources | undefined {
  const usable = modalities.filter((name) => name !== target && files[name] !== undefined);
  const chosen =
    choice === 'mean' ? { sources: usable, weights: null } : largestTable(choice, target, usable);
  if (chosen === undefined || chosen.sources.length < 2) return undefined;
  const { sources, weights } = chosen;
  const [from, ...more] = sources.map((name) => files[name]!);
  return {
    source: sources.join(' + '),
    from: from!,
    chosenBy:
      weights === null ? 'fused: plain mean' : `fused: weights learnt from ${chosen.patients} patients`,
    fused: {
      sources,
      more,
      weights,
      key: weights === null ? 'mean' : createHash('sha256').update(JSON.stringify(weights)).digest('hex'),
    },
  };
}

/** All modalities of a patient, which a network of any sources is given together. */
export function jointSources(
  target: string,
  { modalities: files }: Pick<CaseFiles, 'modalities'>,
  modalities: readonly string[],
): ChosenSources | undefined {
  const sources = modalities.filter((name) => name !== target && files[name] !== undefined);
  if (sources.length < 2) return undefined;
  const [from, ...more] = sources.map((name) => files[name]!);
  return {
    source: sources.join(' + '),
    from: from!,
    chosenBy: 'every modality that is there',
    fused: { sources, more, weights: null, key: 'joint', joint: true },
  };
}

function largestTable(fusion: Fusion, target: string, usable: readonly string[]) {
  const whole = fusionTable(fusion, target, usable);
  if (whole) return whole;
  return fusion.tables
    .filter((one) => one.target === target && one.sources.every((name) => usable.includes(name)))
    .sort((a, b) => b.sources.length - a.sources.length)[0];
}
