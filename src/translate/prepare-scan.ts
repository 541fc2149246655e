import type { Volume } from '../imaging/volume.js';
import type { LoadedModel } from './loaded-model.js';
import type { ModelMetadata } from './model-metadata.js';
import { warningsAbout } from './source-warnings.js';
import {
  type PreparedSource,
  prepareSource,
  type SyntheticVolume,
  type TranslateVolumeOptions,
  translateSource,
} from './translate-volume.js';

/** A scan that is read and prepared for a network, once for all modalities that it is translated into. */
export interface PreparedScan {
  readonly modality: string;
  /** Its file, for messages. */
  readonly where: string;
  readonly volume: Volume;
  readonly prepared: PreparedSource;
  /** A brain mask, where the scan is not skull-stripped. */
  readonly brain?: Volume;
  /** What is doubtful about it. */
  readonly warnings: readonly string[];
}

/** Prepares a scan by a model's recipe and looks for what is doubtful. @throws UtadError as `prepareSource`. */
export function prepareScan(
  volume: Volume,
  metadata: ModelMetadata,
  options: Pick<TranslateVolumeOptions, 'source' | 'brain' | 'tumour'> & { readonly where: string },
): PreparedScan {
  const { source: modality, where, brain } = options;
  const prepared = prepareSource(volume, metadata, options);
  const warnings = warningsAbout(volume, prepared, metadata, modality);
  return { modality, where, volume, prepared, warnings, ...(brain === undefined ? {} : { brain }) };
}

/** Translates a prepared scan and restores its grid. @throws UtadError as `translateSource`. */
export function translateScan(
  { prepared, modality }: PreparedScan,
  model: Pick<LoadedModel, 'metadata' | 'translateSlices'>,
  target: string,
  onProgress: (done: number, total: number) => void,
): Promise<SyntheticVolume> {
  return translateSource(prepared, model, modality, target, onProgress);
}
