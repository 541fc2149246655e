import { describe, expect, it } from 'vitest';
import { createRandom } from '../../base/random.js';
import { sizeOf } from '../../base/shapes.js';
import { createGraph, type Node } from '../graph.js';
import { convolution, convolutionInputGradient, convolutionKernelGradient, input } from '../operations.js';
import { evaluateReference } from '../reference.js';
import { createNodeRuntime } from '../runtime.node.js';
import type { Tensors } from '../tensor.js';
import { writeOnnx } from '../write-onnx.js';

/** Sums of up to 1152 products of numbers below 1, in float32. */
const tolerance = 2e-4;

/** What each lowering is chosen by: sizes on either side of every choice. */
const cases = [
  { name: 'small planes stacked, gradient by a turned kernel', n: 8, c: 128, o: 128, side: 8 },
  { name: 'small planes stacked, gradient transposed', n: 2, c: 130, o: 128, side: 4 },
  { name: 'few kernels, image by image', n: 2, c: 3, o: 4, side: 8 },
  { name: 'one image', n: 1, c: 128, o: 128, side: 4 },
  { name: 'planes that are not small', n: 2, c: 6, o: 5, side: 16 },
  { name: 'views joined for the kernel gradient', n: 2, c: 8, o: 64, side: 4 },
] as const;

describe('convolutions at stride 1 through ONNX Runtime equal the reference', () => {
  it.each(cases)('$name', async ({ n, c, o, side }) => {
    const attributes = { stride: 1, padding: 1 };
    const [x, g] = [input('x', [n, c, side, side]), input('g', [n, o, side, side])];
    const w = input('w', [o, c, 3, 3]);
    const graph = createGraph('convolutions', {
      forward: convolution(x, w, attributes),
      image: convolutionInputGradient(g, w, { ...attributes, inputSize: [side, side] }),
      kernel: convolutionKernelGradient(x, g, { ...attributes, kernelSize: 3 }),
    });
    const given: Tensors = Object.fromEntries([x, g, w].map((node) => [nameOf(node), drawn(node)]));
    const expected = evaluateReference(graph, given);
    const program = await createNodeRuntime('cpu', { threads: 1 }).compile(graph);
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
  });

  it('stacks images only where a batch has several', () => {
    const count = (n: number): number => {
      const [x, w] = [input('x', [n, 128, 4, 4]), input('w', [128, 128, 3, 3])];
      return writeOnnx(createGraph('one', { y: convolution(x, w, { stride: 1, padding: 1 }) })).length;
    };
    expect(count(2)).toBeGreaterThan(count(1));
  });
});

const nameOf = (node: Node<'input'>): string => node.attributes.name;

function drawn(node: Node<'input'>): Tensors[string] {
  const random = createRandom('convolution', nameOf(node));
  return {
    shape: node.shape,
    data: Float32Array.from({ length: sizeOf(node.shape) }, () => 2 * random.uniform() - 1),
  };
}
