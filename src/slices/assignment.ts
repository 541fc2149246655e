import { fail } from '../base/errors.js';
import { createRandom } from '../base/random.js';
import type { CaseFiles } from '../datasets/case.js';

/** A case and the modalities it contributes to training. */
export interface Assignment {
  readonly case: CaseFiles;
  readonly modalities: readonly string[];
}

/**
 * Decides what each training case contributes. Unpaired: one modality of those it has, such that all
 * modalities are seen about equally often. Paired: all it has.
 *
 * @param modalities the names to choose from, in the network's order
 * @throws UtadError bad-value when a case has none of them, or when a modality is left without any case.
 */
export function assignModalities(
  cases: readonly CaseFiles[],
  modalities: readonly string[],
  options: { readonly paired: boolean; readonly seed: number },
): readonly Assignment[] {
  const available = new Map(
    cases.map((one) => [one.id, modalities.filter((name) => one.modalities[name] !== undefined)]),
  );
  const without = cases.filter(({ id }) => available.get(id)!.length === 0);
  if (without.length > 0) {
    fail('bad-value', {
      where: 'training cases',
      expected: `cases with one of ${modalities.join(', ')}`,
      got: `${without.map(({ id }) => id).join(', ')} with none`,
      todo: 'Leave them out or correct their file names.',
    });
  }
  const chosen = options.paired ? available : chooseOneEach(cases, available, modalities, options.seed);
  const unseen = modalities.filter((name) => ![...chosen.values()].some((names) => names.includes(name)));
  if (unseen.length > 0) {
    fail('bad-value', {
      where: 'training cases',
      expected: 'each modality from at least one case',
      got: `none for ${unseen.join(', ')}`,
      todo: 'Add cases, or let each contribute all its modalities: --set data.paired=true.',
    });
  }
  return cases.map((one) => ({ case: one, modalities: chosen.get(one.id)! }));
}

function chooseOneEach(
  cases: readonly CaseFiles[],
  available: ReadonlyMap<string, readonly string[]>,
  modalities: readonly string[],
  seed: number,
): Map<string, readonly string[]> {
  const random = createRandom(seed, 'assignment');
  const shuffled = random.permutation(cases.length).map((index) => cases[index]!);
  // Those with the fewest choices first: the others can still even out what they leave.
  shuffled.sort((a, b) => available.get(a.id)!.length - available.get(b.id)!.length);
  const used = new Map(modalities.map((name) => [name, 0]));
  const chosen = new Map<string, readonly string[]>();
  for (const { id } of shuffled) {
    const names = available.get(id)!;
    const fewest = Math.min(...names.map((name) => used.get(name)!));
    const rarest = names.filter((name) => used.get(name) === fewest);
    const name = rarest[random.integer(rarest.length)]!;
    used.set(name, fewest + 1);
    chosen.set(id, [name]);
  }
  return chosen;
}
