import charls from '@cornerstonejs/codec-charls/decodewasm?url';
import jpeg from '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasm?url';
import openjpeg from '@cornerstonejs/codec-openjpeg/decodewasm?url';

/** Addresses of the decoders' WebAssembly by the names that they ask for. */
export const codecFiles: Readonly<Record<string, string>> = {
  'charlswasm_decode.wasm': charls,
  'libjpegturbowasm_decode.wasm': jpeg,
  'openjpegwasm_decode.wasm': openjpeg,
};
