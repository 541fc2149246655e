import type { Random } from '../base/random.js';
import { acquireSlices } from './artefacts.js';
import { bandNoise } from './band-noise.js';
import { blur } from './blur.js';
import { canonicalGrid, Sampler } from './grid.js';
import { tissueIndex } from './mixture.js';
import { type PhantomGeometry, visitVoxels } from './phantom-geometry.js';
import { type PhantomModality, type Scanner, tissueSignals } from './scanner.js';
import type { TissueMap } from './tissue-map.js';

/**
 * Takes one image of a tissue map: the sum of the tissues' signals by their shares, shaded by the coil, grained by
 * small differences within each tissue, taken slice by slice with noise.
 *
 * @returns whole numbers from 1 to 32767 in the brain, exactly 0 outside
 */
export function scan(
  map: TissueMap,
  scanner: Scanner,
  modality: PhantomModality,
  random: Random,
): Float32Array {
  const protocol = scanner.protocols[modality];
  const signals = tissueSignals(scanner, modality);
  const scale = protocol.whiteMatterValue / signals[tissueIndex.whiteMatter]!;
  const [coilGrid, grainGrid] = [canonicalGrid(8), canonicalGrid(4)];
  const coil = bandNoise(random, coilGrid, { shortestMm: 140, longestMm: 320, waves: 12 });
  const grain = bandNoise(random, grainGrid, { shortestMm: 12, longestMm: 45, waves: 24 });
  const [coilSampler, grainSampler] = [new Sampler(coilGrid), new Sampler(grainGrid)];

  const ideal = new Float32Array(map.brain.length);
  visitVoxels(map.geometry, (index, x, y, z) => {
    if (map.brain[index] !== 1) return;
    let value = 0;
    for (let t = 0; t < signals.length; t++) value += map.shares[t]![index]! * signals[t]!;
    const shading = Math.exp(protocol.biasStrength * coilSampler.moveTo(x, y, z).read(coil));
    ideal[index] = value * scale * shading * (1 + 0.022 * grainSampler.moveTo(x, y, z).read(grain));
  });

  const blurred = blurWithin(ideal, map.brain, map.geometry, protocol.blurMm);
  const stack = { thickness: protocol.sliceMm / map.geometry.spacingMm, start: -random.uniform() };
  const deviation = protocol.whiteMatterValue / protocol.signalToNoise;
  const taken = acquireSlices(blurred, map.brain, map.geometry.size, stack, deviation, random);
  // 0 means outside, so inside the least value is 1.
  for (let index = 0; index < taken.length; index++) {
    taken[index] = map.brain[index] === 1 ? Math.min(32767, Math.max(1, Math.round(taken[index]!))) : 0;
  }
  return taken;
}

/** Blurs within the slices; what lies outside the brain takes no part. */
function blurWithin(
  image: Float32Array,
  brain: Uint8Array,
  geometry: PhantomGeometry,
  blurMm: number,
): Float32Array {
  const steps = blurMm / geometry.spacingMm;
  const sigma = [steps, steps, 0] as const;
  const sum = blur(image, geometry.size, sigma);
  const weight = blur(Float32Array.from(brain), geometry.size, sigma);
  for (let index = 0; index < sum.length; index++) {
    sum[index] = brain[index] === 1 ? sum[index]! / weight[index]! : 0;
  }
  return sum;
}
