import { throwIfAborted } from '../../base/abort.js';
import { UtadError } from '../../base/errors.js';
import { sidecarOf } from '../../datasets/synthetic.node.js';
import { attempt, failureOf } from '../../jobs/attempt.js';
import { fingerprintsOnce } from '../../jobs/fingerprint.js';
import type { JobContext, JobRunner } from '../../jobs/job.js';
import { warningsAbout } from '../../translate/source-warnings.js';
import { type OpenModel, openModelOnce } from '../open-model.js';
import { removeLeftovers, requireOurs } from '../output/existing-outputs.js';
import { putBeside } from '../output/linked-scan.js';
import { provenanceOf, spreadProvenance } from '../output/provenance.js';
import { isFinished, type Provenance } from '../output/sidecar.js';
import { writeMade } from '../output/write-synthetic.js';
import type { TranslatePatientRun, TranslateSettings, Translation } from '../translation-job.js';
import { checkAndWrite, otherScans } from './check-synthetic.js';
import { type Head, makeVolume, readHead, registrationDoubts } from './read-scans.js';

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
      const results: Results = { volumes: new Map(), warnings: [] };
      const resultSoFar = (): TranslatePatientResult => ({
        translations: [...results.volumes.values()],
        warnings: results.warnings,
      });
      return attempt(
        id,
        context.signal,
        async () => {
          await translatePatient(run, results, context, models.open);
          return resultSoFar();
        },
        resultSoFar,
      );
    },
    close: models.close,
  };
}

/** What became of the volumes so far. */
interface Results {
  readonly volumes: Map<Translation, TranslationResult>;
  /** About the sources. */
  readonly warnings: string[];
  /** What went wrong with a volume: the last thing that may not come again, else the first. */
  error?: { readonly cause: unknown };
}

interface Pending {
  readonly translation: Translation;
  readonly provenance: Provenance;
}

/**
 * Makes what is not finished yet, and notes what becomes of each volume.
 *
 * @throws what went wrong with a volume, when all others are done.
 */
async function translatePatient(
  run: TranslatePatientRun,
  results: Results,
  context: JobContext,
  open: (settings: TranslateSettings) => Promise<OpenModel>,
): Promise<void> {
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
        results.volumes.set(translation, resultOf(translation, 'kept'));
      else {
        for (const path of outs) {
          if (!run.settings.force) await requireOurs(path);
          await removeLeftovers(path);
        }
        pending.push({ translation, provenance });
      }
    });
  }
  if (pending.length > 0) await translateAll(run, pending, results, context, open);
  for (const one of run.companions) await putBeside(one, run.settings.limits);
  if (results.error !== undefined) throw results.error.cause;
}

/** Makes what is pending, source by source. */
async function translateAll(
  run: TranslatePatientRun,
  pending: readonly Pending[],
  results: Results,
  { signal, onProgress }: JobContext,
  open: (settings: TranslateSettings) => Promise<OpenModel>,
): Promise<void> {
  const { model, findBrain, segmenter } = await open(run.settings);
  const others = otherScans(run.scans, model.metadata, run.settings);
  const { warnings } = results;
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
          throwIfAborted(signal, 'utad translate');
          onProgress(100 * finished + (100 * done) / total, 100 * pending.length);
        });
        throwIfAborted(signal, 'utad translate');
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
        throwIfAborted(signal, 'utad translate');
        const said = [...about, ...(checked?.warnings ?? [])];
        const { settings } = run;
        const { metadata } = model;
        if (spread && spreadOut !== undefined) {
          const to = { ...translation, out: spreadOut };
          const asMap = { ...settings, datatype: 'float32' as const };
          await writeMade(spread, volume, to, spreadProvenance(provenance), asMap, metadata, said);
        }
        await writeMade(made, volume, translation, provenance, settings, metadata, said, checked?.record);
        results.volumes.set(translation, resultOf(translation, 'made'));
      });
      finished++;
    }
  }
}

/** Does something for a volume; what goes wrong is noted with it, unless everything would go wrong. */
async function trying(translation: Translation, results: Results, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof UtadError && error.code === 'interrupted') throw error;
    const { message, fatal, transient } = failureOf(error);
    results.volumes.set(translation, { ...resultOf(translation, 'failed'), message });
    if (fatal) throw error;
    if (results.error === undefined || transient) results.error = { cause: error };
  }
}

function resultOf(
  { target, source, out, chosenBy }: Translation,
  status: TranslationResult['status'],
): TranslationResult {
  return { target, source, out, chosenBy, status };
}
