import { existsSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { z } from 'zod';
import { fail } from '../base/errors.js';
import { readJson, readJsonAs } from '../base/json.node.js';
import { inModalityOrder, knownModality, modalityOfName } from '../imaging/words/modality-name.js';
import type { CaseFiles } from './case.js';
import type { CaseNote, DataSet } from './data-set.js';
import { conventionOfNames, type LabelConvention, unclearLabels } from './label-convention.js';
import { listFolder } from './list-folder.node.js';

const pair = z.object({ image: z.string(), label: z.string().optional() });
const labelValue = z.union([z.int(), z.array(z.int())]);

/**
 * The `dataset.json` of the Medical Segmentation Decathlon and of nnU-Net, both versions; other fields are let be.
 *
 * @source medicaldecathlon.com, Task01_BrainTumour; nnU-Net, documentation/dataset_format.md.
 */
const schema = z.object({
  /** Channel → modality (Decathlon, nnU-Net 1). */
  modality: z.record(z.string(), z.string()).optional(),
  /** Channel → modality (nnU-Net 2). */
  channel_names: z.record(z.string(), z.string()).optional(),
  /** Label → name, or (nnU-Net 2) name → label or labels. */
  labels: z.record(z.string(), z.union([z.string(), labelValue])).optional(),
  file_ending: z.string().min(1).optional(),
  training: z.array(z.union([pair, z.string()])).optional(),
  test: z.array(z.union([pair, z.string()])).optional(),
});
type Description = z.infer<typeof schema>;

/** Whether a folder has a `dataset.json` that names channels. */
export async function hasDatasetJson(folder: string): Promise<boolean> {
  const path = join(folder, 'dataset.json');
  if (!existsSync(path)) return false;
  const value = await readJson(path);
  return typeof value === 'object' && value !== null && ('modality' in value || 'channel_names' in value);
}

/**
 * Finds the cases of a data set with a `dataset.json`: volumes of four axes whose channels are the modalities
 * (Decathlon), or a file a channel, `<case>_0000.nii.gz` (nnU-Net).
 *
 * @throws UtadError bad-file when the description is of another form, not-found when none of its files is there.
 */
export async function findDatasetJsonCases(folder: string): Promise<DataSet> {
  const path = join(folder, 'dataset.json');
  const description = await readJsonAs(path, schema, {
    expected: 'a description as of the Medical Segmentation Decathlon or nnU-Net',
    todo: 'Correct it, or describe the data set with a mapping file.',
  });
  const channels = channelsOf(description, path);
  const read = description.labels && conventionOfNames(tableOf(description.labels), 'dataset.json');
  const labels = read === undefined || 'unclear' in read ? undefined : read;
  const found = await collect(folder, description, channels, labels);
  const cases = found.cases.sort((a, b) => (a.id < b.id ? -1 : 1));
  if (cases.length === 0) {
    fail('not-found', {
      where: folder,
      expected: 'the volumes that dataset.json describes, in imagesTr and imagesTs',
      got: 'none of them',
      todo: 'Unpack the whole archive.',
    });
  }
  const twice = cases.find((one, index) => one.id === cases[index + 1]?.id);
  if (twice) {
    fail('bad-file', {
      where: path,
      expected: 'each case once',
      got: `${twice.id} twice`,
      todo: 'List it once in dataset.json.',
    });
  }
  return {
    folder,
    layout: found.split ? 'nnunet' : 'msd',
    because: `dataset.json with the channels ${Object.values(description.channel_names ?? description.modality ?? {}).join(', ')}`,
    modalities: inModalityOrder(channels),
    cases,
    labelsPerPatient: false,
    ...(read !== undefined && 'unclear' in read
      ? { unclearLabels: unclearLabels('dataset.json', read) }
      : {}),
    foregroundByModality: {},
    notes: [...strangeChannels(description), ...found.notes],
  };
}

/** Channels that are named like a modality of the four and are none, or are not understood. */
function strangeChannels({ channel_names, modality }: Description): readonly CaseNote[] {
  return Object.values(channel_names ?? modality ?? {}).flatMap((name): readonly CaseNote[] => {
    const known = knownModality(name);
    if (known !== undefined && known !== 't2star' && known !== 'pd') return [];
    if (!/t1|t2|flair/i.test(name)) return [];
    const text = `the channel “${name}” is none of t1, t1ce, t2, flair by its name; it is kept as ${modalityOfName(name)}. Describe the data set with a mapping file if it is one of them`;
    return [{ severity: 'warning', text }];
  });
}

function channelsOf(description: Description, path: string): readonly string[] {
  const named = description.channel_names ?? description.modality ?? {};
  const channels = Object.keys(named).map((_, index) => modalityOfName(named[String(index)] ?? ''));
  if (channels.length > 0 && !channels.includes('') && new Set(channels).size === channels.length)
    return channels;
  return fail('bad-file', {
    where: path,
    expected: 'channels "0", "1", … of different names',
    got: JSON.stringify(named),
    todo: 'Correct it, or describe the data set with a mapping file.',
  });
}

function tableOf(labels: NonNullable<Description['labels']>) {
  return Object.entries(labels).map(([key, value]) =>
    typeof value === 'string'
      ? { labels: [Number(key)], name: value }
      : { labels: [value].flat(), name: key },
  );
}

interface Collected {
  readonly cases: CaseFiles[];
  readonly notes: readonly CaseNote[];
  readonly split: boolean;
}

async function collect(
  folder: string,
  description: Description,
  channels: readonly string[],
  labels: LabelConvention | undefined,
): Promise<Collected> {
  const ending = description.file_ending ?? '.nii.gz';
  const listed = [
    ...(await entriesOf(folder, description.training, 'imagesTr', 'labelsTr', ending)),
    ...(await entriesOf(folder, description.test, 'imagesTs', undefined, ending)),
  ];
  const cases: CaseFiles[] = [];
  const lost: string[] = [];
  let split = false;
  for (const { image, label } of listed) {
    if (!image.endsWith(ending)) {
      fail('bad-file', {
        where: join(folder, 'dataset.json'),
        expected: `images that end in ${ending}`,
        got: relative(folder, image),
        todo: 'Correct it, or its file_ending.',
      });
    }
    requireInside(folder, [image, label ?? image]);
    const stem = image.slice(0, -ending.length);
    const apart = channels.map((_, index) => `${stem}_${String(index).padStart(4, '0')}${ending}`);
    const together = existsSync(image);
    const present = channels.flatMap((name, index) => {
      if (together) return [[name, sourceOf(image, channels.length > 1 ? index : undefined)] as const];
      return existsSync(apart[index]!) ? [[name, sourceOf(apart[index]!)] as const] : [];
    });
    if (present.length === 0) {
      lost.push(basename(stem));
      continue;
    }
    split ||= !together;
    const mask = label !== undefined && existsSync(label) ? { mask: sourceOf(label) } : {};
    cases.push({
      id: basename(stem),
      modalities: Object.fromEntries(present),
      ...mask,
      ...(labels === undefined ? {} : { labels }),
    });
  }
  const some = `${lost.slice(0, 5).join(', ')}${lost.length > 5 ? ' and others' : ''}`;
  const notes: CaseNote[] =
    lost.length === 0
      ? []
      : [{ severity: 'warning', text: `${lost.length} cases of dataset.json are not there: ${some}` }];
  return { cases, notes, split };
}

/** Refuses files outside of the data set. */
function requireInside(folder: string, paths: readonly string[]): void {
  const outside = paths.find((path) => /^\.\.(?:[/\\]|$)/.test(relative(folder, path)));
  if (outside === undefined) return;
  fail('bad-file', {
    where: join(folder, 'dataset.json'),
    expected: 'files in the folder of the data set',
    got: relative(folder, outside),
    todo: 'Correct it, or describe the data set with a mapping file.',
  });
}

const sourceOf = (path: string, volumeIndex?: number) => ({
  path,
  ...(volumeIndex === undefined ? {} : { volumeIndex }),
});

/** The cases that the description lists, or else those whose files lie there. */
async function entriesOf(
  folder: string,
  listed: Description['training'],
  images: string,
  labels: string | undefined,
  ending: string,
): Promise<readonly { readonly image: string; readonly label?: string }[]> {
  if (listed !== undefined && listed.length > 0) {
    return listed.map((entry) => {
      const { image, label } = typeof entry === 'string' ? { image: entry, label: undefined } : entry;
      return { image: join(folder, image), ...(label === undefined ? {} : { label: join(folder, label) }) };
    });
  }
  if (!existsSync(join(folder, images))) return [];
  const { files } = await listFolder(join(folder, images));
  const stems = files
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length).replace(/_\d{4}$/, ''));
  return [...new Set(stems)].map((stem) => ({
    image: join(folder, images, `${stem}${ending}`),
    ...(labels === undefined ? {} : { label: join(folder, labels, `${stem}${ending}`) }),
  }));
}
