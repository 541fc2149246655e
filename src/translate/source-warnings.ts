import { requireArguments } from '../base/arguments.js';
import { saysOrientation } from '../imaging/formats/nifti/metadata.js';
import { axisCodes, obliquenessOf, spacingOf } from '../imaging/geometry.js';
import { fromAxial } from '../imaging/orientation.js';
import { bodyDoubts } from '../imaging/plausibility.js';
import type { PreparedVolume } from '../imaging/prepare.js';
import type { Volume } from '../imaging/volume.js';
import { requireVolume } from '../imaging/volume-shape.js';
import { modalityDoubt } from './modality-evidence.js';
import type { ModelMetadata } from './model-metadata.js';
import { requireMetadata } from './require-model.js';

/** Degrees; heads in data sets lie straight, and those in scanners are tilted by less than this. */
const mostOblique = 25;

/** What a person should know about a source that can be used all the same. */
export function warningsAbout(
  volume: Volume,
  prepared: PreparedVolume,
  metadata: ModelMetadata,
  source: string,
): readonly string[] {
  requireArguments('warningsAbout', { prepared: [prepared, 'object'], source: [source, 'text'] });
  requireVolume(volume, 'warningsAbout');
  requireMetadata(metadata, 'warningsAbout');
  requireArguments('warningsAbout', {
    'prepared.record': [prepared.record, 'object'],
    'volume.origin': [volume.origin, 'object'],
  });
  const { affineVoxelToWorld, origin, notes = [] } = volume;
  const [{ order }, { brain }] = prepared.record.steps;
  const isBrain = prepared.record.recipe.foreground.kind === 'nonzero';
  const learnt = metadata.training?.body;
  const doubt = modalityDoubt(prepared, metadata, source);
  const angle = Math.round(obliquenessOf(affineVoxelToWorld));
  return [
    ...notes,
    ...(isBrain || learnt ? bodyDoubts(volume, fromAxial(brain, order), learnt) : []),
    ...(origin.format !== 'nifti' || saysOrientation(origin.header)
      ? []
      : [
          `its header does not say how it lies: ${axisCodes(affineVoxelToWorld)} at ` +
            `${spacingOf(affineVoxelToWorld).join('×')} mm is assumed`,
        ]),
    ...(doubt === undefined ? [] : [doubt]),
    ...(angle > mostOblique
      ? [`its planes are turned by ${angle}° from axial ones, which the model has hardly seen`]
      : []),
  ];
}
