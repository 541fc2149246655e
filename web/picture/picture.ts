import type { ValueRange } from '../../src/imaging/normalise.js';
import type { Volume } from '../../src/imaging/volume.js';
import type { Recognition } from './recognise.js';

/** What a picture is to the patient. */
type PictureKind = 'scan' | 'synthetic' | 'difference';

/** A volume of the patient, dropped or translated. */
export interface Picture {
  readonly id: string;
  readonly kind: PictureKind;
  /** The file or series, or how it was translated. */
  readonly name: string;
  /** A modality, `tumour`, `brain`, or undefined where nobody said. */
  readonly role: string | undefined;
  readonly recognition: Recognition;
  /** A network translated it: here, or before it was dropped. */
  readonly synthetic: boolean;
  /** As it was read or translated. */
  readonly volume: Volume;
  /** Values on the grid that all pictures of the patient are shown on. */
  readonly shown: Float32Array;
  /** Whether `shown` was resampled from another grid. */
  readonly resampled: boolean;
  readonly range: ValueRange;
  readonly isLabels: boolean;
  readonly warnings: readonly string[];
  /** Of a synthetic picture: how it came about. */
  readonly translation?: TranslationFacts;
  /** Of a difference: the pictures that are compared. */
  readonly between?: { readonly translated: string; readonly truth: string };
  readonly scores?: Scores;
}

/** How a synthetic picture came about. */
interface TranslationFacts {
  readonly source: string;
  readonly sourceId: string;
  readonly sourceName: string;
  readonly model: string;
  readonly codeVersion: string;
  readonly seconds: number;
  readonly device: string;
}

/** How near a synthetic picture is to the truth. */
interface Scores {
  readonly meanError: number;
  readonly similarity: number | null;
}

/** A modality as people write it: `T1ce`. */
export function showModality(name: string | undefined): string {
  if (name === undefined) return 'Unknown';
  if (name === 'tumour') return 'Tumour';
  if (name === 'brain') return 'Brain';
  return name === 't1ce' ? 'T1ce' : name.toUpperCase();
}

/** What stands over a picture. */
export function titleOf({ kind, role, translation }: Picture): string {
  if (kind === 'difference') return `${showModality(role)} difference`;
  return translation ? `${showModality(role)} from ${showModality(translation.source)}` : showModality(role);
}

/** Whether a picture can be looked at by itself: masks only lie over others. */
export function isViewable({ role }: Picture): boolean {
  return role !== 'tumour' && role !== 'brain';
}
