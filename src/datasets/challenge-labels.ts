import { type LabelConvention, labelConventions } from './label-convention.js';

/** The mask of a case: what it is called, and the distinct labels in it. */
export interface MaskLabels {
  readonly id: string;
  readonly labels: readonly number[];
  /** The name of its file. */
  readonly file?: string;
}

/** A data set that a case's name belongs to, and what its labels are by those that occur in all of its masks. */
interface Challenge {
  /** What its cases are called. */
  readonly ids: RegExp;
  /** The convention; a text where the names do not settle it, which says between what. */
  readonly convention: (labels: ReadonlySet<number>) => LabelConvention | string;
}

const always = (convention: LabelConvention) => () => convention;

/**
 * Data sets whose cases' names say what the labels of their masks mean; the first that fits counts.
 *
 * @source Descriptions of the challenges BraTS 2012–2025, of UCSF-PDGM, UPENN-GBM and the BraTS-TCGA collections.
 */
const challenges: readonly Challenge[] = [
  { ids: /^BraTS-MEN-RT-/i, convention: always(labelConventions['brats-men-rt']) },
  { ids: /^BraTS-MEN-/i, convention: always(labelConventions['brats-men']) },
  { ids: /^BraTS-METS?-/i, convention: always(labelConventions['brats-met']) },
  { ids: /^BraTS-(?:SSA|Africa)-/i, convention: always(labelConventions['brats-ssa']) },
  {
    ids: /^BraTS-PEDS?-/i,
    convention: (labels) =>
      labels.has(4)
        ? labelConventions['brats-ped']
        : 'BraTS-PED of 2023 (as brats-2023) or from 2024 on (brats-ped), which number the same cases differently',
  },
  {
    // After treatment label 4 is the cavity; without a single 3 it may be the enhancing tumour of years before.
    ids: /^BraTS-GLI-/i,
    convention: (labels) => {
      if (!labels.has(4)) return labelConventions['brats-2023'];
      return labels.has(3)
        ? labelConventions['brats-2024']
        : 'BraTS-GLI with 4 and without 3: BraTS 2024 without enhancing tumour (brats-2024), or renumbered masks (brats-2021)';
    },
  },
  {
    ids: /^BraTS(?:17|18|19|20|2017|2018|2019|2020|2021|21)_/i,
    convention: always(labelConventions['brats-2021']),
  },
  { ids: /^UCSF-PDGM-/i, convention: always(labelConventions['ucsf-pdgm']) },
  { ids: /^UPENN-GBM-/i, convention: always(labelConventions['upenn-gbm']) },
  { ids: /^TCGA-[A-Z0-9]{2}-[A-Z0-9]{4}/i, convention: always(labelConventions['brats-2021']) },
  { ids: /^(?:brats_(?:2013|tcia)_pat|VSD\.Brain)/i, convention: always(labelConventions['brats-2015']) },
  {
    ids: /^BRATS_\d{3}$/,
    convention: () => 'the Decathlon’s own labels (msd), or those of BraTS after a conversion',
  },
];

/** What the names of cases say of their labels. */
interface NamedConventions {
  readonly conventions: ReadonlyMap<string, LabelConvention>;
  /** Cases whose names say a data set but not which of its conventions, and between what. */
  readonly unclear: readonly { readonly ids: readonly string[]; readonly between: string }[];
  /** Cases whose names say nothing. */
  readonly others: readonly MaskLabels[];
}

/** The conventions of those cases whose names, or whose masks' names, say of which data set they are. */
export function conventionsByName(masks: readonly MaskLabels[]): NamedConventions {
  const conventions = new Map<string, LabelConvention>();
  const unclear: { readonly ids: readonly string[]; readonly between: string }[] = [];
  const rest = new Set(masks);
  for (const { ids, convention } of challenges) {
    const own = [...rest].filter(({ id, file = '' }) => ids.test(id) || ids.test(file));
    if (own.length === 0) continue;
    for (const one of own) rest.delete(one);
    const found = convention(new Set(own.flatMap(({ labels }) => labels)));
    if (typeof found === 'string') unclear.push({ ids: own.map(({ id }) => id), between: found });
    else for (const { id } of own) conventions.set(id, found);
  }
  return { conventions, unclear, others: [...rest] };
}
