import { toFailure } from '../work/channel.js';
import { fetchWhole } from '../work/fetch-whole.js';
import { images } from './images.js';
import { addProblem, model, type ShelfModel, shelf, work } from './store.js';
import { releaseModel } from './translate.js';

/** Looks which models lie beside the page. That there are none is no mistake. */
export async function lookAtShelf(): Promise<void> {
  try {
    const response = await fetch('models/manifest.json');
    if (!response.ok) return;
    const { models } = (await response.json()) as { models: ShelfModel[] };
    shelf.value = models;
    const [first] = models;
    // Who chooses a model while the first one of the shelf is still fetched keeps the chosen one.
    if (first) await takeFromShelf(first, () => model.value === null);
  } catch {
    // Opened without a server, or on a host that answers in its own way: a model can still be chosen.
  }
}

/** Fetches a model that lies beside the page. */
export async function takeFromShelf(
  { name, file, card }: ShelfModel,
  isWanted: () => boolean = () => true,
): Promise<void> {
  try {
    if (!isWanted()) return;
    const bytes = await fetchWhole(`models/${file}`, () => undefined);
    if (isWanted()) await takeModel(new Blob([bytes]), name, card && `models/${card}`);
  } catch (error) {
    addProblem(toFailure(error));
  }
}

/** Takes a model file into use; it is loaded when it is first needed. */
export async function takeModel(file: Blob, name: string, card?: string): Promise<void> {
  try {
    const metadata = await images.ask('readModel', { file, name });
    releaseModel();
    model.value = { name, file, metadata, ...(card === undefined ? {} : { card }) };
  } catch (error) {
    addProblem(toFailure(error));
  }
}

/** Whether a model can be changed now. */
export function isFree(): boolean {
  return work.value === null;
}
