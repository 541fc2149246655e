/** What the package offers in Node and in browsers alike: volumes, DICOM, model files, translating. */
export {
  type ErrorCode,
  type ErrorDetail,
  type Refusal,
  type Stop,
  UtadError,
  type WrongValue,
} from './base/errors.js';
export { contentOfFileName } from './datasets/brats-name.js';
export { type CodecOptions, createFrameDecoder, type FrameDecoder } from './imaging/formats/dicom/codecs.js';
export type { SequenceFacts } from './imaging/formats/dicom/instance.js';
export type { DicomLimits } from './imaging/formats/dicom/limits.js';
export { type DicomListing, listDicomFiles, listDicomZip } from './imaging/formats/dicom/listing.js';
export { isProblem, type SlicePlan, type SliceProblem } from './imaging/formats/dicom/plan-slices.js';
export {
  type DicomVolume,
  type ReadDicomFile,
  type ReadVolumeOptions as DicomReadOptions,
  readDicomVolume,
} from './imaging/formats/dicom/read-volume.js';
export type { SequenceGuess } from './imaging/formats/dicom/sequence-guess.js';
export type { DicomSeries } from './imaging/formats/dicom/series.js';
export type { DicomOrigin, DicomSource } from './imaging/formats/dicom/source.js';
export { type DicomWriteOptions, writeDicomSeries } from './imaging/formats/dicom/write-series.js';
export type { NiftiMetadata, NiftiOrigin } from './imaging/formats/nifti/metadata.js';
export { type NiftiReadOptions, type NiftiVolume, readNifti } from './imaging/formats/nifti/read.js';
export { type NiftiWriteOptions, writeNifti } from './imaging/formats/nifti/write.js';
export { axisCodes, describeGrid, sameGrid, spacingOf } from './imaging/geometry.js';
export type { PreparedVolume } from './imaging/prepare.js';
export { defaultReadLimits, type ReadLimits } from './imaging/read-limits.js';
export { type Affine, noOrigin, type Triple, type Volume, type VolumeOrigin } from './imaging/volume.js';
export { type ChosenSource, chooseSource } from './translate/choose-source.js';
export type { LoadedModel } from './translate/loaded-model.js';
export type { ModelMetadata, ModelTraining } from './translate/model-metadata.js';
export { readModelMetadata } from './translate/read-model.js';
export { warningsAbout } from './translate/source-warnings.js';
export {
  prepareSource,
  type TranslateVolumeOptions,
  translatePrepared,
  translateVolume,
} from './translate/translate-volume.js';
