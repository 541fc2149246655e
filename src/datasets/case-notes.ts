import { groupBy } from '../base/group-by.js';
import type { CaseFiles, UnsureVolume } from './case.js';
import type { CaseDoubt, CaseNote } from './data-set.js';
import { listed } from './listed-names.js';
import { severalFiles } from './patient-folder.js';

/** Notes about volumes of a patient that are not used because nobody knows surely what they are. */
export function unsureNotes({ id, unsure = [], modalities }: CaseFiles): readonly CaseNote[] {
  const note = (severity: CaseNote['severity'], text: string): CaseNote => ({ severity, caseId: id, text });
  const groups = groupBy(unsure, ({ like, because }) => JSON.stringify([like, because]));
  const notes = [...groups.values()].map((some) => note('warning', textOf(some)));
  if (Object.keys(modalities).length > 0) return notes;
  return [...notes, note('error', 'no volume that could be used')];
}

function textOf(some: readonly [UnsureVolume, ...UnsureVolume[]]): string {
  const [{ like, because }] = some;
  const names = listed(some.map(({ path }) => nameOf(path)));
  const what = like.map((one) => (one === 'seg' ? 'mask' : one)).join(' or ');
  if (because === severalFiles)
    return `${what} left out, for there are several: ${names}. Name one in a mapping file`;
  const perhaps = what === '' ? '' : `, perhaps ${what}`;
  return `not used${perhaps}: ${names}, because ${because}. Say what it is in a mapping file`;
}

/** The modalities that a patient's unsure volumes may be: they are not missing. */
export function unsureDoubts({ id, unsure = [] }: CaseFiles): readonly CaseDoubt[] {
  return unsure.flatMap(({ path, like, because }): readonly CaseDoubt[] => {
    const text = `${nameOf(path)} (${because})`;
    if (like.length === 0) return [{ caseId: id, text }];
    return like.filter((one) => one !== 'seg').map((modality) => ({ caseId: id, modality, text }));
  });
}

const nameOf = (path: string): string => path.replace(/^.*[\\/]/, '');
