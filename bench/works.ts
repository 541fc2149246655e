/** A piece of work that both sides are timed at. */
export interface Work {
  readonly name: string;
  readonly kind: 'critic-update' | 'generator-update' | 'both-updates' | 'generator-pass' | 'translation';
  readonly features: number;
  /** Pixels along each side of a slice. */
  readonly side: number;
  readonly batch: number;
  /** Slices of the volume, for translations. */
  readonly slices?: number;
  readonly threads: number;
  /** Our device; the peer computes on its CUDA device where this is not the CPU. */
  readonly device: string;
}

/** Where and on how many threads both sides compute. */
type Where = Pick<Work, 'threads' | 'device'>;

const sizes = [
  { features: 16, side: 64, batch: 8 },
  { features: 16, side: 128, batch: 8 },
  { features: 64, side: 128, batch: 1 },
] as const;

const trainingKinds = ['critic-update', 'generator-update', 'both-updates', 'generator-pass'] as const;

/**
 * The teacher's updates, one by one and as one program, and its generator forward and backward, at three sizes. On a device with its own memory only
 * what stays there is timed: the updates, at the published batch too.
 */
export function trainingWorks(where: Where): readonly Work[] {
  if (where.device === 'cpu')
    return sizes.flatMap((size) => trainingKinds.map((kind) => named({ kind, ...size, ...where })));
  return [...sizes, { features: 64, side: 128, batch: 8 }].flatMap((size) =>
    (['critic-update', 'generator-update'] as const).map((kind) => named({ kind, ...size, ...where })),
  );
}

/**
 * The network's share of translating at two widths, the student, 4 slices at a time: a volume of 155 slices, or as many as
 * fit into a minute on two cores.
 */
export function translationWorks(where: Where): readonly Work[] {
  const onCpu = where.device === 'cpu';
  return [
    { features: 16, slices: 155 },
    { features: 64, slices: onCpu ? 16 : 155 },
  ].map((size) => named({ kind: 'translation', ...size, side: 128, batch: onCpu ? 4 : 16, ...where }));
}

/** Gives a piece of work its name: `critic-update f16 64² batch 8`. */
export function named(work: Omit<Work, 'name'>): Work {
  const { kind, features, side, batch, slices } = work;
  const volume = slices === undefined ? '' : ` ${slices} slices`;
  return { name: `${kind} f${features} ${side}² batch ${batch}${volume}`, ...work };
}
