// The codec packages ship no types. Only what is used is described.

declare module '@cornerstonejs/codec-charls/decodewasmjs' {
  const create: import('./codecs.js').CodecFactory<'JpegLSDecoder'>;
  export default create;
}

declare module '@cornerstonejs/codec-openjpeg/decodewasmjs' {
  const create: import('./codecs.js').CodecFactory<'J2KDecoder'>;
  export default create;
}

declare module '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs' {
  const create: import('./codecs.js').CodecFactory<'JPEGDecoder'>;
  export default create;
}
