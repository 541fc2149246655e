import { describe, expect, it } from 'vitest';
import { checkDifferences } from '../../test/fixtures/central-differences.js';
import {
  batch,
  drawn,
  inputsOf,
  model,
  run,
  setup,
  slices,
  update,
} from '../../test/fixtures/small-update-run.js';
import { createGraph, type Graph, type Node } from '../engine/graph.js';
import { input } from '../engine/operations.js';
import { type Tensor, type Tensors, tensor } from '../engine/tensor.js';
import { judge, readyCritic } from '../model/critic.js';
import { generate } from '../model/generator.js';
import { cutTumour } from '../model/tumour-image.js';
import { gradientPenalty, meanAbsoluteError, realness } from './losses.js';
import { initialNetwork, networkInputs } from './networks.js';
import { startTeacher } from './state.js';
import { publishedWeights } from './terms.js';
import { criticUpdate, generatorUpdate } from './update.js';

const spectral = { ...model, criticNorm: 'spectral' as const };
const withoutPenalty = {
  ...publishedWeights,
  critic: { ...publishedWeights.critic, gp: 0 },
};

/** The direction that a kernel stretches most and by how much, by plain power iteration in double precision. */
function singular({ data, shape }: Tensor): { sigma: number; direction: Float32Array } {
  const rows = shape[0]!;
  const columns = data.length / rows;
  const unit = (x: number[]): number[] => x.map((value) => value / Math.hypot(...x));
  let u = unit(Array.from({ length: rows }, (_, i) => 1 + i / 7));
  let sigma = 0;
  for (let step = 0; step < 3000; step++) {
    const v = unit(
      Array.from({ length: columns }, (_, j) =>
        u.reduce((s, value, i) => s + value * data[i * columns + j]!, 0),
      ),
    );
    const image = u.map((_, i) => v.reduce((s, value, j) => s + value * data[i * columns + j]!, 0));
    sigma = Math.hypot(...image);
    u = unit(image);
  }
  return { sigma, direction: Float32Array.from(u) };
}

describe('critics of spectral norm', () => {
  const start = initialNetwork('D', spectral, 3);
  const kernels = Object.keys(start).filter((name) => name.endsWith('.weight'));
  const converged: Tensors = {
    ...start,
    ...Object.fromEntries(
      kernels.map((name) => {
        const { direction } = singular(start[name]!);
        return [`${name}_u`, tensor(direction, [direction.length])];
      }),
    ),
  };
  const D = networkInputs('D', spectral);

  it('judge with every kernel, those of both heads too, over its largest singular value', async () => {
    expect(kernels).toHaveLength(5);
    const x = input('image', slices);
    const ready = readyCritic(spectral, D, 'training');
    const verdict = judge(spectral, ready.parameters, x);
    const divided = Object.fromEntries(
      kernels.map((name) => {
        const { data, shape } = start[name]!;
        const { sigma } = singular(start[name]!);
        return [
          name,
          tensor(
            data.map((value) => value / sigma),
            shape,
          ),
        ];
      }),
    );
    const plain = judge(model, networkInputs('D', model), x);
    const [got, expected] = await Promise.all([
      run(createGraph('spectral', { ...verdict }), { ...converged, image: batch['image']! }),
      run(createGraph('divided', { ...plain }), { ...start, ...divided, image: batch['image']! }),
    ]);
    for (const head of ['source', 'modality'])
      got[head]!.data.forEach((value, i) => {
        expect(value, head).toBeCloseTo(expected[head]!.data[i]!, 5);
      });
  });

  it('have the gradient of the normalised critic, and of its penalty', () => {
    const [real, fake] = [input('image', slices), input('fake', slices)];
    const given = { ...converged, ...batch, fake: drawn('fake', slices) };
    const { parameters } = readyCritic(spectral, D, 'training');
    const source = (x: Node): Node => judge(spectral, parameters, x).source;
    for (const name of ['main.0.weight', 'main.2.weight', 'conv1.weight'])
      checkDifferences(realness(source(real)), D[name] as Node<'input'>, given);
    const penalty = gradientPenalty(source, real, fake, input('alpha', [2, 1, 1, 1]));
    checkDifferences(penalty, D['main.2.weight'] as Node<'input'>, given);
  });

  it.each(['wasserstein', 'logistic', 'hinge'] as const)(
    'take one step of their power iteration an update, with adversary %s',
    async (adversary) => {
      const graph = criticUpdate({ ...setup, model: spectral, adversary, weights: withoutPenalty });
      const { tensors } = startTeacher(spectral, 1, false);
      const results = await update(graph, spectral);
      for (const critic of ['D', 'localD']) {
        const name = `${critic}.main.2.weight`;
        const { data } = tensors[name]!;
        const u = tensors[`${name}_u`]!.data;
        const columns = data.length / u.length;
        const v = Array.from({ length: columns }, (_, j) =>
          u.reduce((sum, value, i) => sum + value * data[i * columns + j]!, 0),
        );
        const image = Array.from(u, (_, i) =>
          v.reduce((sum, value, j) => sum + value * data[i * columns + j]!, 0),
        );
        results[`next.${name}_u`]!.data.forEach((value, i) => {
          expect(value).toBeCloseTo(image[i]! / Math.hypot(...image), 5);
        });
      }
      expect(Object.keys(results).filter((name) => /^term\.(local_)?gp$/.test(name))).toEqual([]);
      expect(Object.keys(results).filter((name) => /adam.*weight_u/.test(name))).toEqual([]);
    },
  );

  it('judge translations as they are, without another step', () => {
    const graph = generatorUpdate({ ...setup, model: spectral });
    expect(inputsOf(graph)).toContain('D.main.0.weight_u');
    expect(Object.keys(graph.outputs).filter((name) => name.includes('weight_u'))).toEqual([]);
  });
});

it('a penalty without a weight is not in the program', async () => {
  const [whole, without] = [setup, { ...setup, weights: withoutPenalty }].map(criticUpdate) as [Graph, Graph];
  expect(inputsOf(whole)).toContain('alpha');
  expect(inputsOf(without)).not.toContain('alpha');
  expect(inputsOf(without)).not.toContain('beta');
  const [before, after] = await Promise.all([update(whole), update(without)]);
  expect(Object.keys(before)).toContain('term.gp');
  expect(Object.keys(after).filter((name) => name.includes('gp'))).toEqual([]);
  const number = (results: Tensors, name: string): number => results[`term.${name}`]!.data[0]!;
  expect(number(after, 'total')).toBeCloseTo(number(before, 'total') - 10 * number(before, 'gp'), 4);
});

it('the identity is the error of slices translated to the modality they have', async () => {
  const weights = { ...publishedWeights, generator: { ...publishedWeights.generator, identity: 2 } };
  const [image, mask, source] = [input('image', slices), input('mask', slices), input('source', [2, 3])];
  const G = networkInputs('G', model);
  const kept = generate(
    model,
    G,
    { image, neighbours: null, tumour: cutTumour(image, mask), source, target: source },
    'training',
  );
  const [plain, results, alone] = await Promise.all([
    update(generatorUpdate(setup)),
    update(generatorUpdate({ ...setup, weights })),
    run(createGraph('identity', { error: meanAbsoluteError(image, kept.image), made: kept.image }), {
      ...startTeacher(model, 1, false).tensors,
      ...batch,
    }),
  ]);
  const by = (name: string): number => results[`term.${name}`]!.data[0]!;
  const { data } = alone['made']!;
  const hand =
    data.reduce((sum, value, i) => sum + Math.abs(value - batch['image']!.data[i]!), 0) / data.length;
  expect(by('identity')).toBeCloseTo(hand, 5);
  expect(by('identity')).toBeCloseTo(alone['error']!.data[0]!, 5);
  expect(by('total')).toBeCloseTo(plain['term.total']!.data[0]! + 2 * hand, 4);
  expect(plain).not.toHaveProperty(['term.identity']);
  // Statistics stay those of translations.
  for (const name of Object.keys(plain).filter((one) => one.includes('running')))
    results[name]!.data.forEach((value, i) => {
      expect(value, name).toBeCloseTo(plain[name]!.data[i]!, 5);
    });
});

describe('slices as other scanners would have made them', () => {
  const disturbed = { ...setup, disturbed: true };

  it.each(['teacher', 'student'] as const)(
    'change nothing where they are the slices themselves, for a %s',
    async (stage) => {
      for (const make of [criticUpdate, generatorUpdate]) {
        const T = Object.fromEntries(
          Object.entries(initialNetwork('G', model, 7)).map(([name, value]) => [
            name.replace('G.', 'T.'),
            value,
          ]),
        );
        const [plain, seen] = await Promise.all([
          update(make({ ...setup, stage }), model, T),
          update(make({ ...disturbed, stage }), model, { ...T, seen: batch['image']! }),
        ]);
        for (const name of Object.keys(plain)) expect(seen[name]!.data, name).toEqual(plain[name]!.data);
      }
    },
  );

  it('reach the generator alone: critics and errors keep to the true ones', async () => {
    const given = { seen: drawn('seen', slices) };
    const [plain, seen] = await Promise.all([
      update(criticUpdate(setup)),
      update(criticUpdate(disturbed), model, given),
    ]);
    for (const name of ['real', 'cls', 'local_real', 'local_cls'])
      expect(seen[`term.${name}`]!.data, name).toEqual(plain[`term.${name}`]!.data);
    expect(seen['term.fake']!.data).not.toEqual(plain['term.fake']!.data);
    // The cycle's error is of the true slice, and the tumour's of the true tumour.
    const probed = await update(generatorUpdate({ ...disturbed, probe: true }), model, given);
    const { data } = probed['rec']!;
    const error =
      data.reduce((sum, value, i) => sum + Math.abs(value - batch['image']!.data[i]!), 0) / data.length;
    expect(probed['term.rec']!.data[0]).toBeCloseTo(error, 5);
  });
});
