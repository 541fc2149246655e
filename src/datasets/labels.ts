/**
 * Which meaning a mask's numbers have. Both agree on 1 (necrotic and non-enhancing core) and 2 (oedema):
 * - `brats-2021`: enhancing tumour is 4 (2017–2021);
 * - `brats-2023`: enhancing tumour is 3 (from 2023 on);
 * - `either`: neither 3 nor 4 occurs, so both readings are the same;
 * - `ambiguous`: 3 and 4 both occur, as in BRATS 2012–2016 (3 non-enhancing, 4 enhancing) and in BraTS 2024
 *   (3 enhancing, 4 resection cavity, which is no tumour);
 * - `unknown`: other numbers occur.
 */
export type LabelConvention = 'brats-2021' | 'brats-2023' | 'either' | 'ambiguous' | 'unknown';

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

/** The convention that a mask's labels speak for; labels are only named, never changed. */
export function conventionOf(labels: readonly number[]): LabelConvention {
  if (labels.some((label) => ![0, 1, 2, 3, 4].includes(label))) return 'unknown';
  const [three, four] = [labels.includes(3), labels.includes(4)];
  if (three && four) return 'ambiguous';
  if (four) return 'brats-2021';
  return three ? 'brats-2023' : 'either';
}

/** Whether a label belongs to the whole tumour: every label but the background, in both conventions. */
export function isWholeTumour(label: number): boolean {
  return label > 0;
}
