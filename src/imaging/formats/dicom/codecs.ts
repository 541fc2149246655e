import { fail, problemOf, UtadError } from '../../../base/errors.js';
import { checkCodestream } from './codestream.js';
import type { PixelFormat } from './instance.js';
import { decodeSequentialJpeg } from './jpeg-extended.js';
import { decodeLosslessJpeg } from './jpeg-lossless.js';
import { decodeRle } from './rle.js';
import type { PixelCoding } from './transfer-syntaxes.js';

/** What the decoders of the three WebAssembly packages have in common. */
interface WasmDecoder {
  getEncodedBuffer(length: number): Uint8Array;
  getDecodedBuffer(): Uint8Array;
  decode(): void;
  getFrameInfo(): {
    readonly width: number;
    readonly height: number;
    readonly bitsPerSample: number;
    readonly componentCount: number;
  };
  delete(): void;
}

/** How a WebAssembly package is started; `locateFile` says where its `.wasm` lies. */
export type CodecFactory<Name extends string> = (options?: {
  readonly locateFile?: (name: string, folder: string) => string;
  readonly print?: (line: string) => void;
  readonly printErr?: (line: string) => void;
}) => Promise<Readonly<Record<Name, new () => WasmDecoder>>>;

/** Where decoders come from, for runtimes that do not find the `.wasm` files beside the packages. */
export interface CodecOptions {
  /** Address of a codec's `.wasm` file by its name. */
  readonly locateWasm?: (name: string) => string;
}

/** A frame's samples, and what was beside its compressed data. */
interface DecodedFrame {
  /** Little-endian. */
  readonly samples: Uint8Array;
  /** Bytes behind the end of the compressed image that are no padding; they were not looked at. */
  readonly excessBytes: number;
}

/** Unpacks one frame's compressed bytes. */
export type FrameDecoder = (
  bytes: Uint8Array,
  coding: PixelCoding,
  format: PixelFormat,
  where: string,
) => Promise<DecodedFrame>;

type WasmCoding = 'jpeg' | 'jpeg-ls' | 'jpeg-2000';

/** Makes a decoder of compressed frames; each codec is loaded when a frame first needs it. */
export function createFrameDecoder(options: CodecOptions = {}): FrameDecoder {
  const loaded = new Map<WasmCoding, Promise<new () => WasmDecoder>>();
  const load = (coding: WasmCoding): Promise<new () => WasmDecoder> => {
    const decoder = loaded.get(coding) ?? loadWasm(coding, options);
    loaded.set(coding, decoder);
    return decoder;
  };
  return async (bytes, coding, format, where) => {
    if (coding === 'native') return { samples: bytes, excessBytes: 0 };
    if (coding === 'rle') return { samples: decodeRle(bytes, format, where), excessBytes: 0 };
    const { precision, image, excessBytes } = checkCodestream(bytes, coding, format, where);
    try {
      const samples =
        coding === 'jpeg-lossless'
          ? { bytes: decodeLosslessJpeg(image, format), width: 2 as const }
          : coding === 'jpeg' && precision > 8
            ? { bytes: decodeSequentialJpeg(image, format), width: 2 as const }
            : decodeWasm(await load(coding), image);
      return { samples: fitSamples(samples, format), excessBytes };
    } catch (cause) {
      // A module that aborted cannot be used again.
      if (coding !== 'jpeg-lossless') loaded.delete(coding);
      return fail(
        'bad-file',
        {
          where,
          expected: `a whole ${coding} image of ${format.columns}×${format.rows}`,
          got: `one that cannot be decoded (${reasonOf(cause)})`,
          todo: 'Copy or export the file again.',
        },
        { cause },
      );
    }
  };
}

async function loadWasm(coding: WasmCoding, { locateWasm }: CodecOptions): Promise<new () => WasmDecoder> {
  const quiet = (): void => undefined;
  const options = { ...(locateWasm ? { locateFile: locateWasm } : {}), print: quiet, printErr: quiet };
  if (coding === 'jpeg-ls') {
    const { default: create } = await import('@cornerstonejs/codec-charls/decodewasmjs');
    return (await create(options)).JpegLSDecoder;
  }
  if (coding === 'jpeg-2000') {
    const { default: create } = await import('@cornerstonejs/codec-openjpeg/decodewasmjs');
    return (await create(options)).J2KDecoder;
  }
  const { default: create } = await import('@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs');
  return (await create(options)).JPEGDecoder;
}

interface Samples {
  readonly bytes: Uint8Array;
  readonly width: number;
}

function decodeWasm(Decoder: new () => WasmDecoder, bytes: Uint8Array): Samples {
  const decoder = new Decoder();
  try {
    decoder.getEncodedBuffer(bytes.length).set(bytes);
    decoder.decode();
    const { bitsPerSample } = decoder.getFrameInfo();
    // A copy: the decoder's memory is freed with it.
    return { bytes: decoder.getDecodedBuffer().slice(), width: bitsPerSample > 8 ? 2 : 1 };
  } finally {
    decoder.delete();
  }
}

/** Widens samples of one byte where the image says two, and holds the decoder to the image's size. */
function fitSamples({ bytes, width }: Samples, { rows, columns, bitsAllocated }: PixelFormat): Uint8Array {
  const pixels = rows * columns;
  if (bytes.length !== pixels * width) {
    fail('bad-file', { where: 'image', expected: `${pixels} samples`, got: `${bytes.length / width}` });
  }
  const wanted = bitsAllocated / 8;
  if (wanted === width) return bytes;
  const out = new Uint8Array(pixels * wanted);
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let byte = 0; byte < Math.min(width, wanted); byte++)
      out[pixel * wanted + byte] = bytes[pixel * width + byte]!;
  }
  return out;
}

function reasonOf(cause: unknown): string {
  if (cause instanceof UtadError) return problemOf(cause.detail);
  // An exception inside WebAssembly comes out as an address.
  if (typeof cause === 'number') return 'the decoder gave up';
  return cause instanceof Error ? cause.message.slice(0, 120) : String(cause).slice(0, 120);
}
