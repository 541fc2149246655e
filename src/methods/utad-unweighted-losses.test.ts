import { describe, expect, it } from 'vitest';
import { drawn, inputsOf, model, setup, slices, update } from '../../test/fixtures/small-update-run.js';
import { createGraph, type Graph } from '../engine/graph/graph.js';
import { input } from '../engine/graph/operations.js';
import { tensor } from '../engine/graph/tensor.js';
import { generate, generatorSpecs } from '../model/generator.js';
import { cutTumour } from '../model/tumour-image.js';
import { initialNetworks, parameterInputs } from '../training/networks.js';
import { publishedWeights } from '../training/utad-losses.js';
import type { UpdateSetup } from './utad-update.js';
import { criticUpdate, generatorUpdate } from './utad-update.js';

describe('what has no weight', () => {
  const none = Object.fromEntries(
    Object.keys(publishedWeights.generator).map((term) => [term, 0]),
  ) as typeof publishedWeights.generator;
  const asked = (generator: Partial<typeof none>): UpdateSetup => ({
    ...setup,
    weights: { ...publishedWeights, generator: { ...none, ...generator } },
  });
  const termsOf = ({ outputs }: Graph): string[] =>
    Object.keys(outputs)
      .filter((name) => name.startsWith('term.'))
      .map((name) => name.slice('term.'.length))
      .toSorted();
  const networksIn = (graph: Graph): string[] =>
    [...new Set(inputsOf(graph).map((name) => name.split('.')[0]!))].filter((name) =>
      /^(G|D|localD|T)$/.test(name),
    );
  const T = Object.fromEntries(
    Object.entries(initialNetworks({ G: generatorSpecs(model) }, 7)).map(([name, value]) => [
      name.replace('G.', 'T.'),
      value,
    ]),
  );
  const known = { truth: drawn('truth', slices), sampleWeight: tensor([1, 1], [2, 1, 1, 1]) };

  it.each([
    [{ truth: 1 }, ['total', 'truth'], ['G']],
    [{ rec: 1 }, ['rec', 'total'], ['G']],
    [{ cls: 1 }, ['cls', 'total'], ['D', 'G']],
    [{ local_fake: 1, truth: 1 }, ['local_fake', 'total', 'truth'], ['G', 'localD']],
  ] as const)('is not computed: weights %j', (generator, terms, networks) => {
    const graph = generatorUpdate(asked(generator));
    expect(termsOf(graph)).toEqual(terms);
    expect(networksIn(graph).toSorted()).toEqual(networks);
  });

  it('leaves the other terms as they are', async () => {
    const given = { ...T, ...known };
    for (const stage of ['teacher', 'student'] as const) {
      const full = { ...publishedWeights.generator, truth: 3 };
      const whole = await update(
        generatorUpdate({ ...setup, stage, weights: { ...publishedWeights, generator: full } }),
        model,
        given,
      );
      const names = Object.keys(full).filter((name) => `term.${name}` in whole) as (keyof typeof full)[];
      for (const name of names) {
        // The truth beside it, as a term of tumours alone does not reach the slices' decoder.
        const weights = { truth: 1, [name]: 2 };
        const some = await update(generatorUpdate({ ...asked(weights), stage }), model, given);
        const value = (term: string): number => some[`term.${term}`]!.data[0]!;
        expect(value(name), name).toBeCloseTo(whole[`term.${name}`]!.data[0]!, 5);
        const rest = name === 'truth' ? 0 : value('truth');
        expect(value('total'), name).toBeCloseTo(2 * value(name) + rest, 4);
      }
      expect(names).toHaveLength(stage === 'teacher' ? 7 : 9);
    }
  });

  it('moves running statistics once where there is no way back', async () => {
    const G = parameterInputs('G', generatorSpecs(model));
    const [image, mask, source, target] = [
      input('image', slices),
      input('mask', slices),
      input('source', [2, 3]),
      input('target', [2, 3]),
    ];
    const { buffers } = generate(
      model,
      G,
      { image, contextSlices: null, tumour: cutTumour(image, mask), source, target },
      'training',
    );
    const [learnt, once] = await Promise.all([
      update(generatorUpdate(asked({ truth: 1 })), model, known),
      update(createGraph('one pass', buffers)),
    ]);
    expect(Object.keys(once).length).toBeGreaterThan(0);
    for (const [name, { data }] of Object.entries(once))
      expect(learnt[`next.G.${name}`]!.data, name).toEqual(data);
  });

  it('leaves the decoder of tumour images as it is where nothing asks for them', () => {
    const learnt = (generator: Partial<typeof none>): string[] =>
      Object.keys(generatorUpdate(asked(generator)).outputs).filter((name) =>
        name.startsWith('next.G.tumor_decoder.'),
      );
    expect(learnt({ truth: 1, fake: 1, rec: 1 })).toEqual([]);
    for (const term of ['local', 'local_fake', 'local_cls'] as const)
      expect(learnt({ truth: 1, [term]: 1 }).length, term).toBeGreaterThan(5);
  });

  it('has no critic: only the one whose verdict has a weight learns', () => {
    const learning = (generator: Partial<typeof none>): string[] => {
      const { outputs } = criticUpdate(asked(generator));
      return ['D', 'localD'].filter((critic) => `next.${critic}.main.0.weight` in outputs);
    };
    expect(learning({ fake: 1 })).toEqual(['D']);
    expect(learning({ local_cls: 1 })).toEqual(['localD']);
    expect(learning({ cls: 1, local_fake: 1 })).toEqual(['D', 'localD']);
  });

  it('leaves nothing to do for a teacher that is only to be taught', () => {
    expect(() => generatorUpdate(asked({ sup: 1 }))).toThrow(/a term of the teacher/);
    expect(termsOf(generatorUpdate({ ...asked({ sup: 1 }), stage: 'student' }))).toEqual(['sup', 'total']);
  });
});
