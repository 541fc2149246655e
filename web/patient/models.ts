import { toFailure } from '../work/channel.js';
import { fetchWhole } from '../work/fetch-whole.js';
import { images } from './images.js';
import { addProblem, model, shelf, work } from './store.js';
import { releaseModel } from './translate.js';

/** Looks which models lie beside the page. That there are none is no mistake. */
export async function lookAtShelf(): Promise<void> {
  try {
    const response = await fetch('models/manifest.json');
    if (!response.ok) return;
    const { models } = (await response.json()) as { models: { name: string; file: string }[] };
    shelf.value = models;
    const [first] = models;
    if (first && model.value === null) await takeFromShelf(first);
  } catch {
    // Opened without a server, or on a host that answers in its own way: a model can still be chosen.
  }
}

/** Fetches a model that lies beside the page. */
export async function takeFromShelf({
  name,
  file,
}: {
  readonly name: string;
  readonly file: string;
}): Promise<void> {
  try {
    const bytes = await fetchWhole(`models/${file}`, () => undefined);
    await takeModel(new Blob([bytes]), name);
  } catch (error) {
    addProblem(toFailure(error));
  }
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

/** Whether a model can be changed now. */
export function isFree(): boolean {
  return work.value === null;
}
