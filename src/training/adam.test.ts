import { expect, it } from 'vitest';
import { createGraph } from '../engine/graph/graph.js';
import { input } from '../engine/graph/operations.js';
import { evaluateReference } from '../engine/graph/reference.js';
import { type Tensors, tensor } from '../engine/graph/tensor.js';
import { adamFactors, adamNodes, adamStep, zeroMoments } from './adam.js';

const settings = { beta1: 0.9, beta2: 0.999 };

it('takes the steps of its definition', () => {
  const outputs = adamStep('w', input('w', [1]), input('g', [1]), settings, adamNodes());
  const graph = createGraph('adam', outputs);
  let state: Tensors = { w: tensor([1], [1]), ...zeroMoments({ w: tensor([1], [1]) }) };
  let [w, m, v] = [1, 0, 0];
  for (const [t, g] of [
    [1, 0.5],
    [2, -2],
    [3, 0.1],
  ] as const) {
    const next = evaluateReference(graph, {
      ...state,
      g: tensor([g], [1]),
      ...adamFactors(settings, 0.01, t),
    });
    state = Object.fromEntries(
      Object.entries(next).map(([name, data]) => [name, tensor(Float32Array.from(data), [1])]),
    );
    m = 0.9 * m + 0.1 * g;
    v = 0.999 * v + 0.001 * g * g;
    w -= (0.01 * (m / (1 - 0.9 ** t))) / (Math.sqrt(v / (1 - 0.999 ** t)) + 1e-8);
    expect(state['w']!.data[0]).toBeCloseTo(w, 6);
  }
});

it('moves by the learning rate in its first step, whatever the size of the gradient', () => {
  const graph = createGraph('adam', {
    w: adamStep('w', input('w', [2]), input('g', [2]), settings, adamNodes())['w']!,
  });
  const w = tensor([0, 0], [2]);
  const next = evaluateReference(graph, {
    w,
    g: tensor([1e-3, -50], [2]),
    ...zeroMoments({ w }),
    ...adamFactors(settings, 0.01, 1),
  });
  expect(next['w']![0]).toBeCloseTo(-0.01, 5);
  expect(next['w']![1]).toBeCloseTo(0.01, 5);
});

it('moves nothing at a rate of 0, not even where gradient and moments are 0', () => {
  const graph = createGraph('adam', {
    w: adamStep('w', input('w', [2]), input('g', [2]), settings, adamNodes())['w']!,
  });
  const w = tensor([1, 1], [2]);
  const given = { w, g: tensor([0, 3], [2]), ...zeroMoments({ w }), ...adamFactors(settings, 0, 5) };
  const next = evaluateReference(graph, given);
  expect(Array.from(next['w']!, Math.fround)).toEqual([1, 1]);
});
