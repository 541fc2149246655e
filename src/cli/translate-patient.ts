import { readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fail, UtadError } from '../base/errors.js';
import { sidecarOf } from '../datasets/synthetic.node.js';
import { backgroundOf, foregroundOf } from '../imaging/foreground.js';
import type { PreparedVolume } from '../imaging/prepare.js';
import { completeRecipe, type PreparationRecipe } from '../imaging/recipe.js';
import { type HeadOnGrid, whyNotRegistered } from '../imaging/registration.js';
import type { Volume } from '../imaging/volume.js';
import { readVolume } from '../imaging/volume-file.node.js';
import { describeSource, type VolumeSource } from '../imaging/volume-source.js';
import { fuseVolumes, type SourceTranslation } from '../translate/fuse-volumes.js';
import type { ModelMetadata } from '../translate/model-metadata.js';
import { warningsAbout } from '../translate/source-warnings.js';
import { makeModality, prepareSource } from '../translate/translate-volume.js';
import { fingerprintOf, fingerprintOfSource, fingerprintsOnce } from './fingerprint.js';
import { attempt, failureOf } from './jobs/attempt.js';
import type { JobContext, JobRunner } from './jobs/job.js';
import { type OpenModel, openModelOnce } from './open-model.js';
import { checkAndWrite, otherScans } from './translate-check.js';
import { putBeside } from './translate-companion.js';
import type { Companion, TranslateSettings, Translation } from './translate-settings.js';
import { isFinished, isSidecar, type Provenance } from './translate-sidecar.js';
import { writeMade } from './translate-write.js';

/** The work on one patient: every volume to make, and the scans to put beside. */
export interface TranslatePatientRun {
  readonly kind: 'translate-patient';
  readonly patient: string;
  readonly settings: TranslateSettings;
  readonly translations: readonly Translation[];
  /** The patient's scans by modality, which should show the same head in the same place. */
  readonly scans: Readonly<Record<string, VolumeSource>>;
  /** A brain mask, where the scans are not cut out. */
  readonly brain: VolumeSource | null;
  readonly companions: readonly Companion[];
}

/** What became of one volume. */
export interface TranslationResult {
  readonly target: string;
  readonly source: string;
  readonly out: string;
  readonly chosenBy: string;
  /** `kept`: it was there already, made of the same source by the same model. */
  readonly status: 'made' | 'kept' | 'failed';
  readonly message?: string;
}

/** What became of one patient. */
export interface TranslatePatientResult {
  readonly translations: readonly TranslationResult[];
  readonly warnings: readonly string[];
}

/** Does the jobs of patients; the model stays loaded between them. */
export function translatePatientRunner(): JobRunner<TranslatePatientRun, TranslatePatientResult> {
  const models = openModelOnce();
  return {
    run: ({ id, run }, context) => {
      const results: Results = new Map();
      return attempt(
        id,
        context.signal,
        async () => ({
          warnings: await translatePatient(run, results, context, models.open),
          translations: [...results.values()],
        }),
        () => ({ translations: [...results.values()], warnings: [] }),
      );
    },
    close: models.close,
  };
}

/** What became of the volumes so far. */
type Results = Map<Translation, TranslationResult>;

/** A source that is read and prepared. */
interface Head {
  readonly source: string;
  readonly volume: Volume;
  readonly prepared: PreparedVolume;
  /** Where it has brain, in the volume's own order. */
  readonly brain: Uint8Array;
  /** A brain mask, where it is not cut out. */
  readonly found?: Volume;
}

interface Pending {
  readonly translation: Translation;
  readonly provenance: Provenance;
}

/** Makes what is not finished yet, and notes what becomes of each volume. @returns warnings about the sources */
async function translatePatient(
  run: TranslatePatientRun,
  results: Results,
  context: JobContext,
  open: (settings: TranslateSettings) => Promise<OpenModel>,
): Promise<readonly string[]> {
  const pending: Pending[] = [];
  const fingerprint = fingerprintsOnce();
  for (const translation of run.translations) {
    await trying(translation, results, async () => {
      const provenance = await provenanceOf(translation, run, fingerprint);
      const { out } = translation;
      const outs = [out, ...(translation.spreadOut === undefined ? [] : [translation.spreadOut])];
      const isDone = async (path: string): Promise<boolean> =>
        isFinished(sidecarOf(path), path, path === out ? provenance : spreadProvenance(provenance));
      if (!run.settings.force && (await Promise.all(outs.map(isDone))).every(Boolean))
        results.set(translation, resultOf(translation, 'kept'));
      else {
        for (const path of outs) {
          if (!run.settings.force) await requireOurs(path);
          await removeLeftovers(path);
        }
        pending.push({ translation, provenance });
      }
    });
  }
  const warnings = pending.length > 0 ? await translateAll(run, pending, results, context, open) : [];
  for (const one of run.companions) await putBeside(one, run.settings.limits);
  return warnings;
}

/** Makes what is pending, source by source. @returns warnings about the sources */
async function translateAll(
  run: TranslatePatientRun,
  pending: readonly Pending[],
  results: Results,
  { signal, onProgress }: JobContext,
  open: (settings: TranslateSettings) => Promise<OpenModel>,
): Promise<readonly string[]> {
  const { model, findBrain, segmenter } = await open(run.settings);
  const others = otherScans(run.scans, model.metadata, run.settings);
  const warnings: string[] = [];
  let finished = 0;
  for (const source of new Set(pending.map(({ translation }) => translation.source))) {
    const group = pending.filter(({ translation }) => translation.source === source);
    const { from, fused } = group[0]!.translation;
    let heads: readonly Head[] | undefined;
    const about: string[] = [];
    for (const { translation, provenance } of group) {
      await trying(translation, results, async () => {
        if (heads === undefined) {
          const files = [from, ...(fused?.more ?? [])];
          const names = fused?.sources ?? [source];
          const found: Head[] = [];
          for (const [i, name] of names.entries())
            found.push(await readHead(name, files[i]!, run, model.metadata, findBrain));
          const doubtful = found.flatMap(({ source: name, volume, prepared }) =>
            warningsAbout(volume, prepared, model.metadata, name).map((text) => ({ name, text })),
          );
          about.push(...doubtful.map(({ name, text }) => (fused ? `${name}: ${text}` : text)));
          const first = warnings.length === 0 && finished === 0;
          warnings.push(...doubtful.map(({ name, text }) => `${name}: ${text}`));
          const [head] = found as [Head];
          if (first)
            warnings.push(
              ...(await registrationDoubts(run, head.source, head.volume, model.metadata.recipe)),
            );
          heads = found;
        }
        const { made, slices, spread } = await makeVolume(heads, translation, model, (done, total) => {
          requireGoing(signal);
          onProgress(100 * finished + (100 * done) / total, 100 * pending.length);
        });
        requireGoing(signal);
        const [{ volume, prepared, found }] = heads as readonly [Head];
        const given = { ...(segmenter ? { segmenter } : {}), ...(found ? { brain: found } : {}) };
        const { target, out, spreadOut } = translation;
        const head = { source, prepared, ...(found ? { brain: found } : {}) };
        const checked =
          run.settings.check === null
            ? null
            : await checkAndWrite(
                {
                  model,
                  source,
                  target,
                  volume,
                  prepared,
                  slices,
                  made,
                  others: await others(head, target),
                  ...given,
                },
                out,
              );
        warnings.push(...(checked?.warnings ?? []));
        requireGoing(signal);
        const said = [...about, ...(checked?.warnings ?? [])];
        const { settings } = run;
        const { metadata } = model;
        if (spread && spreadOut !== undefined) {
          const to = { ...translation, out: spreadOut };
          const asMap = { ...settings, datatype: 'float32' as const };
          await writeMade(spread, volume, to, spreadProvenance(provenance), asMap, metadata, said);
        }
        await writeMade(made, volume, translation, provenance, settings, metadata, said, checked?.record);
        results.set(translation, resultOf(translation, 'made'));
      });
      finished++;
    }
  }
  return warnings;
}

/** Reads and prepares one source. */
async function readHead(
  source: string,
  from: VolumeSource,
  { brain: mask, settings: { limits } }: TranslatePatientRun,
  { recipe }: ModelMetadata,
  findBrain: OpenModel['findBrain'],
): Promise<Head> {
  const where = describeSource(from);
  const volume = await readVolume(from, { limits });
  const found = mask === null ? await findBrain?.(volume, where) : await readVolume(mask, { limits });
  const prepared = prepareSource(volume, { recipe }, { source, where, ...(found ? { brain: found } : {}) });
  const rule = found ? ({ kind: 'nonzero' } as const) : completeRecipe(recipe, source).foreground;
  const brain = foregroundOf((found ?? volume).data, rule);
  return { source, volume, prepared, brain, ...(found ? { found } : {}) };
}

/** Translates from one source, or from several and fuses what comes out. @returns slices of the first source's */
async function makeVolume(
  heads: readonly Head[],
  { target, fused }: Translation,
  model: OpenModel['model'],
  onProgress: (done: number, total: number) => void,
): Promise<{ readonly made: Volume; readonly slices: Float32Array; readonly spread?: Volume }> {
  const translations: (SourceTranslation & { readonly slices: Float32Array })[] = [];
  for (const [i, { source, prepared, brain }] of heads.entries()) {
    const made = await makeModality(prepared, model, source, target, (done, total) =>
      onProgress(i * total + done, heads.length * total),
    );
    translations.push({ where: source, made: made.volume, brain, slices: made.slices });
  }
  const [first] = translations as [(typeof translations)[number]];
  if (!fused) return first;
  const { valueRanges, recipe } = model.metadata;
  const background = backgroundOf(completeRecipe(recipe, target).foreground);
  const several = fuseVolumes(translations, fused.weights, valueRanges[target]!, background);
  return { made: several.fused, slices: first.slices, spread: several.spread };
}

/** The same for the map of the spread. */
function spreadProvenance(provenance: Provenance): Provenance {
  const settings = { ...provenance.settings, datatype: 'float32', map: 'spread' };
  return { ...provenance, settings, spread: true };
}

/** Compares the patient's other scans with one of them. */
async function registrationDoubts(
  { scans, brain, settings }: TranslatePatientRun,
  source: string,
  volume: Volume,
  recipe: PreparationRecipe,
): Promise<readonly string[]> {
  const cutOut = brain === null && settings.skullStrip === null;
  const head = ({ size, affineVoxelToWorld, data }: Volume, modality: string): HeadOnGrid => ({
    size,
    affineVoxelToWorld,
    ...(cutOut ? { brain: foregroundOf(data, completeRecipe(recipe, modality).foreground) } : {}),
  });
  const first = head(volume, source);
  const doubts: string[] = [];
  for (const [name, scan] of Object.entries(scans)) {
    if (name === source) continue;
    const other = await readVolume(scan, { limits: settings.limits }).catch(() => undefined);
    const why = other && whyNotRegistered(first, head(other, name));
    if (why !== undefined) doubts.push(`${source} and ${name} may not be co-registered: ${why}`);
  }
  return doubts;
}

/** What a volume is made of, by its content. @throws UtadError not-found or io. */
export async function provenanceOf(
  { target, source, from, chosenBy, fused }: Translation,
  { settings, brain }: Pick<TranslatePatientRun, 'settings' | 'brain'>,
  fingerprint = fingerprintOfSource,
): Promise<Provenance> {
  const { model, datatype, format, skullStrip, check } = settings;
  const prints: string[] = [];
  for (const one of [from, ...(fused?.more ?? [])]) prints.push(await fingerprint(one));
  return {
    modality: target,
    source: from,
    sourceModality: source,
    sourceFingerprint: prints.join('+'),
    ...(fused ? { moreSources: fused.more } : {}),
    chosenBy,
    model,
    settings: {
      format,
      ...(format === 'nifti' ? { datatype } : {}),
      ...(brain === null ? {} : { brainMask: await fingerprint(brain) }),
      ...(check === null ? {} : { check: check.segmenter?.sha256 ?? 'maps' }),
      ...(fused ? { fusion: fused.key } : {}),
      ...(skullStrip === null ? {} : { skullStrip: await fingerprintOf(skullStrip) }),
    },
  };
}

/** Does something for a volume; what goes wrong is noted with it, unless everything would go wrong. */
async function trying(translation: Translation, results: Results, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof UtadError && error.code === 'interrupted') throw error;
    const { message, fatal } = failureOf(error);
    results.set(translation, { ...resultOf(translation, 'failed'), message });
    if (fatal) throw error;
  }
}

function resultOf(
  { target, source, out, chosenBy }: Translation,
  status: TranslationResult['status'],
): TranslationResult {
  return { target, source, out, chosenBy, status };
}

/** Refuses to overwrite what this program did not write. */
async function requireOurs(out: string): Promise<void> {
  const there = await stat(out).then(Boolean, () => false);
  if (!there || (await isSidecar(sidecarOf(out)))) return;
  fail('bad-argument', {
    where: out,
    expected: 'nothing there, or a volume that utad translate made',
    got: 'something else',
    todo: 'Choose another folder, or overwrite it with --force.',
  });
}

/** Removes what an earlier process left half-written when it was killed. */
async function removeLeftovers(out: string): Promise<void> {
  const names = await readdir(dirname(out)).catch(() => []);
  const start = basename(sidecarOf(out)).replace(/\.json$/, '');
  const leftover = /^(?:\.(?:json|nii|nii\.gz))?\.[0-9a-f]{8}\.tmp$/;
  for (const name of names) {
    const visible = name.replace(/^\./, '');
    if (visible.startsWith(start) && leftover.test(visible.slice(start.length)))
      await rm(join(dirname(out), name), { recursive: true, force: true });
  }
}

function requireGoing(signal: AbortSignal): void {
  if (!signal.aborted) return;
  fail('interrupted', { where: 'utad translate', expected: 'to finish', got: 'a signal to stop' });
}
