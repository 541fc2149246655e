import { expect, it } from 'vitest';
import { createRandom } from '../base/random.js';
import { sizeOf } from '../base/shapes.js';
import { createGraph, type Node } from '../engine/graph.js';
import { input } from '../engine/operations.js';
import { evaluateReference } from '../engine/reference.js';
import { type Tensors, tensor } from '../engine/tensor.js';
import { initialise } from '../nn/parameters.js';
import type { FusionNorm } from './configuration.js';
import { fuse, fusionSpecs } from './fusion.js';

const [batch, channels] = [2, 3];
const shape = [batch, channels, 4, 4];
const drawn = (key: string): Tensors[string] => {
  const random = createRandom('fusion', key);
  return tensor(Float32Array.from({ length: sizeOf(shape) }, random.normal), shape);
};
const given = { a: drawn('a'), b: drawn('b') };

function fused(norm: FusionNorm, mode: 'training' | 'evaluation', more: Tensors = {}) {
  const specs = fusionSpecs('fusion', channels, norm);
  const parameters = Object.fromEntries(
    specs
      .filter(({ role }) => role !== 'inert')
      .map((spec): [string, Node] => [spec.name, input(spec.name, spec.shape)]),
  );
  const { value, buffers } = fuse(parameters, 'fusion', input('a', shape), input('b', shape), mode, norm);
  const values = { ...initialise(specs, 1, 'G'), ...given, ...more };
  return {
    value: Array.from(evaluateReference(createGraph('fusion', { value }), values)['value']!),
    moved: Object.keys(buffers),
  };
}

it('normalises each slice by itself where asked, the same in training and in use', () => {
  const training = fused('instance', 'training');
  expect(training.moved).toEqual([]);
  expect(fused('instance', 'evaluation')).toEqual(training);
  // Another second slice leaves the first one's features as they are; statistics of the batch do not.
  const half = sizeOf(shape) / 2;
  const first = (norm: FusionNorm, more: Tensors): number[] =>
    fused(norm, 'training', more).value.slice(0, half);
  const changed = {
    a: tensor(
      given.a!.data.map((v, i) => (i < half ? v : 5 * v)),
      shape,
    ),
  };
  expect(first('instance', changed)).toEqual(first('instance', {}));
  expect(first('batch', changed)).not.toEqual(first('batch', {}));
});

it('keeps frozen statistics, and uses them in training too', () => {
  const statistics = {
    'fusion.layer1.1.running_mean': tensor([0.5, -1, 2], [channels]),
    'fusion.layer2.1.running_var': tensor([4, 0.25, 1], [channels]),
  };
  const training = fused('frozen', 'training', statistics);
  expect(training.moved).toEqual([]);
  expect(training).toEqual(fused('batch', 'evaluation', statistics));
  expect(fused('batch', 'training', statistics).moved).toHaveLength(4);
});
