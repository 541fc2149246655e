import { stemOfVolumeName } from '../../src/datasets/brats-name.js';
import { endingOf, withoutEnding } from '../../src/imaging/formats/formats.js';
import { toFailure } from '../channel/channel.js';
import type { Picture } from '../picture/picture.js';
import { addProblem } from '../state/patient-state.js';
import { images } from './images.js';
import { pageVersion } from './version.js';

/** Saves a synthetic picture as NIfTI, named and marked as synthetic. */
export async function downloadNifti(picture: Picture): Promise<void> {
  const { translation, role, volume } = picture;
  const description = `synthetic ${role} from ${translation!.source}, utad-net ${translation!.codeVersion}`;
  await saving(async () => {
    const bytes = await images.ask('writeNifti', { volume, description });
    save(new Blob([bytes], { type: 'application/gzip' }), `${nameOf(picture)}.nii.gz`);
  });
}

/** Saves a synthetic picture as a DICOM series in a ZIP; its source must have been DICOM. */
export async function downloadDicom(picture: Picture): Promise<void> {
  const { translation, role, volume } = picture;
  await saving(async () => {
    const bytes = await images.ask('writeDicom', {
      volume,
      folder: nameOf(picture),
      options: {
        target: role!,
        sources: [translation!.source],
        model: translation!.model,
        codeVersion: pageVersion,
      },
    });
    save(new Blob([bytes], { type: 'application/zip' }), `${nameOf(picture)}-dicom.zip`);
  });
}

/** Hands bytes to the browser as a download. */
export function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The download has begun when the click returns; the bytes may go a little later.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** A file name without ending that says what is in it: `p01_t2-synthetic`, as the command line names it. */
function nameOf({ translation, role }: Picture): string {
  const file = translation!.sourceName.split('/').at(-1)!;
  const bare = file.replace(/ \[\d+\]$/, '');
  const isNumbered = bare !== file && endingOf(bare) !== undefined;
  const stem = isNumbered ? withoutEnding(bare) : stemOfVolumeName(file);
  const safe = stem.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^-+|-+$/g, '');
  return `${safe}_${role}-synthetic`;
}

async function saving(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    addProblem(toFailure(error));
  }
}
