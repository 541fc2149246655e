import { requireArguments } from '../base/arguments.js';
import type { ModelMetadata } from './model-metadata.js';

/** A source and why it was chosen. */
export interface ChosenSource {
  readonly source: string;
  readonly chosenBy: string;
}

/**
 * Chooses what a modality is translated from: the source that is asked for; else the one whose direction scored best by
 * SSIM when the model was validated; else the first in the model's order.
 *
 * @param present the patient's modalities that the model knows
 * @returns nothing when there is no other modality, or not the one that is asked for
 */
export function chooseSource(
  target: string,
  present: readonly string[],
  metadata: Pick<ModelMetadata, 'model' | 'training'>,
  asked?: string,
): ChosenSource | undefined {
  requireArguments('chooseSource', {
    target: [target, 'text'],
    present: [present, 'list'],
    metadata: [metadata, 'object'],
    asked: [asked, 'text?'],
  });
  requireArguments('chooseSource', { 'metadata.model': [metadata.model, 'object'] });
  requireArguments('chooseSource', { 'metadata.model.modalities': [metadata.model.modalities, 'list'] });
  const { model, training } = metadata;
  const usable = model.modalities.filter((name) => name !== target && present.includes(name));
  if (asked !== undefined) return usable.includes(asked) ? { source: asked, chosenBy: '--from' } : undefined;
  const scored = (training?.validation?.directions ?? []).filter(
    (one) => one.target === target && usable.includes(one.source),
  );
  if (scored.length > 0) {
    const best = scored.reduce((a, b) => (b.ssim > a.ssim ? b : a));
    return { source: best.source, chosenBy: `best of the model's validation (SSIM ${best.ssim.toFixed(3)})` };
  }
  const first = usable[0];
  return first === undefined ? undefined : { source: first, chosenBy: "first in the model's order" };
}
