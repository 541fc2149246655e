import { describe, expect, it } from 'vitest';
import { createRandom } from '../../base/random.js';
import { createNodeRuntime } from '../runtime/runtime.node.js';
import { gradient } from './gradient.js';
import { gradientRules } from './gradient-rules.js';
import { createGraph, type Graph, type Node, type OpName, topologicalOrder } from './graph.js';
import { operationCases } from './operation-cases.js';
import * as ops from './operations.js';
import { evaluateReference } from './reference.js';
import { type Tensors, tensor } from './tensor.js';

/** Step of the central differences; the reference is double precision, so its error is about step². */
const step = 1e-4;
/** Largest error of a central difference: truncation of third derivatives at this step, inputs stored in float32. */
const differenceTolerance = 2e-5;
/** Largest error of a float32 runtime on values of about one, summed over at most some hundred products. */
const runtimeTolerance = 2e-5;

/** Not differentiable by nature, or zero by definition: central differences away from kinks must be zero too. */
const cases = operationCases();

describe('every operation', () => {
  it.each(cases.map((one) => [`${one.op}, ${one.title}`, one] as const))(
    '%s: gradient agrees with central differences',
    (_, one) => {
      const inputs = one.graph.inputs.filter(({ attributes }) => one.inputs[attributes.name] !== undefined);
      const y = one.graph.outputs['y']!;
      const loss = weighted(y, one.graph.name);
      const gradients = gradient(loss, inputs);
      for (const [i, node] of inputs.entries())
        checkByDifferences(loss, node, gradients[i]!, one.inputs, one.op === 'detach');
    },
  );

  it.each(
    cases
      .filter((one) => hasSecondDerivative(one.op))
      .map((one) => [`${one.op}, ${one.title}`, one] as const),
  )('%s: gradient of the squared gradient agrees with central differences', (_, one) => {
    const inputs = [...one.graph.inputs];
    const y = one.graph.outputs['y']!;
    const loss = weighted(ops.multiply(y, y), one.graph.name);
    const first = gradient(loss, inputs);
    const norm = first
      .flatMap((g) => (g === null ? [] : [ops.reshape(ops.sum(ops.multiply(g, g)), [])]))
      .reduce(ops.add);
    const second = gradient(norm, inputs);
    for (const [i, node] of inputs.entries())
      checkByDifferences(norm, node, second[i]!, one.inputs, false, 1e-3);
  });

  it('agrees between the reference and ONNX Runtime on the CPU, with its gradients', async () => {
    const runtime = createNodeRuntime('cpu');
    for (const one of cases) {
      const y = one.graph.outputs['y']!;
      const gradients = gradient(weighted(y, one.graph.name), [...one.graph.inputs]);
      const outputs = Object.fromEntries(gradients.flatMap((g, i) => (g === null ? [] : [[`g${i}`, g]])));
      const graph = createGraph(one.graph.name, { y, ...outputs });
      const expected = evaluateReference(graph, one.inputs);
      const program = await runtime.compile(graph);
      const got = await program.run(one.inputs);
      await program.close();
      for (const [name, values] of Object.entries(expected)) {
        const scale = Math.max(1, ...values.map(Math.abs));
        values.forEach((value, i) => {
          expect(
            Math.abs(got[name]!.data[i]! - value) / scale,
            `${one.graph.name}, ${name}[${i}]`,
          ).toBeLessThan(runtimeTolerance);
        });
      }
    }
  });
});

describe('gradient rules', () => {
  it('use only operations that have rules themselves', () => {
    const used = new Set<OpName>();
    for (const one of cases) {
      const gradients = gradient(weighted(one.graph.outputs['y']!, one.graph.name), [...one.graph.inputs]);
      for (const node of topologicalOrder(gradients.flatMap((g) => (g === null ? [] : [g]))))
        used.add(node.op);
    }
    for (const op of used) expect(gradientRules, op).toHaveProperty(op);
    expect(used.size).toBeGreaterThan(20);
  });

  it('are exercised by a case for every operation of the list', () => {
    expect(new Set(cases.map(({ op }) => op))).toEqual(new Set(Object.keys(gradientRules)));
  });
});

function hasSecondDerivative(op: OpName): boolean {
  return !['detach', 'sign', 'within'].includes(op);
}

/** A number that weighs every element differently, so that no error cancels. */
function weighted(y: Node, key: string): Node {
  const random = createRandom('weights', key);
  const size = y.shape.reduce((a, b) => a * b, 1);
  const weights = ops.constant(
    Float32Array.from({ length: size }, () => 2 * random.uniform() - 1),
    y.shape,
  );
  return ops.reshape(ops.sum(ops.multiply(y, weights)), []);
}

function checkByDifferences(
  loss: Node,
  variable: Node,
  g: Node | null,
  inputs: Tensors,
  detached: boolean,
  tolerance = differenceTolerance,
): void {
  const { name } = variable.attributes as { name: string };
  const graph = createGraph('loss', { loss });
  const analytic =
    g === null
      ? new Float64Array(inputs[name]!.data.length)
      : evaluateReference(createGraph('g', { g }), inputs)['g']!;
  const scale = Math.max(1, ...analytic.map(Math.abs));
  const picks = createRandom('elements', name).permutation(inputs[name]!.data.length).slice(0, 12);
  for (const i of picks) {
    const numeric =
      (lossAt(graph, inputs, name, i, step) - lossAt(graph, inputs, name, i, -step)) / (2 * step);
    // A detached share is half of the doubled input in its case.
    const expected = detached ? numeric / 2 : numeric;
    expect(
      Math.abs(analytic[i]! - expected) / scale,
      `${name}[${i}]: ${analytic[i]} against ${expected}`,
    ).toBeLessThan(tolerance);
  }
}

function lossAt(graph: Graph, inputs: Tensors, name: string, index: number, change: number): number {
  const moved = Float64Array.from(inputs[name]!.data);
  moved[index]! += change;
  // The reference reads doubles, so the step need not fit into float32.
  const value = { shape: inputs[name]!.shape, data: moved as unknown as Float32Array };
  return evaluateReference(graph, { ...inputs, [name]: value })['loss']![0]!;
}

it('refuses to differentiate anything but one number', () => {
  const x = ops.input('x', [2]);
  expect(() => gradient(x, [x])).toThrow('gradient: expected one number to differentiate, got 2.');
});

it('gives no gradient where the output does not depend on the variable', () => {
  const [x, y] = [ops.input('x', []), ops.input('y', [])];
  expect(gradient(ops.multiply(x, x), [y])).toEqual([null]);
  expect(
    evaluateReference(createGraph('g', { g: gradient(ops.multiply(x, x), [x])[0]! }), { x: tensor([3], []) })[
      'g'
    ]![0],
  ).toBe(6);
});
