import { createRandom } from '../../base/random.js';
import { sizeOf } from '../../base/shapes.js';
import { gradient } from '../graph/gradient.js';
import { createGraph, type Graph } from '../graph/graph.js';
import {
  convolution,
  input,
  instanceNorm,
  leakyRelu,
  maxPool,
  multiply,
  reshape,
  sum,
} from '../graph/operations.js';
import { type Tensors, tensor } from '../graph/tensor.js';
import type { Runtime } from '../runtime/runtime.js';

/** A first run that takes longer than this, in milliseconds, is answer enough: no graphics card is so slow. */
const tooSlow = 10_000;
/** A small piece that takes longer than this, in milliseconds, tells enough of a large one. */
const telling = 100;
/** [N,C,H,W] of the images. A graphics card is as slow at the small piece as its calls are; the large one uses it. */
const pieces = { small: [4, 16, 64, 64], large: [8, 16, 128, 128] } as const;

/**
 * Time of a piece of training in milliseconds: two convolutions of 16 features over 8 slices of 128×128 pixels with
 * norm, activation and pooling, and their gradients. Where a piece of an eighth of that takes long, eight times its
 * time; a tooSlow device is given up after one run of it.
 *
 * @param now the clock, in milliseconds
 */
export async function speedTest(runtime: Runtime, now: () => number): Promise<number> {
  const scale = sizeOf(pieces.large) / sizeOf(pieces.small);
  const small = await timeOf(runtime, pieces.small, now);
  return small > telling ? scale * small : timeOf(runtime, pieces.large, now);
}

/** The faster of two runs after a first that compiles and allocates; the first where that is tooSlow. */
async function timeOf(runtime: Runtime, size: readonly number[], now: () => number): Promise<number> {
  const graph = pieceOfTraining(size);
  const inputs = noiseFor(graph);
  const program = await runtime.compile(graph);
  try {
    const started = now();
    await program.run(inputs);
    const first = now() - started;
    if (first > tooSlow) return first;
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 2; round++) {
      const began = now();
      await program.run(inputs);
      best = Math.min(best, now() - began);
    }
    return best;
  } finally {
    await program.close();
  }
}

function pieceOfTraining(size: readonly number[]): Graph {
  const same = { stride: 1, padding: 1 };
  const kernels = ['first', 'second'].map((name) => input(name, [16, 16, 3, 3]));
  const y = kernels.reduce(
    (x, kernel) => leakyRelu(instanceNorm(convolution(x, kernel, same), 1e-5), 0.01),
    input('x', size) as ReturnType<typeof convolution>,
  );
  const pooled = maxPool(y);
  const [first, second] = gradient(reshape(sum(multiply(pooled, pooled)), []), kernels);
  return createGraph('speed test', { 'gradient first': first!, 'gradient second': second! });
}

function noiseFor(graph: Graph): Tensors {
  return Object.fromEntries(
    graph.inputs.map(({ attributes: { name }, shape }) => {
      const random = createRandom('speed test', name);
      return [
        name,
        tensor(
          Float32Array.from({ length: sizeOf(shape) }, () => 2 * random.uniform() - 1),
          shape,
        ),
      ];
    }),
  );
}
