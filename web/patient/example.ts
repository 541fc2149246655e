import { toFailure } from '../channel/channel.js';
import { addProblem, work } from '../state/patient-state.js';
import { fetchWhole } from '../work/fetch-whole.js';
import { readFiles } from './actions.js';

const files = ['t1', 't1ce', 't2', 'flair', 'seg'].map((content) => `Phantom_105_${content}.nii.gz`);

/** Opens the phantom patient that lies beside the page. */
export async function openExample(): Promise<void> {
  work.value = {
    kind: 'reading',
    doing: 'Fetching the example patient',
    share: null,
    secondsLeft: null,
    cancel: null,
  };
  try {
    const dropped = [];
    for (const name of files) {
      const bytes = await fetchWhole(`example/${name}`, () => undefined);
      dropped.push({ path: name, file: new File([bytes], name) });
    }
    await readFiles(dropped);
  } catch (error) {
    work.value = null;
    addProblem(toFailure(error));
  }
}
