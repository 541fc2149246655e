import { expect, it } from 'vitest';
import { smallModel, smallSetup } from '../../test/fixtures/small-update.js';
import { startStudent, startTeacher } from '../../test/fixtures/start-state.js';
import { createRandom } from '../base/random.js';
import type { Graph } from '../engine/graph/graph.js';
import { type Tensor, type Tensors, tensor } from '../engine/graph/tensor.js';
import { createNodeRuntime } from '../engine/runtime/runtime.node.js';
import { contextInputName } from '../model/context-input.js';
import type { ModelConfiguration } from '../model/network-configuration.js';
import { adamFactors } from '../training/adam.js';
import { jointAdamFactors, jointUpdate } from '../training/joint-update.js';
import { withoutPrefix, withPrefix } from '../training/networks.js';
import type { Stage } from '../training/utad-losses.js';
import { criticUpdate, generatorUpdate, type UpdateSetup } from './utad-update.js';

const side = 32;
const only = (prefix: string, tensors: Tensors): Tensors =>
  withPrefix(prefix, withoutPrefix(prefix, tensors));
const slices = [2, 1, side, side];
const around: ModelConfiguration = { ...smallModel, contextSlices: 1 };
const kernel = /^(G|T)\.img_encoder\.features\.convblock1\.conv1\.unit\.0\.weight$/;

const setupOf = (stage: Stage, model: ModelConfiguration): UpdateSetup => ({
  ...smallSetup,
  stage,
  model,
  probe: true,
});

const noise = (key: string, shape: readonly number[]): Tensor => {
  const random = createRandom('neighbours', key);
  const length = shape.reduce((product, n) => product * n, 1);
  return tensor(
    Array.from({ length }, () => 2 * random.uniform() - 1),
    shape,
  );
};

/** A stage before its first update whose network sees no context slices. */
function stateOf(stage: Stage): Tensors {
  const teacher = startTeacher(smallModel, 1, false).tensors;
  return stage === 'teacher' ? teacher : startStudent(only('G', teacher), smallModel, 1, false).tensors;
}

/**
 * The same networks for a slice, one below and one above: the kernel [f,3,3,3] of slice and targets gets two planes more,
 * and gives them parts of what it does with the slice.
 */
function withPlanes(tensors: Tensors, parts: readonly [number, number]): Tensors {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, value]) => {
      if (
        !kernel.test(name) &&
        !/^adam\..*img_encoder\.features\.convblock1\.conv1\.unit\.0\.weight$/.test(name)
      )
        return [name, value];
      const data = Array.from({ length: 2 * 5 * 9 }, (_, i) => {
        const [feature, plane, tap] = [Math.floor(i / 45), Math.floor(i / 9) % 5, i % 9];
        const of = (p: number): number => value.data[feature * 27 + p * 9 + tap]!;
        if (plane === 0) return of(0) * (1 - parts[0] - parts[1]);
        return plane < 3 ? of(plane) : of(0) * parts[plane - 3]!;
      });
      return [name, tensor(data, [2, 5, 3, 3])];
    }),
  );
}

const joint = (setup: UpdateSetup): Graph =>
  jointUpdate(
    'iteration',
    { label: 'critic', graph: () => criticUpdate(setup), every: 1, rateFactor: 1 },
    { label: 'generator', graph: () => generatorUpdate(setup), every: 1, rateFactor: 1 },
  );

async function update(
  stage: Stage,
  model: ModelConfiguration,
  state: Tensors,
  contextSlices: Tensors,
): Promise<Tensors> {
  const setup = setupOf(stage, model);
  const program = await createNodeRuntime('cpu', { threads: 1 }).compile(joint(setup));
  const factors = adamFactors(setup.adam, 1e-4, 1);
  const results = await program.run({
    ...state,
    image: noise('image', slices),
    ...contextSlices,
    mask: tensor(
      Array.from({ length: 2 * side * side }, (_, i) => Number(i % side > 20)),
      slices,
    ),
    source: tensor([1, 0, 0, 1], [2, 2]),
    target: tensor([0, 1, 1, 0], [2, 2]),
    alpha: tensor([0.3, 0.6], [2, 1, 1, 1]),
    beta: tensor([0.3, 0.6], [2, 1, 1, 1]),
    ...factors,
    ...jointAdamFactors('generator', factors),
  });
  await program.close();
  return results;
}

const termsOf = (results: Tensors): [string, number][] =>
  Object.entries(results).flatMap(([name, { data }]) => (/\bterm\./.test(name) ? [[name, data[0]!]] : []));

it.each(['teacher', 'student'] as const)(
  'counts a slice in the place of its neighbours as the slice, in the cycle and in the teacher of a %s too',
  async (stage) => {
    const state = stateOf(stage);
    const image = noise('image', slices).data;
    const [first, second] = [image.subarray(0, side * side), image.subarray(side * side)];
    const itself = tensor([...first, ...first, ...second, ...second], [2, 2, side, side]);
    const others = noise('others', [2, 2, side, side]);
    const split = withPlanes(state, [0.25, 0.5]);
    const alone = await update(stage, smallModel, state, {});
    const same = await update(stage, around, split, { [contextInputName]: itself });
    const other = await update(stage, around, split, { [contextInputName]: others });
    const [expected, got, differing] = [alone, same, other].map((results) => termsOf(results));
    expect(got!.map(([name]) => name)).toEqual(expected!.map(([name]) => name));
    // Float32 through two passes of a generator of two features, and second derivatives.
    got!.forEach(([name, value], i) => {
      expect(Math.abs(value - expected![i]![1]), name).toBeLessThan(
        2e-3 * Math.max(1, Math.abs(expected![i]![1])),
      );
    });
    const [rec, before] = [differing, expected].map((terms) => new Map(terms).get('generator.term.rec')!);
    expect(Math.abs(rec! - before!)).toBeGreaterThan(1e-3);

    // All planes of the kernel learn; as copies of the slice, all three by the same gradient.
    const gradient = same['grad.G.img_encoder.features.convblock1.conv1.unit.0.weight']!.data;
    const plane = (p: number): Float32Array => gradient.slice(9 * p, 9 * p + 9);
    expect(Math.max(...plane(0).map(Math.abs))).toBeGreaterThan(1e-4);
    expect(plane(3)).toEqual(plane(4));
    plane(0).forEach((value, tap) => {
      expect(Math.abs(value - plane(3)[tap]!)).toBeLessThan(1e-3 * Math.max(...plane(0).map(Math.abs)));
    });
  },
);

it('sees each plane in its own place', async () => {
  const state = stateOf('teacher');
  const others = noise('others', [2, 2, side, side]);
  const swapped = tensor(
    [1, 0, 3, 2].flatMap((plane) => [
      ...others.data.subarray(plane * side * side, (plane + 1) * side * side),
    ]),
    [2, 2, side, side],
  );
  const [low, high] = await Promise.all([
    update('teacher', around, withPlanes(state, [0.5, 0]), { [contextInputName]: others }),
    update('teacher', around, withPlanes(state, [0, 0.5]), { [contextInputName]: swapped }),
  ]);
  const [a, b] = [low, high].map((results) => termsOf(results!));
  a!.forEach(([name, value], i) => {
    expect(Math.abs(value - b![i]![1]), name).toBeLessThan(2e-3 * Math.max(1, Math.abs(value)));
  });
});
