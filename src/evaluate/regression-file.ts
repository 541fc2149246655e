import { z } from 'zod';
import { fail, refuse } from '../base/errors.js';
import { readFileBytes } from '../base/files.node.js';
import { modelHash } from '../cohort/open-model.js';
import type { Runtime } from '../engine/runtime/runtime.js';
import { type OpenRegressor, openRegressor } from '../regression/fit-regressor.js';
import { localFeatures } from '../regression/local-features.js';
import type { RegressFrom } from './baselines.js';
import type { ComparedPatient } from './compared-patient.js';
import { brainOfSources, sourceName } from './protocol.js';

const regressorSchema = z.strictObject({
  sources: z.array(z.string()).min(1),
  target: z.string(),
  voxels: z.int().min(1).describe('how many were learnt from'),
  scaling: z.array(z.strictObject({ mean: z.number(), deviation: z.number() })),
  parameters: z.record(z.string(), z.array(z.number())),
});

const regressionFileSchema = z.strictObject({
  format: z.literal(1),
  patients: z.array(z.string()).min(1).describe('whose pairs were learnt from'),
  regressors: z.array(regressorSchema),
});

/** Local regressions that were fitted to training patients: the form of `regression.json`. */
export type RegressionFile = z.infer<typeof regressionFileSchema>;

/** The fitted local regressions, ready to use. */
export interface OpenRegression {
  readonly regress: RegressFrom;
  readonly close: () => Promise<void>;
}

/**
 * Opens fitted local regressions.
 *
 * @throws UtadError bad-file when the file has changed since it was written, or is none.
 */
export async function openRegression(
  { path, sha256 }: { readonly path: string; readonly sha256: string },
  runtime: Runtime,
): Promise<OpenRegression> {
  if ((await modelHash(path)) !== sha256) {
    refuse('bad-file', {
      where: path,
      problem: 'the file has changed since the work began',
      todo: 'Start again.',
    });
  }
  const text = new TextDecoder().decode(await readFileBytes(path));
  const parsed = regressionFileSchema.safeParse(JSON.parse(text));
  if (!parsed.success) {
    return fail('bad-file', {
      where: path,
      expected: 'local regressions of utad evaluate',
      got: parsed.error.issues[0]!.message,
    });
  }
  const { regressors } = parsed.data;
  const open = new Map<string, OpenRegressor>();
  let latest: DescribedPatient | undefined;
  return {
    regress: async (patient, { sources, target }, wanted) => {
      const fitted = regressors.find(
        (one) => one.target === target && sourceName(one.sources) === sourceName(sources),
      );
      if (!fitted) return null;
      const key = `${sourceName(sources)} ${target}`;
      const regressor = open.get(key) ?? (await openRegressor(runtime, fitted));
      open.set(key, regressor);
      if (latest?.patient !== patient || latest.places !== wanted) latest = describe(patient, wanted);
      const { features, voxels } = latest;
      const brain = brainOfSources(patient, sources);
      const out = new Float32Array(brain.length);
      const values = await regressor.predict(sources.flatMap((name) => features(name)));
      voxels.forEach((i, v) => {
        if (brain[i]) out[i] = values[v]!;
      });
      return out;
    },
    close: async () => {
      for (const one of open.values()) await one.close();
    },
  };
}

/** The features of a patient's voxels, which are the same for every target. */
interface DescribedPatient {
  readonly patient: ComparedPatient;
  readonly places: readonly number[];
  /** Voxels of these slices that are brain in any modality. */
  readonly voxels: Int32Array;
  readonly features: (modality: string) => readonly Float32Array[];
}

function describe(patient: ComparedPatient, places: readonly number[]): DescribedPatient {
  const { grid, modalities } = patient;
  const area = grid.rows * grid.columns;
  const anyBrain = brainOfSources(patient, Object.keys(modalities));
  const chosen = places.map((k) => {
    const inside: number[] = [];
    for (let p = 0; p < area; p++) if (anyBrain[k * area + p]) inside.push(p);
    return inside;
  });
  const known = new Map<string, readonly Float32Array[]>();
  return {
    patient,
    places,
    voxels: Int32Array.from(places.flatMap((k, n) => chosen[n]!.map((p) => k * area + p))),
    features: (name) => {
      const found = known.get(name) ?? localFeatures(modalities[name]!, grid, places, chosen);
      known.set(name, found);
      return found;
    },
  };
}
