import { fail } from '../../base/errors.js';
import type { FileFormat, FileHead, SeriesFormat, VolumeFormat } from '../volume-format.js';
import { dicomFormat } from './dicom/dicom-format.js';
import { niftiFormat } from './nifti/nifti-format.js';

/** Every format that volumes are read from and written to. A new one is a folder beside this file and a row here. */
export const formats = [niftiFormat, dicomFormat] as const satisfies readonly VolumeFormat[];

/** One of the formats. */
export type FormatRow = (typeof formats)[number];
/** The name of a format. */
export type FormatName = FormatRow['name'];
/** The name of a format whose volumes are folders of files. */
export type SeriesFormatName = Extract<FormatRow, SeriesFormat>['name'];

/** The names of all formats, the usual one first. */
export const formatNames: readonly FormatName[] = formats.map(({ name }) => name);

/** The names of formats in which a volume is a folder of files. */
export const seriesFormatNames: readonly SeriesFormatName[] = formats
  .filter((format) => format.kind === 'series')
  .map(({ name }) => name);

/** Formats in which a volume is a file. */
export const fileFormats: readonly FileFormat[] = formats.filter((format) => format.kind === 'file');

/** What volumes are written in where nothing else is asked for. */
export const defaultFormat = niftiFormat;

/** A format by its name. */
export function formatNamed<Name extends FormatName>(
  name: Name,
): Extract<FormatRow, { readonly name: Name }> {
  return formats.find(
    (format): format is Extract<FormatRow, { readonly name: Name }> => format.name === name,
  )!;
}

/**
 * The format of a file: what its first bytes say, else what its name says.
 *
 * @returns undefined for other files
 */
export function formatOf(head: FileHead, name: string): FormatRow | undefined {
  return formats.find((format) => format.sniff(head)) ?? formatOfName(name);
}

/** The format that a file's name stands for; undefined for other names. */
export function formatOfName(name: string): FormatRow | undefined {
  return formats.find((format) => endingIn([format], name) !== undefined);
}

/** The ending by which {@link formatOfName} knows a file, in lower case: `.nii.gz`, `.hdr`; undefined for other names. */
export function endingOf(name: string): string | undefined {
  return endingIn(formats, name);
}

/** A file's name without {@link endingOf}, of all formats or of some. */
export function withoutEnding(name: string, among: readonly VolumeFormat[] = formats): string {
  return name.slice(0, name.length - (endingIn(among, name)?.length ?? 0));
}

/** The ending of a file that holds a volume by itself, in lower case: `.nii.gz`; undefined for pairs and series. */
export function wholeFileEnding(name: string): string | undefined {
  const ending = endingIn(fileFormats, name);
  return fileFormats.some(({ extensions }) => extensions.includes(ending ?? '')) ? ending : undefined;
}

/** How the name of a written volume ends: not at all for a folder. */
export function writtenEnding(name: FormatName): string {
  const format = formatNamed(name);
  return format.kind === 'file' ? format.extensions[0] : '';
}

/**
 * Requires that a name ends as files of a format do, or of any format in which a volume is a file.
 *
 * @param where the option or field that gives the name
 * @param format where volumes of it are folders, any name will do
 * @throws UtadError bad-argument.
 */
export function requireFileName(where: string, name: string, format?: FormatName): void {
  const among = format === undefined ? fileFormats : [formatNamed(format)];
  const endings = among.flatMap((one): readonly string[] => (one.kind === 'file' ? one.extensions : []));
  if (endings.length === 0 || endings.includes(wholeFileEnding(name) ?? '')) return;
  fail('bad-argument', { where, expected: `a name that ends in ${endings.join(' or ')}`, got: name });
}

/** One half of a volume that is a header and a file of voxels. */
interface PairHalf {
  readonly half: 'header' | 'voxels';
  /** Names that the other half may have, the likeliest first. */
  readonly others: readonly string[];
}

/** The half of a pair that a file is by its name; undefined for other names. */
export function pairHalfOf(name: string): PairHalf | undefined {
  const packed = /\.gz$/i.exec(name)?.[0];
  const [, stem, ending] = /^(.*)(\.[^.]+)$/.exec(name.slice(0, name.length - (packed?.length ?? 0))) ?? [];
  for (const { pair } of fileFormats) {
    if (pair === undefined || stem === undefined || ending === undefined) continue;
    const half = ending.toLowerCase() === pair.header ? 'header' : 'voxels';
    if (ending.toLowerCase() !== pair[half]) continue;
    const partner = half === 'header' ? pair.voxels : pair.header;
    const likely = `${stem}${ending === ending.toUpperCase() ? partner.toUpperCase() : partner}`;
    const endings = packed === undefined ? ['', '.gz', '.GZ'] : [packed, ''];
    return { half, others: endings.map((gz) => `${likely}${gz}`) };
  }
  return undefined;
}

/** The longest ending of some formats that a name has, in lower case; undefined for other names. */
export function endingIn(among: readonly VolumeFormat[], name: string): string | undefined {
  const lower = name.toLowerCase();
  return among
    .flatMap(endingsOf)
    .filter((ending) => lower.endsWith(ending))
    .sort((a, b) => b.length - a.length)[0];
}

function endingsOf(format: VolumeFormat): readonly string[] {
  const halves = format.kind === 'file' && format.pair ? Object.values(format.pair) : [];
  return [...format.extensions, ...halves, ...halves.map((ending) => `${ending}.gz`)];
}
