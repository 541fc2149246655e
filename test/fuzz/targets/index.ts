import type { FuzzTarget } from '../target.js';
import { datasetJsonTarget, mappingTarget, storeIndexTarget } from './data-sets.js';
import { dicomCodecsTarget, dicomTarget, zipTarget } from './dicom.js';
import { modelFileTarget } from './model-file.js';
import { niftiPairTarget, niftiTarget } from './nifti.js';
import { checkpointTarget, journalTarget, runRecordTarget, splitFileTarget } from './run-files.js';
import { generatorWeightsTarget, safetensorsTarget } from './safetensors.js';
import { fusionTarget, jobListTarget, outcomeTarget } from './state-files.js';

/** Every parser that is fed with broken input; a new one gets a file of its own and a line here. */
export const fuzzTargets: readonly FuzzTarget[] = [
  niftiTarget,
  niftiPairTarget,
  dicomTarget,
  dicomCodecsTarget,
  zipTarget,
  safetensorsTarget,
  generatorWeightsTarget,
  modelFileTarget,
  splitFileTarget,
  mappingTarget,
  datasetJsonTarget,
  storeIndexTarget,
  runRecordTarget,
  journalTarget,
  checkpointTarget,
  fusionTarget,
  outcomeTarget,
  jobListTarget,
];
