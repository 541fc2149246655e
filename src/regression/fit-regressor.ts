import { fail } from '../base/errors.js';
import { createRandom } from '../base/random.js';
import { type Tensor, tensor } from '../engine/graph/tensor.js';
import type { HeldTensors, Runtime } from '../engine/runtime/runtime.js';
import { isOnDevice } from '../engine/runtime/runtime.js';
import { meanDeviation } from '../metrics/deviation.js';
import { adamFactors, zeroMoments } from '../training/adam.js';
import { initialNetworks } from '../training/networks.js';
import { lossValues, nextTensors } from '../training/program-outputs.js';
import {
  regressorAdam,
  regressorPass,
  regressorPrefix,
  regressorSpecs,
  regressorUpdate,
  voxelSide,
  voxelsAtOnce,
} from './local-regressor.js';

/** Voxels to learn from: features [F][n] and the values of the target, n, on [0, 1]. */
export interface RegressionSamples {
  readonly features: readonly Float32Array[];
  readonly target: Float32Array;
}

/** A fitted regressor; plain JSON. */
interface Regressor {
  /** Mean and standard deviation of each feature over the voxels that were learnt from. */
  readonly scaling: readonly { readonly mean: number; readonly deviation: number }[];
  /** Parameter → its values. */
  readonly parameters: Readonly<Record<string, readonly number[]>>;
}

/** Fits regressors of one number of features. */
interface RegressorFitter {
  /**
   * @param key decides the starting values and the order of the voxels: the same key and voxels give the same regressor, bit for bit
   * @param updates of 4096 voxels each; 500 when left out
   * @throws UtadError bad-value without voxels; diverged.
   */
  readonly fit: (samples: RegressionSamples, key: string, updates?: number) => Promise<Regressor>;
  readonly close: () => Promise<void>;
}

const defaultUpdates = 500;
const firstRate = 3e-3;

/** Compiles the update of regressors of so many features. */
export async function createRegressorFitter(runtime: Runtime, features: number): Promise<RegressorFitter> {
  const program = await runtime.compile(regressorUpdate(features));
  const networks = { [regressorPrefix]: regressorSpecs(features) };
  return {
    fit: async ({ features: given, target }, key, updates = defaultUpdates) => {
      if (target.length === 0)
        fail('bad-value', { where: 'local regression', expected: 'voxels to learn from', got: 'none' });
      const scaling = given.map((values) => {
        const { mean, deviation } = meanDeviation(values, false);
        return { mean, deviation: Math.max(deviation ?? 0, 1e-6) };
      });
      const random = createRandom('local regression', key);
      const start = initialNetworks(networks, 0, () => `local regression ${key}`);
      let state: HeldTensors = { ...start, ...zeroMoments(start) };
      for (let step = 0; step < updates; step++) {
        const drawn = Int32Array.from({ length: voxelsAtOnce }, () => random.integer(target.length));
        const results = await program.run({
          ...state,
          ...adamFactors(regressorAdam, firstRate * (1 - step / updates), step + 1),
          features: pictureOf(given, scaling, drawn),
          target: tensor(
            Float32Array.from(drawn, (i) => target[i]!),
            [1, 1, voxelSide, voxelSide],
          ),
        });
        lossValues('local regression', results, step + 1);
        state = nextTensors(results);
      }
      const parameters = Object.fromEntries(
        Object.keys(start).map((name) => [name, [...valuesOf(state[name]!)]]),
      );
      return { scaling, parameters };
    },
    close: program.close,
  };
}

/** A regressor in use. */
export interface OpenRegressor {
  /** The target's values on [0, 1] at voxels whose features are given, [F][n]. */
  readonly predict: (features: readonly Float32Array[]) => Promise<Float32Array>;
  readonly close: () => Promise<void>;
}

/** Prepares a fitted regressor for use. */
export async function openRegressor(
  runtime: Runtime,
  { scaling, parameters }: Regressor,
): Promise<OpenRegressor> {
  const program = await runtime.compile(regressorPass(scaling.length));
  const weights = Object.fromEntries(
    regressorSpecs(scaling.length).map(({ name, shape }) => {
      const key = `${regressorPrefix}.${name}`;
      return [key, tensor(Float32Array.from(parameters[key]!), shape)];
    }),
  );
  return {
    predict: async (features) => {
      const count = features[0]!.length;
      const out = new Float32Array(count);
      for (let start = 0; start < count; start += voxelsAtOnce) {
        // The last picture is filled up with its last voxel.
        const places = Int32Array.from({ length: voxelsAtOnce }, (_, i) => Math.min(count - 1, start + i));
        const { value } = await program.run({ ...weights, features: pictureOf(features, scaling, places) });
        out.set(value!.data.subarray(0, Math.min(voxelsAtOnce, count - start)), start);
      }
      return out;
    },
    close: program.close,
  };
}

/** Some voxels' standardised features as a picture [1,F,side,side]. */
function pictureOf(
  features: readonly Float32Array[],
  scaling: Regressor['scaling'],
  places: Int32Array,
): Tensor {
  const data = new Float32Array(features.length * voxelsAtOnce);
  features.forEach((values, f) => {
    const { mean, deviation } = scaling[f]!;
    const start = f * voxelsAtOnce;
    for (let i = 0; i < places.length; i++) data[start + i] = (values[places[i]!]! - mean) / deviation;
  });
  return tensor(data, [1, features.length, voxelSide, voxelSide]);
}

function valuesOf(value: HeldTensors[string]): Float32Array {
  if (isOnDevice(value))
    fail('not-supported', {
      where: 'local regression',
      expected: 'a device without memory of its own',
      got: 'one',
    });
  return value.data;
}
