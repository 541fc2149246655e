import type { Random } from '../base/random.js';
import type { Triple } from '../imaging/volume.js';
import { bandNoise } from './band-noise.js';
import { smoothMin, smoothStep } from './distances.js';
import { canonicalGrid, type Grid, Sampler } from './grid.js';

/** How a tumour grows and takes up contrast agent. */
type TumourKind = 'ring' | 'patchy' | 'low-grade';

/** One patient's tumour. */
export interface Tumour {
  readonly kind: TumourKind;
  /** Centre, head coordinates. */
  readonly centre: Triple;
  /** Mean radius of the solid part, millimetres. */
  readonly radiusMm: number;
  /** How far oedema spreads beyond it, millimetres. */
  readonly oedemaMm: number;
  /** Width of the zone in which tumour and healthy tissue mix, millimetres: narrow where cells push, wide where they creep. */
  readonly blendMm: number;
  /** How far the tissue at its border has been pushed away, millimetres. */
  readonly pushMm: number;
  /** The tumour at a point. */
  readonly at: (x: number, y: number, z: number) => TumourPoint;
}

/** What the tumour is at one point; shares 0 … 1. */
interface TumourPoint {
  /** Signed distance to the border of the solid part, millimetres, negative inside. */
  readonly distance: number;
  /** Share of dead or liquid tissue within the solid part. */
  readonly necrosis: number;
  /** Share of enhancing tissue within the solid part. */
  readonly enhancing: number;
  /** How far oedema reaches here (before the tissue has its say): 1 inside, 0 beyond. */
  readonly oedema: number;
}

const sites: readonly Triple[] = [
  [30, 32, 16],
  [24, 14, 36],
  [42, -14, -16],
  [44, -36, 2],
  [32, -42, 32],
  [28, -70, 10],
  [34, 2, 4],
  [20, -22, 42],
  [15, -14, 10],
  [14, 34, 10],
];

/** Draws a tumour: place, kind, size and the noise that makes its borders uneven. */
export function drawTumour(random: Random): Tumour {
  const { uniform, normal, integer } = random;
  const draw = uniform();
  const kind: TumourKind = draw < 0.6 ? 'ring' : draw < 0.76 ? 'patchy' : 'low-grade';
  const site = sites[integer(sites.length)]!;
  const side = uniform() < 0.5 ? -1 : 1;
  const centre: Triple = [side * (site[0] + 4 * normal()), site[1] + 5 * normal(), site[2] + 4 * normal()];
  const radiusMm =
    kind === 'patchy' ? 8 + 8 * uniform() : kind === 'ring' ? 10 + 12 * uniform() : 12 + 12 * uniform();
  const oedemaMm = kind === 'low-grade' ? 2 + 6 * uniform() : 8 + 22 * uniform();
  const pushMm = radiusMm * (kind === 'low-grade' ? 0.25 : 0.35) * (0.6 + 0.8 * uniform());
  const rimMm = kind === 'ring' ? 2 + 2.5 * uniform() : 1e3;
  const blendMm = kind === 'low-grade' ? 3 + 4 * uniform() : 1.2;
  const at = createShape(random, { kind, centre, radiusMm, oedemaMm, rimMm });
  return { kind, centre, radiusMm, oedemaMm, blendMm, pushMm, at };
}

interface Plan {
  readonly kind: TumourKind;
  readonly centre: Triple;
  readonly radiusMm: number;
  readonly oedemaMm: number;
  readonly rimMm: number;
}

function createShape(random: Random, plan: Plan): Tumour['at'] {
  const { centre, radiusMm, oedemaMm, rimMm, kind } = plan;
  const lobes = drawLobes(random, centre, radiusMm);
  const grid: Grid = canonicalGrid(3);
  const sampler = new Sampler(grid);
  const field = (shortestMm: number, longestMm: number, waves = 24): Float32Array =>
    bandNoise(random, grid, { shortestMm, longestMm, waves });
  const outline = field(0.9 * radiusMm, 2.5 * radiusMm);
  const rough = field(8, 16);
  const rimNoise = field(9, 22);
  const patches = field(8, 24);
  const spread = field(22, 60);
  const reach = radiusMm * 1.8 + oedemaMm * 2.2 + 14;
  const nothing: TumourPoint = { distance: Infinity, necrosis: 0, enhancing: 0, oedema: 0 };

  return (x, y, z) => {
    const [dx, dy, dz] = [x - centre[0], y - centre[1], z - centre[2]];
    if (dx * dx + dy * dy + dz * dz > reach * reach) return nothing;
    sampler.moveTo(x, y, z);
    let distance = 1e3;
    for (const lobe of lobes) {
      const u = (x - lobe.at[0]) / lobe.stretch[0];
      const v = (y - lobe.at[1]) / lobe.stretch[1];
      const w = (z - lobe.at[2]) / lobe.stretch[2];
      const q = Math.sqrt(u * u + v * v + w * w);
      distance = smoothMin(distance, q - lobe.radius, 6);
    }
    distance += 0.16 * radiusMm * sampler.read(outline) + 0.9 * sampler.read(rough);
    const crossing = Math.max(0, -x * Math.sign(centre[0]));
    distance += 0.7 * crossing;
    // Oedema crosses to the other half only where fibres do; elsewhere the way is longer than it looks.
    const way = distance + 0.8 * crossing - oedemaMm * 0.45 * sampler.read(spread);
    const oedema = 1 - smoothStep(oedemaMm - 2.5, oedemaMm + 2.5, way);
    if (distance > 3) return { distance, necrosis: 0, enhancing: 0, oedema };
    const rim = rimMm * (1 + 0.55 * sampler.read(rimNoise));
    const patch = sampler.read(patches);
    const uptake = 0.8 + 0.2 * Math.max(-1, Math.min(1, 1.2 * sampler.read(rough)));
    const inRim = smoothStep(-rim - 0.8, -rim + 0.8, distance);
    if (kind === 'ring') {
      const gap = smoothStep(-1.6, -1.2, sampler.read(rimNoise));
      const island = smoothStep(1.5, 1.9, patch);
      const enhancing = Math.max(inRim * gap, island) * uptake;
      return { distance, necrosis: inRim < 0.5 ? 1 : 0, enhancing, oedema };
    }
    if (kind === 'patchy') {
      const enhancing = smoothStep(-0.9, -0.2, patch) * uptake;
      return { distance, necrosis: smoothStep(1.2, 1.6, -patch), enhancing, oedema };
    }
    return { distance, necrosis: 0.8 * smoothStep(1, 2.8, patch), enhancing: 0, oedema };
  };
}

interface Lobe {
  readonly at: Triple;
  readonly stretch: Triple;
  readonly radius: number;
}

function drawLobes(random: Random, centre: Triple, radiusMm: number): Lobe[] {
  const { uniform, normal, integer } = random;
  return Array.from({ length: 1 + integer(3) }, (_, lobe) => {
    const radius = lobe === 0 ? radiusMm : radiusMm * (0.35 + 0.35 * uniform());
    const away = lobe === 0 ? 0 : radiusMm * 0.8;
    const direction: Triple = [normal(), normal(), normal()];
    const length = Math.hypot(...direction) || 1;
    return {
      at: [
        centre[0] + (away * direction[0]) / length,
        centre[1] + (away * direction[1]) / length,
        centre[2] + (away * direction[2]) / length,
      ],
      stretch: [0.85 + 0.3 * uniform(), 0.85 + 0.4 * uniform(), 0.85 + 0.3 * uniform()],
      radius,
    };
  });
}
