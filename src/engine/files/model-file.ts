import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-common';
import { fail } from '../../base/errors.js';
import type { Tensor, Tensors } from '../graph/tensor.js';
import { requireSelfContained } from '../onnx/self-contained.js';
import type { Ort } from '../runtime/onnx-session.js';

/** A network out of a file, on a device. */
export interface ModelFile {
  readonly device: string;
  /** Computes the output for any batch. */
  readonly run: (inputs: Tensors) => Promise<Float32Array>;
  readonly close: () => Promise<void>;
}

/** What a network in a file looks like from outside. */
export interface ModelFilePlan {
  /** The file's name, for messages. */
  readonly where: string;
  /** Its one output. */
  readonly output: string;
  /** Inputs to try devices out with: those of the network, by name. */
  readonly trial: Tensors;
  /** How far a device may be from the CPU anywhere in the output of the trial. */
  readonly agreement: number;
}

/**
 * Loads a network on one device of a runtime.
 *
 * @param threads of the processor; the runtime's own choice when left out
 * @throws UtadError bad-file when the file is damaged or has other inputs or outputs.
 */
export async function openOn(
  ort: Ort,
  bytes: Uint8Array,
  { where, output, trial }: ModelFilePlan,
  device: string,
  threads?: number,
): Promise<ModelFile> {
  let session: InferenceSession;
  requireSelfContained(bytes, where);
  try {
    session = await ort.InferenceSession.create(bytes, {
      executionProviders: [device],
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
      ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    });
  } catch (cause) {
    const todo = 'Copy or write it again.';
    const expected = 'a model that ONNX Runtime can load';
    return fail(
      'bad-file',
      { where, expected, got: cause instanceof Error ? cause.message : String(cause), todo },
      { cause },
    );
  }
  const names = [...session.inputNames, ...session.outputNames].sort().join(', ');
  const expected = [...Object.keys(trial), output].sort().join(', ');
  if (names !== expected) {
    await session.release();
    fail('bad-file', { where, expected: `a model with ${expected}`, got: names });
  }
  const toOrt = ({ data, shape }: Tensor): OrtTensor => new ort.Tensor('float32', data, shape);
  return {
    device,
    run: async (inputs) => {
      const feeds = Object.entries(inputs).map(([name, value]) => [name, toOrt(value)] as const);
      const results = await session.run(Object.fromEntries(feeds));
      return results[output]!.data as Float32Array;
    },
    close: () => session.release(),
  };
}

/** The largest difference of two outputs; infinite where one is not a number. */
export function farthest(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => {
    const difference = Math.abs(value - b[i]!);
    return Math.max(most, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
  }, 0);
}
