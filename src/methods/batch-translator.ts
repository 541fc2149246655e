import { fail } from '../base/errors.js';
import type { Graph } from '../engine/graph/graph.js';
import { oneHots, type Tensors, tensor } from '../engine/graph/tensor.js';
import type { Runtime } from '../engine/runtime/runtime.js';
import { contextInputName } from '../model/context-input.js';

/** Slices that a network in training translates. */
interface SlicesToTranslate {
  /** [n,S,S] in [−1, 1] */
  readonly images: Float32Array;
  /** The same slices in other modalities, by index, for a network of any sources; −1 throughout where a slice has none. */
  readonly others?: ReadonlyMap<number, Float32Array>;
  /** [n,2k,S,S], as of the generator's input; without values where the network is given none. */
  readonly contextSlices: Float32Array;
  /** [n,S,S], 1 in the whole tumour; only networks that are given it look at it. */
  readonly masks: Uint8Array;
  /** Indices of modalities. */
  readonly source: number;
  readonly target: number;
}

/** A network whose parameters are given with every call. */
export interface BatchTranslator {
  /**
   * @returns [n,S,S] in (−1, 1), as the network gives it, outside the brain too
   * @throws UtadError bad-shape when there are more or fewer context slices than the network sees.
   */
  readonly translate: (generator: Tensors, slices: SlicesToTranslate) => Promise<Float32Array>;
  readonly close: () => Promise<void>;
}

/**
 * Compiles a translation for whole batches.
 *
 * @param graph inputs and output as of `inference` of a translator's method; those that it does not have are not given
 */
export async function createBatchTranslator(
  runtime: Runtime,
  graph: Graph,
  { sliceSide, modalities }: { readonly sliceSide: number; readonly modalities: readonly string[] },
  batchSize: number,
): Promise<BatchTranslator> {
  const program = await runtime.compile(graph);
  const pixels = sliceSide ** 2;
  const shape = [batchSize, 1, sliceSide, sliceSide];
  const oneHot = (index: number) => oneHots(batchSize, modalities.length, index);
  const planes = graph.inputs.find(({ attributes: { name } }) => name === contextInputName)?.shape[1] ?? 0;
  const takesAny = graph.inputs.some(({ attributes: { name } }) => name === 'sources');
  const count = modalities.length;
  const sourceInputs = (given: ReadonlyMap<number, Float32Array>, start: number): Tensors => {
    const sources = new Float32Array(batchSize * count * pixels).fill(-1);
    const present = new Float32Array(batchSize * count);
    for (let i = 0; i < batchSize; i++) {
      for (const [modality, slices] of given) {
        const slice = slices.subarray(start + i * pixels, start + (i + 1) * pixels);
        sources.set(slice, (i * count + modality) * pixels);
        // A patient who lacks one, and what fills up the last batch, have none.
        present[i * count + modality] = Number(slice.some((value) => value > -1));
      }
    }
    return {
      sources: tensor(sources, [batchSize, count, sliceSide, sliceSide]),
      present: tensor(present, [batchSize, count]),
    };
  };
  return {
    translate: async (generator, { images, others = new Map(), contextSlices, masks, source, target }) => {
      if (contextSlices.length !== planes * images.length) {
        fail('bad-shape', {
          where: 'translation',
          expected: `${planes} context slices of each slice`,
          got: `${contextSlices.length} values for slices of ${images.length}`,
        });
      }
      const result = new Float32Array(images.length);
      const step = batchSize * pixels;
      for (let start = 0; start < images.length; start += step) {
        // The last batch is filled up with background.
        const image = new Float32Array(step).fill(-1);
        const mask = new Float32Array(step);
        image.set(images.subarray(start, start + step));
        const around = new Float32Array(planes * step).fill(-1);
        around.set(contextSlices.subarray(planes * start, planes * (start + step)));
        mask.set(masks.subarray(start, start + step));
        const given = new Map([...others, [source, images]]);
        const { translated } = await program.run({
          ...generator,
          ...(takesAny ? sourceInputs(given, start) : {}),
          image: tensor(image, shape),
          ...(planes === 0
            ? {}
            : { [contextInputName]: tensor(around, [batchSize, planes, sliceSide, sliceSide]) }),
          mask: tensor(mask, shape),
          source: oneHot(source),
          target: oneHot(target),
        });
        result.set(translated!.data.subarray(0, Math.min(step, images.length - start)), start);
      }
      return result;
    },
    close: program.close,
  };
}
