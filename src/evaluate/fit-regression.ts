import { throwIfAborted } from '../base/abort.js';
import { createRandom } from '../base/random.js';
import { type CaseFiles, patientOf } from '../datasets/case.js';
import { createNodeRuntime } from '../engine/runtime/runtime.node.js';
import type { Execution } from '../jobs/run-with-progress.js';
import { createRegressorFitter, type RegressionSamples } from '../regression/fit-regressor.js';
import { localFeatureCount, localFeatures } from '../regression/local-features.js';
import type { ModelMetadata } from '../translate/model-metadata.js';
import { chooseSlices } from './choose-slices.js';
import { loadNativePatient } from './native-patient.js';
import { type ProtocolName, type SourcesAndTarget, sourceName, translationsOf } from './protocol.js';
import type { RegressionFile } from './regression-file.js';

/** The most training patients that a local regression is fitted to: more take longer and change little. */
const mostPatients = 30;
/** Slices of a patient that voxels are drawn from, evenly spread, and voxels drawn from all of them. */
const slicesOfPatient = 8;
const voxelsOfPatient = 4000;

/** Voxels of one patient: modality → features [F][n] and values n, at the same places in all of them. */
interface PatientVoxels {
  readonly features: Readonly<Record<string, readonly Float32Array[]>>;
  readonly values: Readonly<Record<string, Float32Array>>;
}

/**
 * Fits a local regression for every translation that training patients can teach: the same patients give the same figures, bit for bit.
 *
 * @param cases training patients
 * @throws UtadError interrupted when the signal asked to stop; as `loadNativePatient`.
 */
export async function fitRegression(
  cases: readonly CaseFiles[],
  metadata: ModelMetadata,
  protocol: ProtocolName,
  { signal, startProgress }: Pick<Execution, 'signal' | 'startProgress'>,
): Promise<RegressionFile> {
  const { modalities } = metadata.model;
  const chosen = drawPatients(cases);
  const wanted = translationsOf(modalities, protocol);
  const progress = startProgress('fitting the local regression', chosen.length + wanted.length);
  const runtime = createNodeRuntime('cpu', { threads: 1 });
  const fitters = new Map<number, Awaited<ReturnType<typeof createRegressorFitter>>>();
  try {
    const voxels: PatientVoxels[] = [];
    for (const [i, one] of chosen.entries()) {
      throwIfAborted(signal, 'utad evaluate');
      voxels.push(await voxelsOf(one, metadata));
      progress.update(i + 1, one.id);
    }
    const regressors: RegressionFile['regressors'] = [];
    for (const [i, { sources, target }] of wanted.entries()) {
      throwIfAborted(signal, 'utad evaluate');
      const samples = samplesOf(voxels, { sources, target });
      if (samples.target.length > 0) {
        const count = sources.length * localFeatureCount;
        const fitter = fitters.get(count) ?? (await createRegressorFitter(runtime, count));
        fitters.set(count, fitter);
        const fitted = await fitter.fit(samples, `${sourceName(sources)} ${target}`);
        regressors.push({
          sources: [...sources],
          target,
          voxels: samples.target.length,
          scaling: [...fitted.scaling],
          parameters: Object.fromEntries(
            Object.entries(fitted.parameters).map(([name, values]) => [name, [...values]]),
          ),
        });
      }
      progress.update(chosen.length + i + 1, `${sourceName(sources)} → ${target}`);
    }
    return { format: 1, patients: chosen.map(({ id }) => id), regressors };
  } finally {
    progress.end();
    for (const fitter of fitters.values()) await fitter.close();
  }
}

/** Training patients that are not among those who are evaluated, nor other examinations of theirs. */
export function withoutEvaluated(
  training: readonly CaseFiles[],
  evaluated: readonly CaseFiles[],
): readonly CaseFiles[] {
  const persons = new Set(evaluated.map(({ id }) => patientOf(id)));
  return training.filter(({ id }) => !persons.has(patientOf(id)));
}

function drawPatients(cases: readonly CaseFiles[]): readonly CaseFiles[] {
  const able = cases.filter(({ modalities }) => Object.keys(modalities).length >= 2);
  if (able.length <= mostPatients) return able;
  const drawn = new Set(
    createRandom('local regression', 'patients').permutation(able.length).slice(0, mostPatients),
  );
  return able.filter((_, i) => drawn.has(i));
}

async function voxelsOf(one: CaseFiles, metadata: ModelMetadata): Promise<PatientVoxels> {
  const { mask: _, ...withoutMask } = one;
  const { compared } = await loadNativePatient(withoutMask, {
    ...metadata,
    model: { ...metadata.model, tumourMask: false },
  });
  const { grid, modalities } = compared;
  const area = grid.rows * grid.columns;
  const { kept, everyBrain } = chooseSlices(compared, 1);
  const taken = Math.min(slicesOfPatient, kept.length);
  const places = Array.from(
    { length: taken },
    (_, i) => kept[Math.floor(((i + 0.5) * kept.length) / taken)]!,
  );
  const random = createRandom('local regression', 'voxels', one.id);
  const chosen = places.map((k) => {
    const inside: number[] = [];
    for (let p = 0; p < area; p++) if (everyBrain[k * area + p]) inside.push(p);
    const most = Math.floor(voxelsOfPatient / taken);
    if (inside.length <= most) return inside;
    return Array.from({ length: most }, () => inside[random.integer(inside.length)]!);
  });
  const total = chosen.reduce((sum, { length }) => sum + length, 0);
  const values = (unit: Float32Array): Float32Array => {
    const out = new Float32Array(total);
    let next = 0;
    places.forEach((k, n) => {
      for (const p of chosen[n]!) out[next++] = unit[k * area + p]!;
    });
    return out;
  };
  const entries = Object.entries(modalities);
  return {
    features: Object.fromEntries(
      entries.map(([name, volume]) => [name, localFeatures(volume, grid, places, chosen)]),
    ),
    values: Object.fromEntries(entries.map(([name, { unit }]) => [name, values(unit)])),
  };
}

/** The voxels of all patients that have the modalities. */
function samplesOf(
  voxels: readonly PatientVoxels[],
  { sources, target }: SourcesAndTarget,
): RegressionSamples {
  const able = voxels.filter(({ values }) =>
    [...sources, target].every((name) => values[name] !== undefined),
  );
  const joined = (parts: readonly Float32Array[]): Float32Array => {
    const out = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  };
  return {
    features: sources.flatMap((name) =>
      Array.from({ length: localFeatureCount }, (_, f) =>
        joined(able.map(({ features }) => features[name]![f]!)),
      ),
    ),
    target: joined(able.map(({ values }) => values[target]!)),
  };
}
