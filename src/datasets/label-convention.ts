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
 * Medical Segmentation Decathlon, Task01: 1 oedema, 2 non-enhancing, 3 enhancing.
 */
export const labelConventions = {
  'brats-2021': tumour('brats-2021', { whole: [1, 2, 4], core: [1, 4], enhancing: [4] }),
  'brats-2023': tumour('brats-2023', { whole: [1, 2, 3], core: [1, 3], enhancing: [3] }),
  'brats-2024': tumour('brats-2024', { whole: [1, 2, 3], core: [1, 3], enhancing: [3] }, [4]),
  'brats-2015': tumour('brats-2015', { whole: [1, 2, 3, 4], core: [1, 3, 4], enhancing: [4] }),
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

const namesOfPart: readonly (readonly [RegExp, readonly string[] | 'none'])[] = [
  [
    /^(background|unlabell?ed|clear ?label|unknown|brain|healthy|normal.*|.*resection.*|rc|.*cavity)$/,
    'none',
  ],
  [/edema|oedema|snfh|flair.?hyper|^ed$|infiltrat/, ['whole']],
  [/non.?enhanc|necro|^(ncr|net|netc|ncr.?net)$|cyst/, ['whole', 'core']],
  [/enhanc|^(et|gd.?et|at)$|active/, ['whole', 'core', 'enhancing']],
  [/core|^tc$/, ['whole', 'core']],
  [/tumou?r|lesion|glioma|cancer|metasta|^(wt|gtv)$/, ['whole']],
];
const wholeName = /^(wt|(whole|complete|entire).*)$/;

/**
 * The convention that a table of label names gives, as in a `dataset.json` or a BIDS segmentation.
 *
 * Names of tumour parts make `whole`, `core` and `enhancing`. Where there are none, each name is a region, and
 * `target` is the only one or else `all`, every label but the background.
 *
 * @param table label or labels → name
 * @param source where the table was read, the convention's name when no convention of the table is the same
 */
export function conventionOfNames(
  table: readonly { readonly labels: readonly number[]; readonly name: string }[],
  source: string,
): LabelConvention {
  const parts = table
    .filter(({ labels }) => labels.some((label) => label !== 0))
    .map(({ labels, name }) => ({ labels, name, regions: regionsOfName(name) }));
  const others = parts.filter(({ regions }) => regions === 'none').flatMap(({ labels }) => labels);
  const inTumour = parts.filter(({ regions }) => Array.isArray(regions));
  if (inTumour.length > 0) return tumourConvention(parts, others, source);
  const named = parts.filter(({ regions }) => regions !== 'none');
  const regions = Object.fromEntries(named.map(({ labels, name }) => [name, labels]));
  const [only, ...more] = Object.keys(regions);
  return more.length === 0 && only !== undefined
    ? { name: source, regions, target: only, others }
    : { name: source, regions: { ...regions, all: sorted(named) }, target: 'all', others };
}

type Part = { readonly labels: readonly number[]; readonly regions: readonly string[] | 'none' | undefined };

function tumourConvention(
  parts: readonly Part[],
  others: readonly number[],
  source: string,
): LabelConvention {
  const of = (region: string): readonly number[] =>
    sorted(parts.filter(({ regions }) => Array.isArray(regions) && regions.includes(region)));
  const strangers = parts.filter(({ regions }) => regions === undefined).flatMap(({ labels }) => labels);
  const found = Object.fromEntries(
    ['whole', 'core', 'enhancing']
      .map((region) => [region, of(region)] as const)
      .filter(([, l]) => l.length > 0),
  );
  const known = Object.values(labelConventions).find(
    (one) => JSON.stringify([one.regions, one.others]) === JSON.stringify([found, others]),
  );
  return known ?? { name: source, regions: found, target: 'whole', others: [...others, ...strangers] };
}

/** Regions that a part lies in; `none` for what is named and no tumour; undefined for names of other things. */
function regionsOfName(name: string): readonly string[] | 'none' | undefined {
  const plain = name
    .toLowerCase()
    .replace(/[_\s]+/g, ' ')
    .trim();
  if (wholeName.test(plain)) return ['whole'];
  return namesOfPart.find(([pattern]) => pattern.test(plain))?.[1];
}

function sorted(parts: readonly { readonly labels: readonly number[] }[]): readonly number[] {
  return [...new Set(parts.flatMap(({ labels }) => labels))]
    .filter((label) => label !== 0)
    .sort((a, b) => a - b);
}
