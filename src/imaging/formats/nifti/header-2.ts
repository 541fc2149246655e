import type { HeaderField } from './header-table.js';

/**
 * Every field of a NIfTI-2 header; reading and writing both walk this table.
 *
 * @source NIfTI-2 data format, nifti2.h (DFWG, 2011).
 */
export const nifti2Table = [
  { name: 'sizeofHdr', type: 'int32', offset: 0, meaning: '540; tells the byte order' },
  { name: 'magic', type: 'text', count: 4, offset: 4, meaning: 'n+2 for one file, ni2 for .hdr and .img' },
  {
    name: 'lineEnds',
    type: 'text',
    count: 4,
    offset: 8,
    meaning: 'CR LF SUB LF: shows whether a transfer changed line ends',
  },
  { name: 'datatype', type: 'int16', offset: 12, meaning: 'code of the voxel type' },
  { name: 'bitpix', type: 'int16', offset: 14, meaning: 'bits of a voxel' },
  { name: 'dim', type: 'int64', count: 8, offset: 16, meaning: 'number of axes, then voxels along each' },
  { name: 'intentP1', type: 'float64', offset: 80, meaning: 'parameter of the intent' },
  { name: 'intentP2', type: 'float64', offset: 88, meaning: 'parameter of the intent' },
  { name: 'intentP3', type: 'float64', offset: 96, meaning: 'parameter of the intent' },
  { name: 'pixdim', type: 'float64', count: 8, offset: 104, meaning: 'qfac, then spacing along each axis' },
  { name: 'voxOffset', type: 'int64', offset: 168, meaning: 'bytes from the file start to the voxels' },
  { name: 'sclSlope', type: 'float64', offset: 176, meaning: 'value = slope · stored + inter; 0 for none' },
  { name: 'sclInter', type: 'float64', offset: 184, meaning: 'see sclSlope' },
  { name: 'calMax', type: 'float64', offset: 192, meaning: 'white of the display' },
  { name: 'calMin', type: 'float64', offset: 200, meaning: 'black of the display' },
  { name: 'sliceDuration', type: 'float64', offset: 208, meaning: 'time of a slice' },
  { name: 'toffset', type: 'float64', offset: 216, meaning: 'start of the time axis' },
  { name: 'sliceStart', type: 'int64', offset: 224, meaning: 'first slice of the acquisition order' },
  { name: 'sliceEnd', type: 'int64', offset: 232, meaning: 'last slice of the acquisition order' },
  { name: 'descrip', type: 'text', count: 80, offset: 240, meaning: 'any text; may name a patient' },
  { name: 'auxFile', type: 'text', count: 24, offset: 320, meaning: 'a file name; may name a patient' },
  { name: 'qformCode', type: 'int32', offset: 344, meaning: 'the space of the quaternion, 0 for unused' },
  { name: 'sformCode', type: 'int32', offset: 348, meaning: 'the space of the affine rows, 0 for unused' },
  { name: 'quaternB', type: 'float64', offset: 352, meaning: 'rotation as a quaternion' },
  { name: 'quaternC', type: 'float64', offset: 360, meaning: 'rotation as a quaternion' },
  { name: 'quaternD', type: 'float64', offset: 368, meaning: 'rotation as a quaternion' },
  { name: 'qoffsetX', type: 'float64', offset: 376, meaning: 'x of voxel (0, 0, 0)' },
  { name: 'qoffsetY', type: 'float64', offset: 384, meaning: 'y of voxel (0, 0, 0)' },
  { name: 'qoffsetZ', type: 'float64', offset: 392, meaning: 'z of voxel (0, 0, 0)' },
  { name: 'srowX', type: 'float64', count: 4, offset: 400, meaning: 'first row of the affine' },
  { name: 'srowY', type: 'float64', count: 4, offset: 432, meaning: 'second row of the affine' },
  { name: 'srowZ', type: 'float64', count: 4, offset: 464, meaning: 'third row of the affine' },
  { name: 'sliceCode', type: 'int32', offset: 496, meaning: 'acquisition order' },
  { name: 'xyztUnits', type: 'int32', offset: 500, meaning: 'units of space (bits 0–2) and time (3–5)' },
  { name: 'intentCode', type: 'int32', offset: 504, meaning: 'what the values mean, 0 for an image' },
  { name: 'intentName', type: 'text', count: 16, offset: 508, meaning: 'any text; may name a patient' },
  { name: 'dimInfo', type: 'uint8', offset: 524, meaning: 'which axes are frequency, phase and slice' },
  { name: 'unused', type: 'text', count: 15, offset: 525, meaning: 'zeros' },
] as const satisfies readonly HeaderField[];
