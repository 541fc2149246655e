/// <reference lib="esnext.disposable" preserve="true" />
import { requireArguments } from '../base/arguments.js';
import { closable } from '../base/closable.js';
import { fail } from '../base/errors.js';
import { reasonOf } from '../base/files.node.js';
import { openForeignNetwork } from '../engine/files/foreign-network.node.js';
import * as ort from '../engine/runtime/onnx-runtime.node.js';
import type { Triple, Volume } from '../imaging/volume.js';
import { requireVolume } from '../imaging/volume-shape.js';
import { type BrainNetwork, findBrain, skullStripSchema } from './skull-strip.js';

/** A network that finds the brain, loaded. */
export interface SkullStripper extends AsyncDisposable {
  /** @returns 1 in the brain, on the volume's own grid */
  readonly findBrain: (volume: Volume, where: string) => Promise<Volume>;
  /** Frees the network; closing it again does nothing. */
  readonly close: () => Promise<void>;
}

/**
 * Loads an ONNX network that finds the brain: one input [1,1,I,J,K], one output of the same size. A JSON file of
 * the same name beside it ({@link skullStripSchema}) says where it differs from SynthStrip.
 *
 * @throws UtadError not-found, bad-file when it is no such network, bad-configuration for a wrong JSON file.
 */
export async function loadSkullStripper(
  path: string,
  options: { readonly threads?: number } = {},
): Promise<SkullStripper> {
  requireArguments('loadSkullStripper', { path: [path, 'text'], options: [options, 'object'] });
  const { session, description } = await openForeignNetwork(path, skullStripSchema, options);
  const [inputs, outputs] = [session.inputNames, session.outputNames];
  if (inputs.length !== 1 || outputs.length !== 1) {
    await session.release();
    fail('bad-file', {
      where: path,
      expected: 'a network with one input and one output',
      got: `${inputs.length} and ${outputs.length}`,
      todo: 'Export the network alone, without steps before and after it.',
    });
  }
  const network = networkOf(session, path);
  const { use, close } = closable('the skull stripper', () => session.release());
  return {
    findBrain: async (volume, where) => {
      requireArguments('findBrain', { where: [where, 'text'] });
      requireVolume(volume, where);
      return use(() => findBrain(volume, network, description, where));
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function networkOf(session: ort.InferenceSession, path: string): BrainNetwork {
  return async (values: Float32Array, size: Triple) => {
    const shape = [1, 1, ...size];
    let data: unknown;
    try {
      const results = await session.run({
        [session.inputNames[0]!]: new ort.Tensor('float32', values, shape),
      });
      data = results[session.outputNames[0]!]!.data;
    } catch (cause) {
      return fail(
        'bad-file',
        {
          where: path,
          expected: `a network that takes ${shape.join('×')}`,
          got: reasonOf(cause).replace(/\s+/g, ' '),
          todo: 'Say in the JSON file beside it which sizes it takes (multipleOf, minimumSize, maximumSize).',
        },
        { cause },
      );
    }
    if (data instanceof Float32Array && data.length === values.length) return data;
    return fail('bad-file', {
      where: path,
      expected: `${values.length} values of float32, as many as go in`,
      got: `${(data as { length?: number }).length ?? 0} of another kind or number`,
    });
  };
}
