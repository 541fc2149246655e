import { basename, dirname, join } from 'node:path';
import { fail } from '../../base/errors.js';
import { contentOfVolumeName, stemOfVolumeName } from '../../datasets/brats-name.js';
import { listFolder } from '../../datasets/list-folder.node.js';
import { isMarkedSynthetic } from '../../datasets/synthetic.node.js';
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
  const source = modalityOf(path, modalities, given);
  const from = { path, ...(volumeIndex === undefined ? {} : { volumeIndex }) };
  const chosenBy = given === undefined ? 'its file name' : '--from';
  const beside = to === 'missing' ? await scansBeside(path, source) : [];
  const targets =
    typeof to === 'string' ? modalities.filter((name) => name !== source && !beside.includes(name)) : to;
  const chosen = targets.map((target) => ({ target, source, from, chosenBy }));
  return planPatient(path, chosen, metadata, request);
}

/** What a volume is: as the request says, else as its name does. */
function modalityOf(path: string, modalities: readonly string[], given: string | undefined): string {
  if (given !== undefined) return given;
  const named = contentOfVolumeName(basename(path));
  if (named !== undefined && modalities.includes(named)) return named;
  return fail('bad-argument', {
    where: path,
    expected: `a file name that ends in one of ${modalities.map((name) => `_${name}`).join(', ')}`,
    got:
      named === undefined ? 'one that does not name a modality' : `${named}, which the model does not know`,
    todo: 'Name the modality of the volume with --from.',
  });
}

/** Modalities of which a file lies beside a volume, as its name says: they are not missing. */
async function scansBeside(path: string, source: string): Promise<readonly string[]> {
  const stem = stemOfVolumeName(basename(path));
  const { files } = await listFolder(dirname(path));
  const others = files.filter((name) => name !== basename(path) && stemOfVolumeName(name) === stem);
  const scans = await Promise.all(
    others.map(async (name) => !(await isMarkedSynthetic(join(dirname(path), name)))),
  );
  return others
    .flatMap((name, i) => (scans[i] ? (contentOfVolumeName(name) ?? []) : []))
    .filter((name) => name !== source);
}
