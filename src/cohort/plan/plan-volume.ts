import { basename, dirname, join, resolve } from 'node:path';
import { fail } from '../../base/errors.js';
import { stemOfVolumeName } from '../../datasets/brats-name.js';
import { listFolder } from '../../datasets/list-folder.node.js';
import { doubtBeside } from '../../datasets/read-sidecar.node.js';
import { readVolumeName } from '../../datasets/read-volume-name.js';
import { isMarkedSynthetic } from '../../datasets/synthetic.node.js';
import type { VolumeName } from '../../datasets/volume-name.js';
import { modalityAmong } from '../../imaging/words/modality-name.js';
import type { ModelMetadata } from '../../translate/model-metadata.js';
import type { TranslationPlan } from '../translation-plan.js';
import type { VolumeInput } from './find-input.js';
import { planPatient } from './plan-patient.js';
import type { TranslationRequest } from './translation-request.js';

/**
 * Plans a single volume: it is translated into what is asked for, or into all that it is not.
 *
 * @throws UtadError bad-argument when nothing says what the volume is; as {@link planPatient}.
 */
export async function planVolume(
  { path }: VolumeInput,
  metadata: ModelMetadata,
  request: TranslationRequest,
): Promise<TranslationPlan> {
  const { to, from: given, volumeIndex } = request;
  const { modalities } = metadata.model;
  const source = await modalityOf(path, modalities, given);
  const from = { path, ...(volumeIndex === undefined ? {} : { volumeIndex }) };
  const chosenBy = given === undefined ? 'its file name' : '--from';
  const beside = to === 'missing' ? await scansBeside(path, source) : [];
  const targets =
    typeof to === 'string' ? modalities.filter((name) => name !== source && !beside.includes(name)) : to;
  const chosen = targets.map((target) => ({ target, source, from, chosenBy }));
  return planPatient(path, chosen, metadata, request);
}

/** What a volume is: as the request says, else as its name and the `.json` beside it do. */
async function modalityOf(
  path: string,
  modalities: readonly string[],
  given: string | undefined,
): Promise<string> {
  if (given !== undefined) return given;
  const name = basename(path);
  const found = readVolumeName(name, { id: basename(dirname(resolve(path))) });
  const named = found.kind === 'modality' ? modalityAmong(modalities, found.modality) : undefined;
  const doubt = named === undefined ? undefined : await doubtBeside(path, named);
  if (named !== undefined && doubt === undefined) return named;
  return fail('bad-argument', {
    where: path,
    expected: `a file name that surely says one of ${modalities.join(', ')}`,
    got: doubt === undefined ? whatIsSaid(name, found) : `${name}, but ${doubt.because}`,
    todo: 'Name the modality of the volume with --from.',
  });
}

function whatIsSaid(name: string, found: VolumeName): string {
  switch (found.kind) {
    case 'modality':
      return `${found.modality}, which the model does not know`;
    case 'tumour':
    case 'brain':
      return `the name of a mask of the ${found.kind}, ${name}`;
    case 'unsure':
    case 'other':
      return `${name}: ${found.because}`;
    case 'unknown':
      return `${name}, which does not name a modality`;
  }
}

/** Modalities of which a file lies beside a volume, as its name surely says or as it may be: they are not missing. */
async function scansBeside(path: string, source: string): Promise<readonly string[]> {
  const stem = stemOfVolumeName(basename(path));
  const others = (await listFolder(dirname(path))).files.filter((name) => name !== basename(path));
  const found = await Promise.all(
    others.map(async (name): Promise<readonly string[]> => {
      const like = modalitiesOf(readVolumeName(name), stemOfVolumeName(name) === stem, name.startsWith(stem));
      return like.length > 0 && (await isMarkedSynthetic(join(dirname(path), name))) ? [] : like;
    }),
  );
  return found.flat().filter((name) => name !== source);
}

function modalitiesOf(found: VolumeName, isSameStem: boolean, startsAlike: boolean): readonly string[] {
  if (found.kind === 'modality') return isSameStem ? [found.modality] : [];
  return found.kind === 'unsure' && startsAlike ? found.like : [];
}
