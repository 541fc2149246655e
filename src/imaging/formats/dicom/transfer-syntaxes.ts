/** How pixel data are packed. */
export type PixelCoding = 'native' | 'rle' | 'jpeg' | 'jpeg-lossless' | 'jpeg-ls' | 'jpeg-2000';

/** How a file is encoded. */
export interface TransferSyntax {
  readonly uid: string;
  readonly name: string;
  readonly explicit: boolean;
  readonly littleEndian: boolean;
  /** Whether everything after the file meta information is one raw deflate stream. */
  readonly deflated?: boolean;
  readonly pixels: PixelCoding;
}

const compressed = (uid: string, name: string, pixels: PixelCoding): TransferSyntax => ({
  uid: `1.2.840.10008.1.2.${uid}`,
  name,
  explicit: true,
  littleEndian: true,
  pixels,
});

/** Implicit VR Little Endian, DICOM's default. */
export const implicitLittleEndian: TransferSyntax = {
  uid: '1.2.840.10008.1.2',
  name: 'Implicit VR Little Endian',
  explicit: false,
  littleEndian: true,
  pixels: 'native',
};

/** Explicit VR Little Endian, the syntax that is written. */
export const explicitLittleEndian = compressed('1', 'Explicit VR Little Endian', 'native');

/** The transfer syntaxes that are read. @source DICOM PS3.5, 10; PS3.6, table A-1. */
export const transferSyntaxes: readonly TransferSyntax[] = [
  implicitLittleEndian,
  explicitLittleEndian,
  { ...compressed('1.99', 'Deflated Explicit VR Little Endian', 'native'), deflated: true },
  { ...compressed('2', 'Explicit VR Big Endian', 'native'), littleEndian: false },
  compressed('4.50', 'JPEG Baseline', 'jpeg'),
  compressed('4.51', 'JPEG Extended', 'jpeg'),
  compressed('4.57', 'JPEG Lossless', 'jpeg-lossless'),
  compressed('4.70', 'JPEG Lossless, first-order prediction', 'jpeg-lossless'),
  compressed('4.80', 'JPEG-LS Lossless', 'jpeg-ls'),
  compressed('4.81', 'JPEG-LS Near-Lossless', 'jpeg-ls'),
  compressed('4.90', 'JPEG 2000 Lossless', 'jpeg-2000'),
  compressed('4.91', 'JPEG 2000', 'jpeg-2000'),
  compressed('4.201', 'High-Throughput JPEG 2000 Lossless', 'jpeg-2000'),
  compressed('4.202', 'High-Throughput JPEG 2000 Lossless RPCL', 'jpeg-2000'),
  compressed('4.203', 'High-Throughput JPEG 2000', 'jpeg-2000'),
  compressed('5', 'RLE Lossless', 'rle'),
];

/** A transfer syntax that is not read. */
interface UnreadTransferSyntax {
  readonly name: string;
  /** What to do about a file in it. */
  readonly todo: string;
}

const exportAgain = 'Export the series without compression (Explicit VR Little Endian).';
const video = 'It is a video; choose a series of slices.';
const withDcmdjpeg = 'Unpack the files with dcmdjpeg of dcmtk.';

/** Transfer syntaxes that are not read, so that a refusal can name them and say what helps. @source DICOM PS3.6, table A-1. */
export const unreadTransferSyntaxes: ReadonlyMap<string, UnreadTransferSyntax> = new Map(
  (
    [
      [
        '1.2.840.113619.5.2',
        'GE private, implicit VR with big-endian pixels',
        'Unpack the files with gdcmconv --raw.',
      ],
      ['1.2.840.10008.1.2.4.52', 'JPEG Extended (process 3 and 5)', exportAgain],
      ['1.2.840.10008.1.2.4.53', 'JPEG Spectral Selection (process 6 and 8)', withDcmdjpeg],
      ['1.2.840.10008.1.2.4.54', 'JPEG Spectral Selection (process 7 and 9)', exportAgain],
      ['1.2.840.10008.1.2.4.55', 'JPEG Full Progression (process 10 and 12)', withDcmdjpeg],
      ['1.2.840.10008.1.2.4.56', 'JPEG Full Progression (process 11 and 13)', exportAgain],
      ['1.2.840.10008.1.2.4.58', 'JPEG Lossless (process 15)', exportAgain],
      ['1.2.840.10008.1.2.4.92', 'JPEG 2000 Part 2 Lossless', exportAgain],
      ['1.2.840.10008.1.2.4.93', 'JPEG 2000 Part 2', exportAgain],
      ['1.2.840.10008.1.2.4.100', 'MPEG2', video],
      ['1.2.840.10008.1.2.4.101', 'MPEG2 High Level', video],
      ['1.2.840.10008.1.2.4.102', 'MPEG-4', video],
      ['1.2.840.10008.1.2.4.110', 'JPEG XL Lossless', exportAgain],
      ['1.2.840.10008.1.2.4.111', 'JPEG XL from JPEG', exportAgain],
      ['1.2.840.10008.1.2.4.112', 'JPEG XL', exportAgain],
      ['1.2.840.10008.1.2.8.1', 'Deflated Image Frame Compression', exportAgain],
    ] as const
  ).map(([uid, name, todo]) => [uid, { name, todo }]),
);
