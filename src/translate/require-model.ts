import { requireArguments } from '../base/arguments.js';
import type { ModelMetadata } from './model-metadata.js';

/** Requires what a model file says of itself, as far as translating needs it. @throws UtadError bad-argument. */
export function requireMetadata(
  metadata: Partial<ModelMetadata> & Pick<ModelMetadata, 'recipe'>,
  call: string,
): void {
  requireArguments(call, { metadata: [metadata, 'object'] });
  requireArguments(call, {
    'metadata.model': [metadata.model, 'object?'],
    'metadata.recipe': [metadata.recipe, 'object'],
  });
}

/** Requires a model that is loaded. @throws UtadError bad-argument. */
export function requireModel(
  model: { readonly metadata: ModelMetadata; readonly translateSlices: unknown },
  call: string,
): void {
  requireArguments(call, { model: [model, 'object'] });
  requireMetadata(model.metadata, call);
  requireArguments(call, {
    'model.metadata.model': [model.metadata.model, 'object'],
    'model.metadata.valueRanges': [model.metadata.valueRanges, 'object'],
    'model.translateSlices': [model.translateSlices, 'function'],
  });
}
