import { readdir, rename, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { refuse, UtadError } from '../base/errors.js';
import { failToWrite, makeFolder, writeFileAtomic } from '../base/files.node.js';
import { writeJson } from '../base/json.node.js';
import { wholeNumber } from '../base/whole-number.js';
import { outputLayout } from '../datasets/output-layout.js';
import type { OutputLayoutName } from '../datasets/output-layout-name.js';
import { readFileHead } from '../imaging/formats/file-head.node.js';
import { writeNifti } from '../imaging/formats/nifti/write.js';
import { packageVersion } from '../jobs/code-fingerprint.js';
import { drawAverageCranium } from '../phantom/anatomy.js';
import { generatePatient, type PhantomPatient, phantomId } from '../phantom/patient.js';
import { phantomGeometry } from '../phantom/phantom-geometry.js';
import { tsvText } from '../report/tsv.js';
import { createProgress } from '../terminal/progress.js';

interface PhantomCommandOptions {
  readonly out: string;
  readonly patients: string;
  readonly seed: string;
  readonly spacing: string;
  readonly format: 'nii' | 'nii.gz';
  readonly layout: OutputLayoutName;
  readonly force?: boolean;
}

export async function makePhantoms(options: PhantomCommandOptions): Promise<void> {
  const patients = wholeNumber('--patients', options.patients, 1, 999);
  const seed = wholeNumber('--seed', options.seed, 0, 2 ** 31 - 1);
  const spacingMm = wholeNumber('--spacing', options.spacing, 1, 4);
  phantomGeometry(spacingMm);
  const names = namesOf(options.layout);
  if (options.force !== true) await refuseExisting(options.out, patients, names);

  const cranium = drawAverageCranium();
  const progress = createProgress('phantom', patients, { unit: 'patients' });
  for (let index = 0; index < patients; index++) {
    const patient = generatePatient(seed, index, { spacingMm, cranium });
    await writePatient(options.out, patient, options.format, names);
    progress.update(index + 1, patient.id);
  }
  progress.end();
  if (options.layout === 'bids') await describeBids(options.out);
  console.log(`${patients} patient${patients === 1 ? '' : 's'} at ${spacingMm} mm in ${options.out}`);
}

/** Path of a patient's image without its ending, relative to the data set; the first part is the patient's folder. */
type ImageName = (id: string, image: string) => string;

function namesOf(layout: OutputLayoutName): ImageName {
  const { scan } = outputLayout(layout, false);
  if (layout === 'brats') return scan;
  return (id, image) => (image === 'seg' ? scan(id, 't1').replace(/T1w$/, 'dseg') : scan(id, image));
}

const folderOf = (names: ImageName, id: string): string => names(id, 't1').split('/')[0]!;

/** What BIDS asks for beside the images: what the data set is, and what its labels mean. */
async function describeBids(folder: string): Promise<void> {
  const description = {
    Name: 'Phantoms of utad-net: brain-tumour patients that never lived',
    BIDSVersion: '1.9.0',
    DatasetType: 'raw',
    GeneratedBy: [{ Name: 'utad-net', Version: packageVersion() }],
  };
  await writeJson(join(folder, 'dataset_description.json'), description);
  const rows = [
    [1, 'necrotic core'],
    [2, 'oedema'],
    [4, 'enhancing tumour'],
  ];
  await writeFileAtomic(join(folder, 'dseg.tsv'), tsvText(['index', 'name'], rows));
}

/** What the header of a phantom's volume says. */
const phantomText = 'utad-net phantom, not a patient';

/** Refuses to remove a folder that holds anything but a phantom's volumes, whatever is forced. */
async function requirePhantom(place: string): Promise<void> {
  const entries = await readdir(place, { withFileTypes: true, recursive: true }).catch(() => []);
  for (const entry of entries) {
    if (entry.isDirectory()) continue;
    const file = join(entry.parentPath, entry.name);
    const { unpacked } = await readFileHead(file);
    if (entry.isFile() && new TextDecoder('latin1').decode(unpacked).includes(phantomText)) continue;
    refuse('exists', {
      where: file,
      problem: 'lies in the place of a phantom, and is no volume of one',
      todo: 'Choose another folder.',
    });
  }
}

async function refuseExisting(folder: string, patients: number, names: ImageName): Promise<void> {
  const entries = await readdir(folder).catch((): string[] => []);
  const present = Array.from({ length: patients }, (_, index) => folderOf(names, phantomId(index))).filter(
    (name) => entries.includes(name),
  );
  if (present.length === 0) return;
  refuse('exists', {
    where: folder,
    problem: `${present.length} of these patients exist already, the first is ${present[0]}`,
    todo: 'Choose another folder, or overwrite them with --force.',
  });
}

/** Writes a patient beside its place and moves it there when it is whole, so that no patient is ever half there. */
async function writePatient(
  folder: string,
  patient: PhantomPatient,
  format: 'nii' | 'nii.gz',
  names: ImageName,
): Promise<void> {
  const own = folderOf(names, patient.id);
  const partial = join(folder, `.${own}.partial`);
  const place = join(folder, own);
  const images = { ...patient.volumes, seg: patient.mask };
  try {
    await rm(partial, { recursive: true, force: true });
    await makeFolder(partial);
    for (const [name, volume] of Object.entries(images)) {
      const bytes = writeNifti(volume, {
        gzip: format === 'nii.gz',
        datatype: 'int16',
        description: phantomText,
      });
      await writeFileAtomic(join(partial, `${relative(own, names(patient.id, name))}.${format}`), bytes);
    }
    await requirePhantom(place);
    await rm(place, { recursive: true, force: true });
    await rename(partial, place);
  } catch (cause) {
    await rm(partial, { recursive: true, force: true }).catch(() => undefined);
    if (cause instanceof UtadError) throw cause;
    failToWrite(place, cause);
  }
}
