import { readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fail, UtadError } from '../base/errors.js';
import { sidecarOf } from '../datasets/synthetic.node.js';
import { foregroundOf } from '../imaging/foreground.js';
import type { PreparedVolume } from '../imaging/prepare.js';
import { completeRecipe, type PreparationRecipe } from '../imaging/recipe.js';
import { type HeadOnGrid, whyNotRegistered } from '../imaging/registration.js';
import type { Volume } from '../imaging/volume.js';
import { readVolume } from '../imaging/volume-file.node.js';
import { describeSource, type VolumeSource } from '../imaging/volume-source.js';
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
      if (!run.settings.force && (await isFinished(sidecarOf(out), out, provenance)))
        results.set(translation, resultOf(translation, 'kept'));
      else {
        if (!run.settings.force) await requireOurs(out);
        await removeLeftovers(out);
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
    const { from } = group[0]!.translation;
    const where = describeSource(from);
    const { limits } = run.settings;
    let head:
      | { readonly volume: Volume; readonly prepared: PreparedVolume; readonly brain?: Volume }
      | undefined;
    const about: string[] = [];
    for (const { translation, provenance } of group) {
      await trying(translation, results, async () => {
        if (head === undefined) {
          const volume = await readVolume(from, { limits });
          const brain =
            run.brain === null ? await findBrain?.(volume, where) : await readVolume(run.brain, { limits });
          const options = { source, where, ...(brain ? { brain } : {}) };
          const prepared = prepareSource(volume, model.metadata, options);
          head = { volume, prepared, ...(brain ? { brain } : {}) };
          about.push(...warningsAbout(volume, prepared, model.metadata, source));
          const first = warnings.length === 0 && finished === 0;
          warnings.push(...about.map((text) => `${source}: ${text}`));
          if (first) warnings.push(...(await registrationDoubts(run, source, volume, model.metadata.recipe)));
        }
        const { volume, prepared, brain } = head;
        const { target, out } = translation;
        const { volume: made, slices } = await makeModality(
          prepared,
          model,
          source,
          target,
          (done, total) => {
            requireGoing(signal);
            onProgress(100 * finished + (100 * done) / total, 100 * pending.length);
          },
        );
        requireGoing(signal);
        const given = { ...(segmenter ? { segmenter } : {}), ...(brain ? { brain } : {}) };
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
                  others: await others({ source, ...head }, target),
                  ...given,
                },
                out,
              );
        warnings.push(...(checked?.warnings ?? []));
        requireGoing(signal);
        const said = [...about, ...(checked?.warnings ?? [])];
        const { settings } = run;
        await writeMade(
          made,
          volume,
          translation,
          provenance,
          settings,
          model.metadata,
          said,
          checked?.record,
        );
        results.set(translation, resultOf(translation, 'made'));
      });
      finished++;
    }
  }
  return warnings;
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
  { target, source, from, chosenBy }: Translation,
  { settings, brain }: Pick<TranslatePatientRun, 'settings' | 'brain'>,
  fingerprint = fingerprintOfSource,
): Promise<Provenance> {
  const { model, datatype, format, skullStrip, check } = settings;
  return {
    modality: target,
    source: from,
    sourceModality: source,
    sourceFingerprint: await fingerprint(from),
    chosenBy,
    model,
    settings: {
      format,
      ...(format === 'nifti' ? { datatype } : {}),
      ...(brain === null ? {} : { brainMask: await fingerprint(brain) }),
      ...(check === null ? {} : { check: check.segmenter?.sha256 ?? 'maps' }),
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
