import type { Volume } from '../../src/imaging/volume.js';
import type { ModelMetadata } from '../../src/translate/model-metadata.js';
import type { Failure } from '../channel/channel.js';
import type { ContentFacts } from './content.js';
import type { Recognition } from './recognise.js';

/** A file that a person gave, with its path in the folder it came from. */
export interface DroppedFile {
  readonly path: string;
  readonly file: File;
}

/** A volume of a dropped file or DICOM series. */
export interface DroppedVolume extends ContentFacts {
  /** The file's path, or the series' name and description. */
  readonly name: string;
  readonly volume: Volume;
  readonly recognition: Recognition;
  /** It says of itself that a network translated it. */
  readonly synthetic: boolean;
}

/** A DICOM series that was not read, because it seems to be none of the modalities or another one is better. */
export interface OfferedSeries {
  /** Number of the drop that it came with. */
  readonly drop: number;
  readonly name: string;
  readonly description: string;
  /** What it seems to be, or why it cannot be read. */
  readonly why: string;
  readonly readable: boolean;
  /** Modalities that it may show all the same; `any` where nothing says what it shows. */
  readonly mayShow: readonly string[] | 'any';
}

/** A model file that was dropped. */
interface DroppedModel {
  readonly name: string;
  readonly file: Blob;
  readonly metadata: ModelMetadata;
}

/** What the page hears while files are read. */
export type ReadNews =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number }
  | { readonly kind: 'volume'; readonly volume: DroppedVolume }
  | { readonly kind: 'series'; readonly series: OfferedSeries }
  | { readonly kind: 'model'; readonly model: DroppedModel }
  | { readonly kind: 'problem'; readonly failure: Failure };
