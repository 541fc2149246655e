import { meaningOfPart, type PartMeaning } from './part-names.js';

/** The labels of a region; `any` for every label but 0. */
export type RegionLabels = readonly number[] | 'any';

/** What the numbers of a label volume mean. */
export interface LabelConvention {
  /** A name of {@link labelConventions}, or where the meaning was read. */
  readonly name: string;
  /** Region → its labels; in tumours `whole`, `core` and `enhancing`, as far as the labels tell them apart. */
  readonly regions: Readonly<Record<string, RegionLabels>>;
  /** The region that the local critic and the figures of the tumour look at. */
  readonly target: string;
  /** Labels that may occur and belong to no region. */
  readonly others: readonly number[];
}

const tumour = (name: string, regions: LabelConvention['regions'], others: readonly number[] = []) => ({
  name,
  regions,
  target: 'whole',
  others,
});

/**
 * The conventions that can be declared by name.
 *
 * @source BraTS 2017–2021: 1 necrotic and non-enhancing core, 2 oedema, 4 enhancing; 2023: enhancing is 3;
 * 2024 after treatment: 4 is the resection cavity; BRATS 2012–2016: 3 non-enhancing, 4 enhancing;
 * Medical Segmentation Decathlon, Task01: 1 oedema, 2 non-enhancing, 3 enhancing. BraTS-PED from 2024 on: 1 enhancing,
 * 2 non-enhancing, 3 cystic, 4 oedema. BraTS-MEN, MET and SSA: as 2023; MET from 2025 on with 4, the resection cavity;
 * MEN-RT: 1 gross tumour volume. UCSF-PDGM, UPENN-GBM: as 2021.
 */
export const labelConventions = {
  'brats-2021': tumour('brats-2021', { whole: [1, 2, 4], core: [1, 4], enhancing: [4] }),
  'brats-2023': tumour('brats-2023', { whole: [1, 2, 3], core: [1, 3], enhancing: [3] }),
  'brats-2024': tumour('brats-2024', { whole: [1, 2, 3], core: [1, 3], enhancing: [3] }, [4]),
  'brats-2015': tumour('brats-2015', { whole: [1, 2, 3, 4], core: [1, 3, 4], enhancing: [4] }),
  'brats-ped': tumour('brats-ped', { whole: [1, 2, 3, 4], core: [1, 2, 3], enhancing: [1] }),
  'brats-met': tumour('brats-met', { whole: [1, 2, 3], core: [1, 3], enhancing: [3] }, [4]),
  'brats-men': tumour('brats-men', { whole: [1, 2, 3], core: [1, 3], enhancing: [3] }),
  'brats-men-rt': tumour('brats-men-rt', { whole: [1] }),
  'brats-ssa': tumour('brats-ssa', { whole: [1, 2, 3], core: [1, 3], enhancing: [3] }),
  'ucsf-pdgm': tumour('ucsf-pdgm', { whole: [1, 2, 4], core: [1, 4], enhancing: [4] }),
  'upenn-gbm': tumour('upenn-gbm', { whole: [1, 2, 4], core: [1, 4], enhancing: [4] }),
  msd: tumour('msd', { whole: [1, 2, 3], core: [2, 3], enhancing: [3] }),
  any: tumour('any', { whole: 'any' }),
} as const satisfies Record<string, LabelConvention>;

/** What `--labels` takes: a convention, or `per-patient` for BraTS data sets that mix those of 2021 and 2023. */
export const labelDeclarations = [...Object.keys(labelConventions), 'per-patient'] as const;

/** Whether a label belongs to a region; false for regions that the convention does not tell apart. */
export function isInRegion(convention: LabelConvention, region: string): (label: number) => boolean {
  const labels = convention.regions[region] ?? [];
  return labels === 'any' ? (label) => label !== 0 : (label) => labels.includes(label);
}

/** Those of some labels that the convention does not know. */
export function strangeLabels(convention: LabelConvention, labels: readonly number[]): readonly number[] {
  const regions = Object.values(convention.regions);
  if (regions.includes('any')) return [];
  const known = new Set([0, ...convention.others, ...regions.flat()]);
  return labels.filter((label) => !known.has(label));
}

/** A table of label names that cannot be read: the names that are not understood beside parts of a tumour. */
export interface UnclearLabels {
  readonly unclear: readonly string[];
}

/** What a table's names that are not understood are, for messages: `dataset.json: labels that are not understood: “NCET”`. */
export function unclearLabels(source: string, { unclear }: UnclearLabels): string {
  return `labels in ${source} that are not understood: ${unclear
    .slice(0, 8)
    .map((name) => `“${name}”`)
    .join(', ')}`;
}

/**
 * The convention that a table of label names gives, as in a `dataset.json` or a BIDS segmentation.
 *
 * Names of tumour parts make `whole`, `core` and `enhancing`. Where there are none, each name is a region, and
 * `target` is the only one or else `all`, every label but the background. Beside parts of a tumour every name has to be
 * understood: one that is not may be another part.
 *
 * @param table label or labels → name
 * @param source where the table was read, the convention's name when no convention of the table is the same
 */
export function conventionOfNames(
  table: readonly { readonly labels: readonly number[]; readonly name: string }[],
  source: string,
): LabelConvention | UnclearLabels {
  const parts = table
    .filter(({ labels }) => labels.some((label) => label !== 0))
    .map(({ labels, name }) => ({ labels, name, meaning: meaningOfPart(name) }));
  const others = parts.filter(({ meaning }) => meaning === 'none').flatMap(({ labels }) => labels);
  if (parts.some(({ meaning }) => Array.isArray(meaning) || meaning === 'unclear'))
    return tumourConvention(parts, others, source);
  const named = parts.filter(({ meaning }) => meaning !== 'none');
  const regions = Object.fromEntries(named.map(({ labels, name }) => [name, labels]));
  const [only, ...more] = Object.keys(regions);
  return more.length === 0 && only !== undefined
    ? { name: source, regions, target: only, others }
    : { name: source, regions: { ...regions, all: sorted(named) }, target: 'all', others };
}

/** Whether a table's convention is that of a head's tissues, as programs segment them. */
export function namesTissues({ regions }: LabelConvention): boolean {
  const names = Object.keys(regions).filter((name) => name !== 'all');
  return (
    names.every((name) => meaningOfPart(name) === 'elsewhere') &&
    names.some((name) => /^(?:gm|wm|csf|gr[ae]y|white)/i.test(name))
  );
}

interface Part {
  readonly labels: readonly number[];
  readonly name: string;
  readonly meaning: PartMeaning;
}

function tumourConvention(
  parts: readonly Part[],
  others: readonly number[],
  source: string,
): LabelConvention | UnclearLabels {
  const unclear = parts.filter(({ meaning }) => meaning === 'unclear' || meaning === 'unknown');
  if (unclear.length > 0) return { unclear: unclear.map(({ name }) => name) };
  const of = (region: string): readonly number[] =>
    sorted(parts.filter(({ meaning }) => Array.isArray(meaning) && meaning.includes(region)));
  const elsewhere = parts.filter(({ meaning }) => meaning === 'elsewhere').flatMap(({ labels }) => labels);
  const found = Object.fromEntries(
    ['whole', 'core', 'enhancing']
      .map((region) => [region, of(region)] as const)
      .filter(([, l]) => l.length > 0),
  );
  const known = Object.values(labelConventions).find(
    (one) => JSON.stringify([one.regions, one.others]) === JSON.stringify([found, others]),
  );
  return known ?? { name: source, regions: found, target: 'whole', others: [...others, ...elsewhere] };
}

function sorted(parts: readonly { readonly labels: readonly number[] }[]): readonly number[] {
  return [...new Set(parts.flatMap(({ labels }) => labels))]
    .filter((label) => label !== 0)
    .sort((a, b) => a - b);
}
