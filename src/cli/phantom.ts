import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { fail, UtadError } from '../base/errors.js';
import { failToWrite, writeFileAtomic } from '../base/files.node.js';
import { drawAverageCranium } from '../datasets/phantom/anatomy.js';
import { phantomGeometry } from '../datasets/phantom/geometry.js';
import { generatePatient, type PhantomPatient, phantomId } from '../datasets/phantom/patient.js';
import { writeNifti } from '../imaging/nifti/write.js';
import { wholeNumber } from './options.js';
import { createProgress } from './progress.js';

interface PhantomCommandOptions {
  readonly out: string;
  readonly patients: string;
  readonly seed: string;
  readonly spacing: string;
  readonly format: 'nii' | 'nii.gz';
  readonly force?: boolean;
}

/** Adds `utad phantom`: a data set in the layout of BraTS 2018–2021, made without any outside data. */
export function addPhantomCommand(program: Command): void {
  program
    .command('phantom')
    .description('makes a data set of brain-tumour patients that never lived, in BraTS layout')
    .requiredOption('--out <folder>', 'where the folders of the patients go')
    .option('--patients <number>', 'how many patients, 1 to 999', '12')
    .option('--seed <number>', 'the same seed gives the same patients, whatever their number', '1')
    .option('--spacing <mm>', 'voxel size: 1, 2 or 4 mm', '2')
    .addOption(new Option('--format <ending>', 'file format').choices(['nii.gz', 'nii']).default('nii.gz'))
    .option('--force', 'overwrite patients that are there already')
    .action(makePhantoms);
}

async function makePhantoms(options: PhantomCommandOptions): Promise<void> {
  const patients = wholeNumber('--patients', options.patients, 1, 999);
  const seed = wholeNumber('--seed', options.seed, 0, 2 ** 31 - 1);
  const spacingMm = wholeNumber('--spacing', options.spacing, 1, 4);
  phantomGeometry(spacingMm);
  if (options.force !== true) await refuseExisting(options.out, patients);

  const cranium = drawAverageCranium();
  const progress = createProgress('phantom', patients);
  for (let index = 0; index < patients; index++) {
    const patient = generatePatient(seed, index, { spacingMm, cranium });
    await writePatient(options.out, patient, options.format);
    progress.update(index + 1, patient.id);
  }
  progress.end();
  console.log(`${patients} patient${patients === 1 ? '' : 's'} at ${spacingMm} mm in ${options.out}`);
}

async function refuseExisting(folder: string, patients: number): Promise<void> {
  const entries = await readdir(folder).catch((): string[] => []);
  const present = Array.from({ length: patients }, (_, index) => phantomId(index)).filter((id) =>
    entries.includes(id),
  );
  if (present.length === 0) return;
  fail('bad-argument', {
    where: folder,
    expected: 'a folder without these patients',
    got: `${present.length} of them, first ${present[0]}`,
    todo: 'Choose another folder, or overwrite them with --force.',
  });
}

/** Writes a patient beside its place and moves it there when it is whole, so that no patient is ever half there. */
async function writePatient(
  folder: string,
  patient: PhantomPatient,
  format: 'nii' | 'nii.gz',
): Promise<void> {
  const partial = join(folder, `.${patient.id}.partial`);
  const place = join(folder, patient.id);
  const images = { ...patient.volumes, seg: patient.mask };
  try {
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { recursive: true });
    for (const [name, volume] of Object.entries(images)) {
      const bytes = writeNifti(volume, {
        gzip: format === 'nii.gz',
        datatype: 'int16',
        description: 'utad-net phantom, not a patient',
      });
      await writeFileAtomic(join(partial, `${patient.id}_${name}.${format}`), bytes);
    }
    await rm(place, { recursive: true, force: true });
    await rename(partial, place);
  } catch (cause) {
    await rm(partial, { recursive: true, force: true }).catch(() => undefined);
    if (cause instanceof UtadError) throw cause;
    failToWrite(place, cause);
  }
}
