import { fail } from '../base/errors.js';
import { readVolume } from '../imaging/formats/volume-file.node.js';
import { requireMaskValues } from '../imaging/mask-values.js';
import type { ReadLimits } from '../imaging/read-limits.js';
import type { Volume } from '../imaging/volume.js';
import { describeSource, type VolumeSource } from '../imaging/volume-source.js';
import type { CaseFiles } from './case.js';
import { isInRegion, type LabelConvention, labelDeclarations, strangeLabels } from './label-convention.js';
import { labelsOf } from './labels.js';

/** A label volume and which of its labels are the target: the whole tumour, in tumour data sets. */
export interface Target {
  readonly volume: Volume;
  readonly isTarget: (label: number) => boolean;
  /** Which labels lie in a region. @throws UtadError bad-value for a region that the labels do not tell apart. */
  readonly isIn: (region: string) => (label: number) => boolean;
  /** The file, for messages. */
  readonly where: string;
}

/**
 * Reads a case's mask.
 *
 * @throws UtadError bad-value when it has labels that the case's convention does not know, and as readVolume does.
 */
export async function readTarget(
  { labels }: Pick<CaseFiles, 'labels'>,
  mask: VolumeSource,
  limits?: ReadLimits,
): Promise<Target> {
  const volume = await readVolume(mask, limits ? { limits } : {});
  const where = describeSource(mask);
  requireMaskValues(volume, where);
  const isIn = (region: string) => labelsIn(labels, region, where);
  if (labels === undefined) return { volume, where, isTarget: (label) => label > 0, isIn };
  const strange = strangeLabels(labels, labelsOf(volume.data));
  if (strange.length > 0) {
    fail('bad-value', {
      where,
      expected: `labels of the convention ${labels.name}`,
      got: `${strange.slice(0, 8).join(', ')} too`,
      todo: `Declare another one with --labels ${labelDeclarations.join(' | ')}, or with the regions of a mapping file.`,
    });
  }
  return { volume, where, isTarget: isInRegion(labels, labels.target), isIn };
}

function labelsIn(
  labels: LabelConvention | undefined,
  region: string,
  where: string,
): (label: number) => boolean {
  if (labels === undefined && region === 'whole') return (label) => label > 0;
  if (labels !== undefined && region in labels.regions) return isInRegion(labels, region);
  return fail('bad-value', {
    where,
    expected: `labels that tell the region ${region}`,
    got: labels === undefined ? 'labels of no known convention' : Object.keys(labels.regions).join(', '),
    todo: `Declare what they mean with --labels ${labelDeclarations.join(' | ')}, or leave the region out.`,
  });
}
