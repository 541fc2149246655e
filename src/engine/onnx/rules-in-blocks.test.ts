import { expect, it } from 'vitest';
import { createRandom } from '../../base/random.js';
import { sizeOf } from '../../base/shapes.js';
import { upsampleBilinear } from '../../nn/upsampling.js';
import { gradient } from '../graph/gradient.js';
import { createGraph, isOp, type Node, topologicalOrder } from '../graph/graph.js';
import * as ops from '../graph/operations.js';
import { evaluateReference } from '../graph/reference.js';
import type { Tensors } from '../graph/tensor.js';
import { createNodeRuntime } from '../runtime/runtime.node.js';
import { writeOnnx } from './write-onnx.js';

/** Sums of a few hundred products of numbers below 3, in float32, relative to the largest. */
const tolerance = 3e-5;
/** Two images of two blocks of sixteen channels. */
const size = [2, 32, 8, 8];

const x = ops.input('x', size);
const small = ops.input('small', [2, 32, 4, 4]);
const planes = ops.input('planes', [2, 32, 1, 1]);
const bias = ops.input('bias', [1, 32, 1, 1]);
const kernel = ops.input('kernel', [32, 32, 3, 3]);
const made = (from: Node): Node => ops.convolution(from, kernel, { stride: 1, padding: 1 });
const image = made(x);

/** What can follow a convolution without leaving its layout, and what it says when it does leave it. */
const cases: Readonly<Record<string, Node>> = {
  'another convolution': made(image),
  'a norm and a leaky ReLU': ops.leakyRelu(ops.instanceNorm(image, 1e-5), 0.01),
  'a bias and a leaky ReLU': ops.leakyRelu(ops.add(image, bias), 0.1),
  'sums and products with a number a plane': ops.subtract(
    ops.subtract(image, planes),
    ops.multiply(ops.add(image, x), planes),
  ),
  'a number a plane minus it': ops.subtract(planes, image),
  'a strange tensor of the same shape': ops.maximum(ops.absolute(image), x),
  'sums over planes and over everything': ops.multiply(
    ops.sum(image, [0, 2, 3]),
    ops.add(ops.sum(image, [2, 3]), ops.sum(image)),
  ),
  'joining and taking apart by blocks': ops.slice(ops.concat([image, x], 1), 1, 16, 48),
  'taking apart within a block': ops.slice(image, 1, 3, 21),
  pooling: ops.maxPool(image),
  'pooling where all are equal': ops.maxPool(ops.multiply(image, ops.scalar(0))),
  'the adjoint of pooling': ops.maxUnpool(small, ops.clamp(image, -0.1, 0.1)),
  upsampling: upsampleBilinear(image),
  'a product with another matrix': ops.matmul(
    image,
    ops.constant(
      Float32Array.from({ length: 128 }, (_, i) => Math.sin(i)),
      [8, 16],
    ),
  ),
};

it.each(Object.entries(cases))('equals the reference in blocks: %s', async (_, value) => {
  const loss = ops.sum(ops.multiply(value, weightsLike(value)));
  const variables = topologicalOrder([loss]).filter((node) => isOp(node, 'input'));
  const gradients = gradient(ops.reshape(loss, []), variables);
  const outputs = Object.fromEntries(
    gradients.flatMap((g, i) => (g === null ? [] : [[`grad.${i}`, g] as const])),
  );
  const graph = createGraph('chain', { value, ...outputs });
  const inputs = randomInputs(graph.inputs);
  const program = await createNodeRuntime('cpu', { threads: 1 }).compile(graph);
  const results = await program.run(inputs);
  await program.close();
  const expected = evaluateReference(graph, inputs);
  for (const name of Object.keys(graph.outputs)) {
    const [got, wanted] = [results[name]!.data, expected[name]!];
    const largest = wanted.reduce((most, v) => Math.max(most, Math.abs(v)), 1);
    const difference = wanted.reduce((most, v, i) => Math.max(most, Math.abs(v - got[i]!)), 0);
    expect(difference / largest, name).toBeLessThan(tolerance);
    expect(got).toHaveLength(wanted.length);
  }
});

it('leaves the layout at the end alone', () => {
  const chain = made(ops.leakyRelu(ops.instanceNorm(made(ops.leakyRelu(image, 0.01)), 1e-5), 0.01));
  const written = Buffer.from(writeOnnx(createGraph('chain', { chain }), { channelBlock: 16 })).toString(
    'latin1',
  );
  expect(written.split('ReorderOutput')).toHaveLength(2);
});

/** Fixed weights, so that the gradient is not the same everywhere. */
function weightsLike({ shape }: Node): Node {
  return ops.constant(
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(1.7 * i)),
    shape,
  );
}

function randomInputs(inputs: readonly Node<'input'>[]): Tensors {
  return Object.fromEntries(
    inputs.map(({ attributes: { name }, shape }) => {
      const random = createRandom('in blocks', name);
      return [
        name,
        { shape, data: Float32Array.from({ length: sizeOf(shape) }, () => 2 * random.uniform() - 1) },
      ];
    }),
  );
}
