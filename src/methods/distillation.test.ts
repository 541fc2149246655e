import { expect, it } from 'vitest';
import { createGraph, type Node } from '../engine/graph/graph.js';
import { add, input, multiply, reshape, sum } from '../engine/graph/operations.js';
import { evaluateReference } from '../engine/graph/reference.js';
import { type Tensors, tensor } from '../engine/graph/tensor.js';
import { convolutionSpecs, convolve } from '../nn/convolution.js';
import { adamFactors, zeroMoments } from '../training/adam.js';
import {
  adapterInputs,
  adapterSpecs,
  type DistillableNetwork,
  distillationTerms,
  distillationUpdate,
  type PrivilegedDistillation,
} from './distillation.js';

const adam = { beta1: 0.9, beta2: 0.999 };

function valuesOf(nodes: Readonly<Record<string, Node>>, given: Tensors): Record<string, number> {
  const values = evaluateReference(createGraph('values', nodes), given);
  return Object.fromEntries(Object.entries(values).map(([name, data]) => [name, data[0]!]));
}

it('compares outputs and features, the features through the adapter where widths differ', () => {
  const output = (who: string): Node => input(`${who} output`, [1, 1, 1, 2]);
  const narrow = { output: output('student'), features: input('narrow', [1, 1, 1, 2]) };
  const wide = { output: output('teacher'), features: input('wide', [1, 2, 1, 2]) };
  const given = {
    'student output': tensor([1, 2], [1, 1, 1, 2]),
    'teacher output': tensor([1, 5], [1, 1, 1, 2]),
    narrow: tensor([3, 4], [1, 1, 1, 2]),
    wide: tensor([1, 2, 3, 4], [1, 2, 1, 2]),
    'adapter.weight': tensor([1, 2], [2, 1, 1, 1]),
    'adapter.bias': tensor([0, -1], [2]),
  };
  // Through the adapter 3, 4 become 3, 4 and 5, 7.
  expect(valuesOf({ ...distillationTerms(narrow, wide, adapterInputs(1, 2)) }, given)).toEqual({
    sup: 1.5,
    feature: (2 + 2 + 2 + 3) / 4,
  });
  expect(valuesOf({ ...distillationTerms(wide, wide, {}) }, given)).toEqual({ sup: 0, feature: 0 });
  expect(adapterSpecs(8, 8)).toEqual([]);
});

interface Full {
  readonly seen: Node;
  readonly secret: Node;
}

const shape = [1, 1, 1, 2];
const scaled = (parameters: Readonly<Record<string, Node>>, x: Node): Node =>
  convolve(parameters, 'gain', x, 1, 0);
const specs = convolutionSpecs('gain', { inputs: 1, outputs: 1, kernel: 1 }, null);
const teacher: DistillableNetwork<Full> = {
  name: 'T',
  specs,
  run: (parameters, { seen, secret }) => {
    const features = scaled(parameters, add(seen, secret));
    return { features, output: features };
  },
};
const student: DistillableNetwork<Pick<Full, 'seen'>> = {
  name: 'S',
  specs,
  run: (parameters, { seen }) => {
    const features = scaled(parameters, seen);
    return { features, output: features };
  },
};
const distillation: PrivilegedDistillation<Full, Pick<Full, 'seen'>> = {
  teacher,
  student,
  everything: { seen: input('seen', shape), secret: input('secret', shape) },
  withhold: ({ seen }) => ({ seen }),
  weights: { sup: 2, feature: 0.5 },
  adam,
};
const state: Tensors = {
  'T.gain.weight': tensor([1], [1, 1, 1, 1]),
  'S.gain.weight': tensor([1], [1, 1, 1, 1]),
  ...zeroMoments({ 'S.gain.weight': tensor([1], [1, 1, 1, 1]) }),
  seen: tensor([1, 2], shape),
  secret: tensor([3, 4], shape),
  ...adamFactors(adam, 0.1, 1),
};

it('gives a student less than its frozen teacher, and moves the student towards it', () => {
  const update = distillationUpdate(distillation);
  expect(update.inputs.map(({ attributes }) => attributes.name).sort()).toEqual(Object.keys(state).sort());
  const values = valuesOf(update.outputs, state);
  // 1·(1, 2) against 1·(4, 6): errors 3 and 4.
  expect(values).toMatchObject({ 'term.sup': 3.5, 'term.feature': 3.5, 'term.total': 2.5 * 3.5 });
  // The first step of Adam is the learning rate, against the gradient's sign.
  expect(values['next.S.gain.weight']).toBeCloseTo(1.1, 5);
  expect(Object.keys(update.outputs).filter((name) => name.includes('T.'))).toEqual([]);
});

it('takes further terms of the student and weighs them by their own weight', () => {
  const truth = input('truth', shape);
  const update = distillationUpdate({
    ...distillation,
    others: ({ output }) => ({ product: { term: reshape(sum(multiply(output, truth)), []), weight: 10 } }),
  });
  const values = valuesOf(update.outputs, { ...state, truth: tensor([1, -1], shape) });
  expect(values['term.product']).toBe(-1);
  expect(values['term.total']).toBeCloseTo(2.5 * 3.5 - 10, 6);
});
