import type { Anatomy } from './anatomy.js';
import { tissueIndex } from './mixture.js';
import { type PhantomGeometry, visitVoxels } from './phantom-geometry.js';
import { createTissueProbe } from './tissue-probe.js';
import { tissueNames } from './tissues.js';

/** The mixture of tissues in every voxel. */
export interface TissueMap {
  readonly geometry: PhantomGeometry;
  /** 1 inside the stripped brain. */
  readonly brain: Uint8Array;
  /** Shares 0 … 1, one array per tissue in the order of `tissueNames`; 0 outside the brain. */
  readonly shares: readonly Float32Array[];
  /** 0 healthy, 1 tumour core without enhancement, 2 oedema, 4 enhancing tumour. */
  readonly labels: Uint8Array;
}

/** Averages the anatomy over every voxel: eight points a voxel; at 1 mm one point with softened borders. */
export function mapTissues(anatomy: Anatomy, geometry: PhantomGeometry): TissueMap {
  const { size, spacingMm } = geometry;
  const perAxis = spacingMm === 1 ? 1 : 2;
  const points = perAxis ** 3;
  const step = spacingMm / perAxis;
  const offset = ((perAxis - 1) * step) / 2;
  const probe = createTissueProbe(anatomy, step);
  const count = size[0] * size[1] * size[2];
  const brain = new Uint8Array(count);
  const labels = new Uint8Array(count);
  const shares = tissueNames.map(() => new Float32Array(count));
  const sum = new Float64Array(tissueNames.length);
  visitVoxels(geometry, (index, x, y, z) => {
    // No head is larger than this; most of the volume is air.
    if ((x / 82) ** 2 + ((y + 17) / 102) ** 2 + ((z - 2) / 92) ** 2 > 1) return;
    sum.fill(0);
    let inside = 0;
    let oedema = 0;
    for (let part = 0; part < points; part++) {
      const px = x - offset + (part & 1) * step;
      const py = y - offset + ((part >> 1) & 1) * step;
      if (!probe.moveTo(px, py, z - offset + (part >> 2) * step)) continue;
      inside++;
      oedema += probe.point.oedema;
      for (let t = 0; t < sum.length; t++) sum[t]! += probe.mixture.shares[t]!;
    }
    if (inside * 2 < points) return;
    brain[index] = 1;
    for (let t = 0; t < sum.length; t++) {
      sum[t]! /= inside;
      shares[t]![index] = sum[t]!;
    }
    labels[index] = labelOf(sum, oedema / inside);
  });
  return { geometry, brain, shares, labels };
}

/** What a reader would draw: the largest part, once disease makes up a fair share of the voxel. */
function labelOf(shares: Float64Array, oedema: number): number {
  const enhancing = shares[tissueIndex.enhancingTumour]!;
  const rest = shares[tissueIndex.necrosis]! + shares[tissueIndex.solidTumour]!;
  if (enhancing + rest < 0.4) return enhancing + rest + oedema > 0.45 ? 2 : 0;
  return enhancing >= rest ? 4 : 1;
}
