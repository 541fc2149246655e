import { createRandom } from '../base/random.js';
import type { Volume } from '../imaging/volume.js';
import { drawAnatomy } from './anatomy.js';
import type { Cranium } from './cranium.js';
import { phantomGeometry } from './phantom-geometry.js';
import { scan } from './scan.js';
import { drawScanner, type PhantomModality, phantomModalities } from './scanner.js';
import { mapTissues } from './tissue-map.js';

/** What the caller may choose. */
interface PhantomOptions {
  /** Voxel size, millimetres: 1 (240×240×155), 2 (120×120×77) or 4 (60×60×38). */
  readonly spacingMm: number;
  /** The average head from `drawAverageCranium()`, drawn anew when left out; saves time over many patients. */
  readonly cranium?: Cranium;
}

/** A patient that never lived. */
export interface PhantomPatient {
  /** `Phantom_001`, … */
  readonly id: string;
  /** One image per modality: whole numbers from 1 to 32767 in the brain, exactly 0 outside. */
  readonly volumes: Readonly<Record<PhantomModality, Volume>>;
  /** Labels: 0 healthy, 1 tumour core without enhancement, 2 oedema, 4 enhancing tumour. */
  readonly mask: Volume;
}

/** Name of patient number `index`, counted from 0: `Phantom_001`, … */
export function phantomId(index: number): string {
  return `Phantom_${String(index + 1).padStart(3, '0')}`;
}

/**
 * Makes one patient: head, tumour, scanner and noise all follow from seed and index alone.
 *
 * @param seed any whole number
 * @param index number of the patient, counted from 0
 * @throws UtadError bad-argument when the spacing is none of 1, 2, 4.
 */
export function generatePatient(seed: number, index: number, options: PhantomOptions): PhantomPatient {
  const geometry = phantomGeometry(options.spacingMm);
  const map = mapTissues(drawAnatomy(seed, index, options.cranium), geometry);
  const scanner = drawScanner(createRandom('phantom', seed, index, 'scanner'));
  const volumeOf = (data: Float32Array): Volume => ({
    data,
    size: geometry.size,
    affineVoxelToWorld: geometry.affineVoxelToWorld,
    origin: geometry.origin,
  });
  const take = (modality: PhantomModality): Volume =>
    volumeOf(scan(map, scanner, modality, createRandom('phantom', seed, index, 'scan', modality)));
  const volumes = Object.fromEntries(phantomModalities.map((modality) => [modality, take(modality)]));
  return {
    id: phantomId(index),
    volumes: volumes as Record<PhantomModality, Volume>,
    mask: volumeOf(Float32Array.from(map.labels)),
  };
}
