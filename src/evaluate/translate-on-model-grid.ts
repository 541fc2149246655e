import { fail } from '../base/errors.js';
import type { PreparedPatient } from '../datasets/prepared-patient.node.js';
import { toUnit } from '../metrics/unit-value.js';
import { fuseTranslations } from '../translate/fusion.js';
import type { TranslateFrom } from './protocol.js';

/** Translates slices [K,S,S] on [−1, 1] of one modality into another; indices into the modalities. */
type TranslateSlices = (
  slices: Float32Array,
  sourceIndex: number,
  targetIndex: number,
) => Promise<Float32Array>;

/**
 * Translates prepared slices and leaves them on the network's own grid.
 *
 * @param modalities in the network's order
 * @param weightsFor [bins][sources] for several sources; null for the plain mean
 * @throws UtadError bad-shape when `translate` answers another number of values.
 */
export function translateOnModelGrid(
  patient: PreparedPatient,
  modalities: readonly string[],
  translate: TranslateSlices,
  weightsFor: (target: string, sources: readonly string[]) => readonly (readonly number[])[] | null = () =>
    null,
): TranslateFrom {
  const single = async (source: string, target: string): Promise<Float32Array> => {
    const { slices, brain } = patient.modalities[source]!;
    const answer = await translate(slices, modalities.indexOf(source), modalities.indexOf(target));
    if (answer.length !== slices.length) {
      fail('bad-shape', {
        where: 'translation',
        expected: `${slices.length} values`,
        got: `${answer.length}`,
      });
    }
    // As in the restored volume: nothing outside the source's brain, clamped inside.
    return answer.map((value, i) => (brain[i] ? toUnit(value) : 0));
  };
  return async (sources, target) => {
    const translations: Float32Array[] = [];
    for (const source of sources) translations.push(await single(source, target));
    if (translations.length === 1) return translations[0]!;
    const covered = sources.map((name) => patient.modalities[name]!.brain);
    return fuseTranslations(translations, covered, weightsFor(target, sources)).fused;
  };
}
