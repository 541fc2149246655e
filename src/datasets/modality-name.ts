/** Names that data sets give to modalities, and this project's. Compared without case, spaces and marks. */
const spellings: Readonly<Record<string, readonly string[]>> = {
  t1: ['t1', 't1w', 't1n', 't1native'],
  t1ce: [
    't1ce',
    't1c',
    't1gd',
    't1wgd',
    't1wce',
    't1cew',
    't1post',
    't1contrast',
    'cet1',
    'cet1w',
    'gdt1',
    't1wpost',
    't1km',
  ],
  t2: ['t2', 't2w'],
  flair: ['flair', 't2f', 't2flair', 'flairt2', 't2wflair', 'fluidattenuatedinversionrecovery'],
  pd: ['pd', 'pdw', 'protondensity'],
};
const canonical = new Map(
  Object.entries(spellings).flatMap(([name, all]) => all.map((spelling) => [spelling, name] as const)),
);
const order = ['t1', 't1ce', 't2', 'flair'];

/** This project's name of a modality that a data set spells its own way: `T1w` is `t1`; unknown ones in lower case. */
export function modalityOfName(name: string): string {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  return canonical.get(plain) ?? name.toLowerCase().trim().replace(/\s+/g, '-');
}

/** Names each once: t1, t1ce, t2, flair, then others by the alphabet. */
export function inModalityOrder(names: Iterable<string>): readonly string[] {
  const rank = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);
  return [...new Set(names)].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}
