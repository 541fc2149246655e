import { toFailure } from '../channel/channel.js';
import { addProblem, model, type ShelfModel, shelf } from '../state/patient-state.js';
import { images } from './images.js';
import { releaseModel } from './translate.js';

/** Looks which models lie beside the page. That there are none is no mistake. */
export async function lookAtShelf(): Promise<void> {
  try {
    const response = await fetch('models/manifest.json');
    if (!response.ok) return;
    const { models } = (await response.json()) as { models: ShelfModel[] };
    shelf.value = models;
    const [first] = models;
    if (first && model.value === null) takeFromShelf(first);
  } catch {
    // Opened without a server, or on a host that answers in its own way: a model can still be chosen.
  }
}

/** Takes a model that lies beside the page into use; its file is fetched when it is first needed. */
export function takeFromShelf({ name, file, metadata, card }: ShelfModel): void {
  const addressOf = (one: string): string => new URL(`models/${one}`, document.baseURI).href;
  releaseModel();
  model.value = {
    name,
    file: addressOf(file),
    metadata,
    ...(card === undefined ? {} : { card: addressOf(card) }),
  };
}

/** Takes a model file into use; it is loaded when it is first needed. */
export async function takeModel(file: Blob, name: string): Promise<void> {
  try {
    const metadata = await images.ask('readModel', { file, name });
    releaseModel();
    model.value = { name, file, metadata };
  } catch (error) {
    addProblem(toFailure(error));
  }
}
