import type { Random } from '../base/random.js';
import { type Grid, pointsOf } from './grid.js';

/** Which lengths a noise field holds. */
interface NoiseBand {
  /** Shortest wavelength, millimetres. */
  readonly shortestMm: number;
  /** Longest wavelength, millimetres. */
  readonly longestMm: number;
  /** How many plane waves are summed; more is closer to a Gaussian field. */
  readonly waves: number;
  /** 0 … 1: which share of the variance is mirrored in both halves of the head; the rest then differs between them. */
  readonly symmetry?: number;
}

/**
 * Smooth random field of mean 0 and variance 1: Σ √(2/n) cos(k·p + φ), directions even over the sphere, wavelengths
 * within the band, phases random. A narrow band gives a field whose zero set is a labyrinth of even width.
 */
export function bandNoise(random: Random, grid: Grid, band: NoiseBand): Float32Array {
  const symmetric = Math.round((band.symmetry ?? 0) * band.waves);
  const field = new Float32Array(pointsOf(grid));
  const amplitude = Math.sqrt(2 / band.waves);
  for (let wave = 0; wave < band.waves; wave++) {
    const parameters = drawWave(random, band);
    // Unless the field is to run on across the middle plane, each half has its own phase.
    const shift = band.symmetry === undefined || wave < symmetric ? 0 : 2 * Math.PI * random.uniform();
    addWave(field, grid, parameters, amplitude, wave < symmetric, shift);
  }
  return field;
}

interface Wave {
  readonly kx: number;
  readonly ky: number;
  readonly kz: number;
  readonly phase: number;
}

function drawWave(random: Random, band: NoiseBand): Wave {
  const height = 2 * random.uniform() - 1;
  const angle = 2 * Math.PI * random.uniform();
  const ring = Math.sqrt(1 - height * height);
  const share = random.uniform();
  const length = band.shortestMm * (band.longestMm / band.shortestMm) ** share;
  const k = (2 * Math.PI) / length;
  return {
    kx: k * ring * Math.cos(angle),
    ky: k * ring * Math.sin(angle),
    kz: k * height,
    phase: 2 * Math.PI * random.uniform(),
  };
}

function addWave(
  field: Float32Array,
  grid: Grid,
  wave: Wave,
  amplitude: number,
  mirrored: boolean,
  shift: number,
): void {
  const [ni, nj, nk] = grid.size;
  // cos(a + b) = cos a cos b − sin a sin b: the x part is tabled once, so that a point costs two products.
  const cosine = new Float64Array(ni);
  const sine = new Float64Array(ni);
  for (let i = 0; i < ni; i++) {
    const x = grid.originMm[0] + i * grid.spacingMm;
    const angle = wave.kx * (mirrored ? Math.abs(x) : x) + (x < 0 ? shift : 0);
    cosine[i] = amplitude * Math.cos(angle);
    sine[i] = amplitude * Math.sin(angle);
  }
  let index = 0;
  for (let k = 0; k < nk; k++) {
    const z = grid.originMm[2] + k * grid.spacingMm;
    for (let j = 0; j < nj; j++) {
      const row = wave.ky * (grid.originMm[1] - j * grid.spacingMm) + wave.kz * z + wave.phase;
      const c = Math.cos(row);
      const s = Math.sin(row);
      for (let i = 0; i < ni; i++) field[index++]! += cosine[i]! * c - sine[i]! * s;
    }
  }
}
