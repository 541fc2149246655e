/**
 * The package's interface in Node, `utad-net`. docs/library.md shows its use.
 *
 * What the index files export is what other programs may rely on; everything else may change without notice.
 */
export { writeFolderAtomic as writeDicomFolder } from './base/folder.node.js';
export { packageVersion } from './base/version.node.js';
export type { CaseFiles } from './datasets/case.js';
export type { DataSet, DataSetOptions } from './datasets/data-set.js';
export { findCases } from './datasets/find-cases.node.js';
export {
  type DataSetInspection,
  type InspectOptions,
  inspectDataSet,
} from './datasets/inspect-data-set.node.js';
export type { CaseInspection, Problem } from './datasets/inspection.js';
export {
  isDicomPath,
  listDicomSeries,
  readDicomPath,
} from './imaging/formats/dicom/dicom-files.node.js';
export {
  readVolume,
  readVolumeFile,
  type VolumeReadOptions,
  writeVolumeFile,
} from './imaging/formats/volume-file.node.js';
export type { VolumeSource } from './imaging/volume-source.js';
export * from './index.shared.js';
export { type LoadModelOptions, loadModel } from './translate/model.node.js';
export { type ShippedModel, shippedModel, shippedModels } from './translate/shipped-models.node.js';
export { loadSkullStripper, type SkullStripper } from './translate/skull-strip.node.js';
