import { expect, it } from 'vitest';
import { createRandom } from '../base/random.js';
import { gradient } from '../engine/graph/gradient.js';
import { createGraph } from '../engine/graph/graph.js';
import { input, meanAll } from '../engine/graph/operations.js';
import { evaluateReference } from '../engine/graph/reference.js';
import { type Tensors, tensor } from '../engine/graph/tensor.js';
import { initialise, type ParameterSpec } from '../nn/parameters.js';
import { anySourceSpecs, translateAnySource } from './any-source.js';

const [count, side] = [3, 16];
const model = { modalities: ['a', 'b', 'c'], levels: 2, baseChannels: 2, detailChannels: 2 };
const specs = anySourceSpecs(model);
const shape = [1, count, side, side];

/** Parameters at random, or as training starts. */
function parametersOf(random: boolean, of: readonly ParameterSpec[] = specs): Tensors {
  const start = initialise(of, 1, 'G');
  if (!random) return start;
  const { normal } = createRandom('any source');
  return Object.fromEntries(
    Object.entries(start).map(([name, value]) => [
      name,
      tensor(
        value.data.map((one) => one + 0.3 * normal()),
        value.shape,
      ),
    ]),
  );
}

const nodes = (of: readonly ParameterSpec[] = specs) =>
  Object.fromEntries(
    of.flatMap(({ name, shape, role }) =>
      role === 'inert' ? [] : [[name, input(name, shape, 'parameter')]],
    ),
  );

const graph = createGraph('any source', {
  image: translateAnySource(model, nodes(), {
    sources: input('sources', shape),
    present: input('present', [1, count]),
    target: input('target', [1, count]),
    mask: null,
  }).image,
});

/** Slices of noise in a disc of brain, those of absent modalities background throughout. */
function given(present: readonly number[], seed = 'slices'): Tensors {
  const random = createRandom(seed);
  const sources = Float32Array.from({ length: count * side * side }, (_, i) => {
    const value = 1.6 * random.uniform() - 0.8;
    const [row, column] = [Math.floor(i / side) % side, i % side];
    const isBrain = Math.hypot(row - 7.5, column - 7.5) < 6;
    return isBrain && present[Math.floor(i / side ** 2)] === 1 ? value : -1;
  });
  return { sources: tensor(sources, shape), present: tensor(present, [1, count]) };
}

const target = (index: number): Tensors => ({
  target: tensor(
    Array.from({ length: count }, (_, i) => Number(i === index)),
    [1, count],
  ),
});

const translate = (parameters: Tensors, inputs: Tensors): Float64Array =>
  evaluateReference(graph, { ...parameters, ...inputs })['image']!;

it('starts with the mean of a brain everywhere, and background outside', () => {
  const slices = given([1, 0, 0]);
  const image = translate(parametersOf(false), { ...slices, ...target(1) });
  slices['sources']!.data.subarray(0, side * side).forEach((value, p) => {
    expect(image[p]).toBeCloseTo(value > -1 ? -0.2 : -1, 6);
  });
});

it('tells targets and sets of sources apart', () => {
  const parameters = parametersOf(true);
  const one = given([1, 0, 0]);
  const images = [
    translate(parameters, { ...one, ...target(1) }),
    translate(parameters, { ...one, ...target(2) }),
    translate(parameters, { ...given([1, 0, 1]), ...target(1) }),
    // The same slices, but the network is told that one more is there.
    translate(parameters, { ...one, present: tensor([1, 0, 1], [1, count]), ...target(1) }),
  ];
  for (const [i, a] of images.entries()) for (const b of images.slice(i + 1)) expect(a).not.toEqual(b);
});

it('has brain wherever any source has it', () => {
  const slices = given([1, 0, 1]);
  // The first source ends in the middle.
  slices['sources']!.data.fill(-1, 0, (side * side) / 2);
  const image = translate(parametersOf(true), { ...slices, ...target(1) });
  const third = slices['sources']!.data.subarray(2 * side * side);
  third.forEach((value, p) => {
    expect(image[p] === -1, String(p)).toBe(value === -1);
  });
});

it("passes a source's fine detail on by its gain alone", () => {
  // Without weights but a gain of 1 from the first to the second: the translation is the mean and the source's detail.
  const parameters = parametersOf(false);
  const gains = parameters['gain.bias']!;
  const withGain = {
    ...parameters,
    // Target by target, a gain for each source.
    'gain.bias': tensor(
      gains.data.map((_, i) => Number(i === 1 * count + 0)),
      gains.shape,
    ),
  };
  const slices = given([1, 0, 0]);
  const [plain, detailed] = [parameters, withGain].map((of) =>
    translate(of, { ...slices, ...target(1) }),
  ) as [Float64Array, Float64Array];
  const source = slices['sources']!.data;
  // In the middle of a disc, what is left of a pixel is what its four blocks do not explain.
  const coarse = (row: number, column: number): number =>
    [0, 1, side, side + 1].reduce((sum, offset) => sum + source[2 * row * side + 2 * column + offset]!, 0) /
    4;
  const smooth = (row: number, column: number): number => {
    const [r, c] = [(row + 0.5) / 2 - 0.5, (column + 0.5) / 2 - 0.5];
    const [r0, c0] = [Math.floor(r), Math.floor(c)];
    const [fr, fc] = [r - r0, c - c0];
    return (
      (1 - fr) * ((1 - fc) * coarse(r0, c0) + fc * coarse(r0, c0 + 1)) +
      fr * ((1 - fc) * coarse(r0 + 1, c0) + fc * coarse(r0 + 1, c0 + 1))
    );
  };
  for (const [row, column] of [
    [7, 7],
    [8, 6],
    [6, 9],
  ] as const) {
    const p = row * side + column;
    expect(detailed[p]! - plain[p]!).toBeCloseTo(source[p]! - smooth(row, column), 4);
  }
  // Another target has no such gain.
  const elsewhere = [parameters, withGain].map((of) => translate(of, { ...slices, ...target(2) }));
  expect(elsewhere[0]).toEqual(elsewhere[1]);
});

it('learns with every parameter but the inert ones', () => {
  const masked = { ...model, tumourMask: true };
  const own = anySourceSpecs(masked);
  const parameters = nodes(own);
  const names = Object.keys(parameters);
  const { image } = translateAnySource(masked, parameters, {
    sources: input('sources', shape),
    present: input('present', [1, count]),
    target: input('target', [1, count]),
    mask: input('mask', [1, 1, side, side]),
  });
  const slopes = gradient(
    meanAll(image),
    names.map((name) => parameters[name]!),
  );
  const outputs = Object.fromEntries(names.map((name, i) => [name, slopes[i]!]));
  const values = evaluateReference(createGraph('slopes', outputs), {
    ...parametersOf(true, own),
    ...given([1, 0, 1]),
    ...target(1),
    mask: tensor(
      given([1, 1, 1], 'mask')
        ['sources']!.data.slice(0, side * side)
        .map((v) => Number(v > 0)),
      [1, 1, side, side],
    ),
  });
  for (const name of names)
    expect(
      values[name]!.some((value: number) => value !== 0),
      name,
    ).toBe(true);
});
