import type { ComparedPatient } from './compared-patient.js';

/**
 * From what each modality is translated: `each` single other one, or `all-but-one`: all other modalities of the patient together.
 */
export type ProtocolName = 'each' | 'all-but-one';

/** The protocols in words. */
export const protocols = {
  each: 'every modality from each single other one of the patient: all ordered pairs',
  'all-but-one': 'every modality from all others of the patient together',
} as const satisfies Readonly<Record<ProtocolName, string>>;

/**
 * Translates a patient's modalities, one or several, into another one.
 *
 * @returns [K, rows, columns] on the grid of the comparison, on [0, 1], 0 outside the sources' brain
 */
export type TranslateFrom = (sources: readonly string[], target: string) => Promise<Float32Array>;

/** What one translation is from and to. */
export interface SourcesAndTarget {
  readonly sources: readonly string[];
  readonly target: string;
}

/** Every translation of a patient that has these modalities. */
export function translationsOf(present: readonly string[], protocol: ProtocolName): SourcesAndTarget[] {
  if (protocol === 'all-but-one') {
    return present.flatMap((target) => {
      const sources = present.filter((name) => name !== target);
      return sources.length === 0 ? [] : [{ sources, target }];
    });
  }
  return present.flatMap((source) =>
    present.flatMap((target) => (target === source ? [] : [{ sources: [source], target }])),
  );
}

/** Sources as reports name them: `t1 + t2`. */
export function sourceName(sources: readonly string[]): string {
  return sources.join(' + ');
}

/** Where at least one of the sources has brain: what a translation may be brain in; [K, rows, columns]. */
export function brainOfSources(
  { modalities }: Pick<ComparedPatient, 'modalities'>,
  sources: readonly string[],
): Uint8Array {
  const [first, ...others] = sources.map((name) => modalities[name]!.brain);
  if (others.length === 0) return first!;
  return first!.map((inside, i) => (inside || others.some((brain) => brain[i]) ? 1 : 0));
}
