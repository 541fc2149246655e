import { fail } from '../base/errors.js';
import { conventionsByName, type MaskLabels } from './challenge-labels.js';
import { type LabelConvention, labelConventions, labelDeclarations } from './label-convention.js';

/**
 * What the labels of one BraTS mask say of their convention. All agree on 1 (necrotic and non-enhancing core)
 * and 2 (oedema):
 * - `brats-2021`: enhancing tumour is 4 (2017–2021);
 * - `brats-2023`: enhancing tumour is 3 (from 2023 on);
 * - `either`: neither 3 nor 4 occurs, so both readings are the same;
 * - `ambiguous`: 3 and 4 both occur, as in BRATS 2012–2016 (3 non-enhancing, 4 enhancing) and in BraTS 2024
 *   (3 enhancing, 4 resection cavity, which is no tumour);
 * - `unknown`: other numbers occur.
 */
type LabelReading = 'brats-2021' | 'brats-2023' | 'either' | 'ambiguous' | 'unknown';

/** The distinct labels of a mask, ascending; stops after 64, which no label volume has. */
export function labelsOf(mask: Float32Array): readonly number[] {
  const labels = new Set<number>();
  let last = Number.NaN;
  for (let i = 0; i < mask.length; i++) {
    const label = mask[i]!;
    if (label === last) continue;
    last = label;
    labels.add(label);
    if (labels.size > 64) break;
  }
  return [...labels].sort((a, b) => a - b);
}

/** The convention that the labels of one mask speak for; labels are only named, never changed. */
export function readingOf(labels: readonly number[]): LabelReading {
  if (labels.some((label) => ![0, 1, 2, 3, 4].includes(label))) return 'unknown';
  const [three, four] = [labels.includes(3), labels.includes(4)];
  if (three && four) return 'ambiguous';
  if (four) return 'brats-2021';
  return three ? 'brats-2023' : 'either';
}

const declare = `Declare what they mean with --labels ${labelDeclarations.join(' | ')}, or with the regions of a mapping file.`;

/**
 * The convention of BraTS masks: by the data set that the names of cases or files say, else from the labels that occur
 * in all other masks, where cases without enhancing tumour follow the others.
 *
 * @param perPatient each case by its own labels: for data sets that mix 2021 and 2023
 * @returns case id → convention; where no case tells, one whose regions are the same in both readings
 * @throws UtadError bad-value naming cases whose labels contradict each other or are not BraTS's.
 */
export function bratsConventions(
  masks: readonly MaskLabels[],
  perPatient = false,
): ReadonlyMap<string, LabelConvention> {
  const { conventions, unclear, others } = conventionsByName(masks);
  const [open] = unclear;
  if (open !== undefined) {
    const ids = open.ids.map((id) => ({ id }));
    const got = `${named(ids)}, whose names leave it open: ${open.between}`;
    fail('bad-value', { where: 'tumour masks', expected: 'labels of one meaning', got, todo: declare });
  }
  return new Map([...conventions, ...conventionsByLabels(others, perPatient)]);
}

/** The conventions of masks whose names say nothing. */
function conventionsByLabels(
  masks: readonly MaskLabels[],
  perPatient: boolean,
): ReadonlyMap<string, LabelConvention> {
  const readings = masks.map((mask) => ({ ...mask, reading: readingOf(mask.labels) }));
  const of = (reading: LabelReading) => readings.filter((one) => one.reading === reading);
  const refuse = (expected: string, got: string): never =>
    fail('bad-value', { where: 'tumour masks', expected, got, todo: declare });

  const unknown = of('unknown');
  if (unknown.length > 0) {
    const some = unknown[0]!.labels.slice(0, 8).join(', ');
    refuse('labels 0 to 4, as in BraTS', `others in ${named(unknown)} (${some} in ${unknown[0]!.id})`);
  }
  const ambiguous = of('ambiguous');
  if (ambiguous.length > 0) {
    refuse(
      'enhancing tumour labelled 3 or 4',
      `both labels in ${named(ambiguous)}: BRATS 2015 (3 non-enhancing, 4 enhancing) or BraTS 2024 (3 enhancing, 4 resection cavity)`,
    );
  }
  const [old, recent] = [of('brats-2021'), of('brats-2023')];
  if (old.length > 0 && recent.length > 0 && !perPatient) {
    refuse(
      'enhancing tumour labelled 3 everywhere or 4 everywhere',
      `4 in ${named(old)}; 3 in ${named(recent)}`,
    );
  }
  const shared = old.length > 0 === recent.length > 0 ? withoutEnhancing : old.length > 0 ? year21 : year23;
  return new Map(
    readings.map(({ id, reading }) => {
      if (reading === 'brats-2021') return [id, year21];
      return [id, reading === 'brats-2023' ? year23 : shared];
    }),
  );
}

const { 'brats-2021': year21, 'brats-2023': year23 } = labelConventions;
const withoutEnhancing: LabelConvention = {
  name: 'brats',
  regions: { whole: [1, 2], core: [1], enhancing: [] },
  target: 'whole',
  others: [],
};

function named(cases: readonly { readonly id: string }[]): string {
  const ids = cases.map(({ id }) => id);
  return ids.length > 5 ? `${ids.slice(0, 5).join(', ')} and ${ids.length - 5} more` : ids.join(', ');
}
