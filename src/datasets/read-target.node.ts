import { fail } from '../base/errors.js';
import type { Volume } from '../imaging/volume.js';
import { readVolume } from '../imaging/volume-file.node.js';
import { describeSource, type VolumeSource } from '../imaging/volume-source.js';
import type { CaseFiles } from './case.js';
import { isInRegion, labelDeclarations, strangeLabels } from './label-convention.js';
import { labelsOf } from './labels.js';

/** A label volume and which of its labels are the target: the whole tumour, in tumour data sets. */
export interface Target {
  readonly volume: Volume;
  readonly isTarget: (label: number) => boolean;
  /** The file, for messages. */
  readonly where: string;
}

/**
 * Reads a case's mask.
 *
 * @throws UtadError bad-value when it has labels that the case's convention does not know, and as readVolume does.
 */
export async function readTarget({ labels }: Pick<CaseFiles, 'labels'>, mask: VolumeSource): Promise<Target> {
  const volume = await readVolume(mask);
  const where = describeSource(mask);
  if (labels === undefined) return { volume, where, isTarget: (label) => label > 0 };
  const strange = strangeLabels(labels, labelsOf(volume.data));
  if (strange.length > 0) {
    fail('bad-value', {
      where,
      expected: `labels of the convention ${labels.name}`,
      got: `${strange.slice(0, 8).join(', ')} too`,
      todo: `Declare another one with --labels ${labelDeclarations.join(' | ')}, or with the regions of a mapping file.`,
    });
  }
  return { volume, where, isTarget: isInRegion(labels, labels.target) };
}
