import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { createFrameDecoder } from '../../../src/imaging/formats/dicom/codecs.js';
import { listDicomFiles } from '../../../src/imaging/formats/dicom/listing.js';
import { readDicomVolume } from '../../../src/imaging/formats/dicom/read-volume.js';
import { unpackZip } from '../../../src/imaging/formats/dicom/zip.js';
import { editedFiles, type NumberField, type Seed } from '../byte-edits.js';
import { type FuzzInput, type FuzzTarget, require } from '../target.js';
import { requireVolume } from '../valid-volume.js';

const folder = new URL('../../golden/dicom/', import.meta.url);
const golden = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(`${name}.zip`, folder)));

/** Groups of the attributes that say what the pixels are, where they lie and how files are built. */
const weightyGroups = [0x0002, 0x0008, 0x0018, 0x0020, 0x0028, 0x5200, 0x7fe0, 0xfffe];

/** Where lengths and binary values of a little-endian file probably stand: after every likely tag. */
function fieldsOf(bytes: Uint8Array): NumberField[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fields: NumberField[] = [];
  for (let at = 128; at + 12 <= bytes.length; at += 2) {
    if (!weightyGroups.includes(view.getUint16(at, true))) continue;
    const shortLength = { offset: at + 6, type: 'int16', littleEndian: true } as const;
    const longLength = { offset: at + 8, type: 'int32', littleEndian: true } as const;
    fields.push({ offset: at + 4, type: 'int32', littleEndian: true }, shortLength, longLength);
    fields.push({ offset: at + 8, type: 'int16', littleEndian: true });
  }
  return fields;
}

/** Series of which some files are changed and others are sound. */
function editedSeries(names: readonly string[]): fc.Arbitrary<FuzzInput> {
  const series = names.map((name): readonly Seed[] =>
    [...unpackZip(golden(name), name).values()].map((bytes) => ({ bytes, fields: fieldsOf(bytes) })),
  );
  return fc
    .nat(series.length - 1)
    .chain((index) =>
      fc.tuple(
        ...series[index]!.map((seed) =>
          fc.oneof(
            { weight: 2, arbitrary: fc.constant(seed.bytes) },
            { weight: 1, arbitrary: editedFiles([seed], 3) },
          ),
        ),
      ),
    );
}

const decode = createFrameDecoder();

/** Reads every series that can be found in the files; one that is refused refuses them all. */
async function readAll(input: FuzzInput): Promise<void> {
  const listing = listDicomFiles(new Map(input.map((bytes, index) => [`${index}.dcm`, bytes])));
  for (const { error } of listing.refused) throw error;
  require(listing.series.length > 0 || listing.leftOut.length > 0, 'every file is listed');
  for (const series of listing.series)
    requireVolume(await readDicomVolume(series, listing.readFile, { decode }));
}

/** Series in every uncompressed and in run-length encoding. */
export const dicomTarget: FuzzTarget = {
  name: 'dicom',
  inputs: editedSeries([
    'explicit',
    'implicit',
    'bare',
    'big-endian',
    'deflated',
    'enhanced',
    'enhanced-rle',
    'padded',
    'rle',
    'signed-scaled',
    'tilted',
    'wide',
  ]),
  parse: readAll,
};

/** Series whose pixels are compressed images. */
export const dicomCodecsTarget: FuzzTarget = {
  name: 'dicom-codecs',
  inputs: editedSeries([
    'enhanced-jpeg-ls',
    'jpeg-2000',
    'jpeg-baseline',
    'jpeg-extended-12',
    'jpeg-lossless',
    'jpeg-ls',
    'jpeg-ls-near',
  ]),
  parse: readAll,
  slow: true,
};

const mark = 0x504b;
/** The numbers of a ZIP's local headers, directory and end: all that follows a mark. */
function zipFields(bytes: Uint8Array): NumberField[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fields: NumberField[] = [];
  for (let at = 0; at + 46 <= bytes.length; at++) {
    if (view.getUint16(at, false) !== mark) continue;
    for (let offset = at; offset < at + 46; offset += 2) {
      fields.push(
        { offset, type: 'int16', littleEndian: true },
        { offset, type: 'int32', littleEndian: true },
      );
    }
  }
  return fields;
}

/** ZIPs of series. */
export const zipTarget: FuzzTarget = {
  name: 'zip',
  inputs: editedFiles(
    ['explicit', 'bare', 'enhanced'].map((name) => ({
      bytes: golden(name),
      fields: zipFields(golden(name)),
    })),
  ).map((bytes) => [bytes]),
  parse: ([bytes]) => {
    const entries = unpackZip(bytes!, 'fuzz.zip', { fileBytes: 2 ** 20, unpackedBytes: 2 ** 22 });
    let total = 0;
    for (const [name, content] of entries) {
      require(!name.split(/[\\/]/).includes('..'), `name ${name}`);
      total += content.length;
    }
    require(total <= 2 ** 22, `${total} bytes`);
  },
};
