import { describe, expect, it } from 'vitest';
import { createRandom } from '../../base/random.js';
import { sizeOf } from '../../base/shapes.js';
import { createGraph, type Graph, type Node } from '../graph/graph.js';
import {
  constant,
  convolution,
  convolutionInputGradient,
  convolutionKernelGradient,
  input,
} from '../graph/operations.js';
import { evaluateReference } from '../graph/reference.js';
import type { Tensors } from '../graph/tensor.js';
import { findChannelBlock } from '../runtime/channel-block.js';
import * as ort from '../runtime/onnx-runtime.node.js';
import type { Ort } from '../runtime/onnx-session.js';
import type { Runtime } from '../runtime/runtime.js';
import { createNodeRuntime } from '../runtime/runtime.node.js';
import { writeOnnx } from './write-onnx.js';

/** Sums of up to 1152 products of numbers below 1, in float32. */
const tolerance = 2e-4;

interface Case {
  readonly name: string;
  /** Batch, channels, features and pixels along a side. */
  readonly n: number;
  readonly c: number;
  readonly o: number;
  readonly side: number;
  readonly kernel?: number;
  readonly stride?: number;
  readonly padding?: number;
}

/** What each lowering is chosen by: sizes on either side of every choice. */
const cases: readonly Case[] = [
  { name: 'small planes stacked, gradient by a turned kernel', n: 8, c: 128, o: 128, side: 8 },
  { name: 'small planes stacked, gradient transposed', n: 2, c: 130, o: 128, side: 4 },
  { name: 'few kernels, image by image', n: 2, c: 3, o: 4, side: 8 },
  { name: 'one image', n: 1, c: 128, o: 128, side: 4 },
  { name: 'one image in blocks', n: 1, c: 32, o: 16, side: 16 },
  { name: 'few channels in blocks', n: 2, c: 5, o: 16, side: 16 },
  { name: 'few features in blocks', n: 2, c: 16, o: 5, side: 16 },
  { name: 'planes that are not small', n: 2, c: 6, o: 5, side: 18 },
  { name: 'more channels than features, long rows', n: 2, c: 12, o: 8, side: 18 },
  { name: 'kernel gradient over many pixels, in parts', n: 2, c: 8, o: 4, side: 32 },
  { name: 'kernel gradient over many pixels, views joined, in parts', n: 2, c: 3, o: 4, side: 32 },
  { name: 'views joined for the kernel gradient', n: 2, c: 8, o: 64, side: 4 },
  { name: '4×4, stride 2, in blocks', n: 2, c: 16, o: 32, side: 16, kernel: 4, stride: 2 },
  { name: '4×4, stride 2, one channel', n: 2, c: 1, o: 16, side: 16, kernel: 4, stride: 2 },
  { name: '4×4, stride 2, small planes', n: 8, c: 16, o: 32, side: 4, kernel: 4, stride: 2 },
  { name: '1×1', n: 2, c: 16, o: 16, side: 8, kernel: 1, padding: 0 },
];

describe.each(['all', 'common'] as const)(
  'convolutions with %s operators equal the reference',
  (operators) => {
    it.each(cases)('$name', async (one) => {
      const { n, c, o, side } = one;
      const { kernel: size = 3, stride = 1, padding = 1 } = one;
      const attributes = { stride, padding };
      const made = (side + 2 * padding - size) / stride + 1;
      const [x, g] = [input('x', [n, c, side, side]), input('g', [n, o, made, made])];
      const w = input('w', [o, c, size, size]);
      const graph = createGraph('convolutions', {
        forward: convolution(x, w, attributes),
        image: convolutionInputGradient(g, w, { ...attributes, inputSize: [side, side] }),
        kernel: convolutionKernelGradient(x, g, { ...attributes, kernelSize: size }),
      });
      const given: Tensors = Object.fromEntries([x, g, w].map((node) => [nameOf(node), drawn(node)]));
      await expectReference(graph, given, createNodeRuntime('cpu', { threads: 1, operators }));
    });
  },
);

it('stacks images only where a batch has several', () => {
  const count = (n: number): number => {
    const [x, w] = [input('x', [n, 128, 4, 4]), input('w', [128, 128, 3, 3])];
    return writeOnnx(createGraph('one', { y: convolution(x, w, { stride: 1, padding: 1 }) })).length;
  };
  expect(count(2)).toBeGreaterThan(count(1));
});

it('brings into blocks what changes, not what is constant', async () => {
  const x = input('x', [2, 16, 16, 16]);
  const written = (w: Node): string => {
    const graph = createGraph('one', { y: convolution(x, w, { stride: 1, padding: 1 }) });
    return Buffer.from(writeOnnx(graph, { channelBlock: 16 })).toString('latin1');
  };
  expect(written(input('w', [16, 16, 3, 3]))).toContain('ReorderInput');
  expect(written(constant(new Float32Array(2304), [16, 16, 3, 3]))).not.toContain('ReorderInput');
});

it('finds the size of a block by computing with it', async () => {
  const ortOfAnotherLayout: Ort = {
    ...ort,
    InferenceSession: {
      create: async (bytes, options) => {
        const session = await ort.InferenceSession.create(bytes, options);
        const split = Buffer.from(bytes).toString('latin1').includes('ReorderInput');
        if (!split) return session;
        // As on a machine with other blocks: numbers come out, but not the right ones.
        return Object.assign(Object.create(session) as typeof session, {
          run: async (feeds: Parameters<typeof session.run>[0]) => {
            const results = await session.run(feeds);
            return { y: new ort.Tensor('float32', new Float32Array(results['y']!.size), results['y']!.dims) };
          },
          release: () => session.release(),
        });
      },
    },
  };
  const options = { session: { logSeverityLevel: 4 as const } };
  expect([0, 4, 8, 16]).toContain(await findChannelBlock(ort, options));
  expect(await findChannelBlock(ortOfAnotherLayout, options)).toBe(0);
});

async function expectReference(graph: Graph, given: Tensors, runtime: Runtime): Promise<void> {
  const expected = evaluateReference(graph, given);
  const program = await runtime.compile(graph);
  const made = await program.run(given);
  await program.close();
  for (const [name, values] of Object.entries(expected)) {
    let worst = 0;
    values.forEach((value, i) => {
      worst = Math.max(worst, Math.abs(value - made[name]!.data[i]!));
    });
    expect(made[name]!.data.length, name).toBe(values.length);
    expect(worst, name).toBeLessThan(tolerance);
  }
}

const nameOf = (node: Node<'input'>): string => node.attributes.name;

function drawn(node: Node<'input'>): Tensors[string] {
  const random = createRandom('convolution', nameOf(node));
  return {
    shape: node.shape,
    data: Float32Array.from({ length: sizeOf(node.shape) }, () => 2 * random.uniform() - 1),
  };
}
