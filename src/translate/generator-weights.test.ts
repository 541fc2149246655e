import { describe, expect, it } from 'vitest';
import { tinyConfiguration, tinyGenerator } from '../../test/fixtures/tiny-model.js';
import { filled, type Tensors } from '../engine/graph/tensor.js';
import { generatorSpecs } from '../model/generator.js';
import { initialise } from '../nn/parameters.js';
import { findGenerator } from './generator-weights.js';

const renamed = (tensors: Tensors, rename: (name: string) => string): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, value]) => [rename(name), value]));

describe('findGenerator', () => {
  const generator = tinyGenerator();

  it.each(['', 'G.', 'module.', 'G.module.', 'module.G.'])('finds it behind the prefix “%s”', (prefix) => {
    const others = {
      'D.main.0.weight': filled([1], 0),
      'adam.first.G.fusion.layer1.0.weight': filled([1], 0),
    };
    const found = findGenerator({ ...others, ...renamed(generator, (name) => prefix + name) }, 'w');
    expect(found.sizes).toEqual({
      modalityCount: 4,
      baseChannels: 2,
      levels: 2,
      targetConditioning: false,
      brainMaskChannel: false,
      sourceConditioning: false,
      contextSlices: 0,
    });
    expect(found.tensors).toEqual(generator);
  });

  it('recognises biases of the targets, which the published network has not', () => {
    const biased = initialise(generatorSpecs({ ...tinyConfiguration, targetConditioning: true }), 1, 'G');
    expect(findGenerator(biased, 'w').sizes).toMatchObject({ modalityCount: 4, brainMaskChannel: false });
    const all = { ...tinyConfiguration, targetConditioning: true, brainMaskChannel: true };
    const guided = initialise(generatorSpecs(all), 1, 'G');
    const sizes = {
      modalityCount: 4,
      baseChannels: 2,
      levels: 2,
      targetConditioning: true,
      brainMaskChannel: true,
      contextSlices: 0,
    };
    expect(findGenerator(guided, 'w')).toEqual({
      sizes: { ...sizes, sourceConditioning: false },
      tensors: guided,
    });
    const pairs = initialise(generatorSpecs({ ...all, sourceConditioning: true }), 1, 'G');
    expect(findGenerator(pairs, 'w')).toEqual({
      sizes: { ...sizes, sourceConditioning: true },
      tensors: pairs,
    });
    const { ['tumor_decoder.features.upconv1.up.1.target_bias']: _, ...rest } = biased;
    expect(() => findGenerator(rest, 'w')).toThrow('upconv1.up.1.target_bias of 4×');
  });

  it('recognises planes of neighbouring slices, which the tumour encoder does not see', () => {
    for (const parts of [
      {},
      { targetConditioning: true, brainMaskChannel: true, sourceConditioning: true },
    ]) {
      const around = initialise(generatorSpecs({ ...tinyConfiguration, ...parts, contextSlices: 2 }), 1, 'G');
      const { sizes, tensors } = findGenerator(around, 'w');
      expect(sizes).toMatchObject({ modalityCount: 4, ...parts, contextSlices: 2 });
      expect(tensors).toEqual(around);
    }
    expect(findGenerator(generator, 'w').sizes.contextSlices).toBe(0);
  });

  it('refuses a fusion without running statistics, by the option that it was made with', () => {
    const normed = Object.fromEntries(
      Object.entries(generator).filter(([name]) => !/^fusion\..*(running_|\.0\.bias)/.test(name)),
    );
    expect(() => findGenerator(normed, 'w')).toThrow(
      'w: the option fusionNorm (here "instance") was removed after version 0.1.0. Leave it out',
    );
    const { ['fusion.layer1.1.running_mean']: _, ...incomplete } = generator;
    expect(() => findGenerator(incomplete, 'w')).toThrow('expected a tensor fusion.layer1.1.running_mean of');
  });

  it('takes absent inert biases as zeros, and no other absence', () => {
    const { ['img_encoder.center_conv.conv1.unit.0.bias']: _, ...rest } = generator;
    const { tensors } = findGenerator(rest, 'w');
    expect(tensors['img_encoder.center_conv.conv1.unit.0.bias']).toEqual(filled([8], 0));
    const { ['fusion.layer2.0.bias']: __, ...incomplete } = generator;
    expect(() => findGenerator(incomplete, 'w.safetensors')).toThrow(
      'w.safetensors: expected a tensor fusion.layer2.0.bias of 8, got none of that name',
    );
  });

  it('refuses other networks, other shapes and surplus tensors by name', () => {
    expect(() => findGenerator({ 'conv.weight': filled([1], 0) }, 'w')).toThrow('got conv.weight and others');
    expect(() => findGenerator({}, 'w')).toThrow('got no tensors');
    const bent = { ...generator, 'fusion.layer2.0.weight': filled([8, 4, 3, 3], 0) };
    expect(() => findGenerator(bent, 'w')).toThrow(
      'expected a tensor fusion.layer2.0.weight of 8×8×3×3, got 8×4×3×3',
    );
    const surplus = { ...renamed(generator, (name) => `G.${name}`), 'G.attention.weight': filled([1], 0) };
    expect(() => findGenerator(surplus, 'w')).toThrow('got attention.weight beside them');
    const flat = { ...generator, 'img_encoder.features.convblock1.conv1.unit.0.weight': filled([90], 0) };
    expect(() => findGenerator(flat, 'w')).toThrow(
      'expected a kernel of [features, 1 + modalities, 3, 3], got 90',
    );
  });
});
