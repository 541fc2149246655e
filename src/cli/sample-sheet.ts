import type { SampleRow } from '../training/validation.js';
export function sampleSheet(_rows: readonly SampleRow[], _modalities: readonly string[]): Uint8Array | null {
  return null;
}
