import { defaultFormat, fileFormats, withoutEnding, writtenEnding } from '../../imaging/formats/formats.js';

/** The maps that a check writes. */
export const mapKinds = ['cycle-error', 'spread'] as const;
export type MapKind = (typeof mapKinds)[number];

/** Where a map lies: beside the translation, under a name that no reader of data sets takes for a scan either. */
export function mapPath(out: string, kind: MapKind): string {
  return `${withoutEnding(out, fileFormats)}_${kind}${writtenEnding(defaultFormat.name)}`;
}
