import { expect, it } from 'vitest';
import { createRandom } from '../base/random.js';
import { sizeOf } from '../base/shapes.js';
import { createGraph, type Node } from '../engine/graph/graph.js';
import { input } from '../engine/graph/operations.js';
import { evaluateReference } from '../engine/graph/reference.js';
import { type Tensors, tensor } from '../engine/graph/tensor.js';
import { initialise } from '../nn/parameters.js';
import { fuse, fusionSpecs } from './feature-fusion.js';

const [batch, channels] = [2, 3];
const shape = [batch, channels, 4, 4];
const drawn = (key: string): Tensors[string] => {
  const random = createRandom('fusion', key);
  return tensor(Float32Array.from({ length: sizeOf(shape) }, random.normal), shape);
};
const given = { a: drawn('a'), b: drawn('b') };

function fused(mode: 'training' | 'evaluation', more: Tensors = {}) {
  const specs = fusionSpecs('fusion', channels);
  const parameters = Object.fromEntries(
    specs
      .filter(({ role }) => role !== 'inert')
      .map((spec): [string, Node] => [spec.name, input(spec.name, spec.shape)]),
  );
  const { value, buffers } = fuse(parameters, 'fusion', input('a', shape), input('b', shape), mode);
  const values = { ...initialise(specs, 1, 'G'), ...given, ...more };
  return {
    value: Array.from(evaluateReference(createGraph('fusion', { value }), values)['value']!),
    moved: Object.keys(buffers),
  };
}

it('normalises by the batch in training: another second slice changes what the first one gives', () => {
  const half = sizeOf(shape) / 2;
  const first = (mode: 'training' | 'evaluation', more: Tensors): number[] =>
    fused(mode, more).value.slice(0, half);
  const changed = {
    a: tensor(
      given.a!.data.map((v, i) => (i < half ? v : 5 * v)),
      shape,
    ),
  };
  expect(first('training', changed)).not.toEqual(first('training', {}));
  expect(first('evaluation', changed)).toEqual(first('evaluation', {}));
});

it('uses the running statistics in evaluation and moves them in training alone', () => {
  const statistics = {
    'fusion.layer1.1.running_mean': tensor([0.5, -1, 2], [channels]),
    'fusion.layer2.1.running_var': tensor([4, 0.25, 1], [channels]),
  };
  expect(fused('evaluation', statistics).value).not.toEqual(fused('evaluation').value);
  expect(fused('training', statistics).value).toEqual(fused('training').value);
  expect(fused('evaluation', statistics).moved).toEqual([]);
  expect(fused('training', statistics).moved).toHaveLength(4);
});
