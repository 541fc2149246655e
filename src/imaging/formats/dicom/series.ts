import { groupBy } from '../../../base/group-by.js';
import {
  type DicomFrame,
  type DicomInstance,
  type FrameMarks,
  type SequenceFacts,
  showFrame,
} from './instance.js';
import {
  cosineDistance,
  isProblem,
  listSome,
  planSlices,
  type SlicePlan,
  type SliceProblem,
} from './plan-slices.js';
import { copiesNote, findContradiction, keyOfSeries, withoutCopies } from './same-instances.js';
import { guessSequence, type SequenceGuess } from './sequence-guess.js';

/** The frames of a series that make one volume, or would if nothing were wrong with them. */
export interface DicomSeries {
  /** Series number, or its UID's end, with the part's number behind a dot where a series holds several: `5`, `5.2`. */
  readonly name: string;
  /** Absent where the files have none. */
  readonly seriesInstanceUid?: string;
  readonly studyInstanceUid?: string;
  readonly description: string;
  /** What sets this part apart from the others of its series: `echo time 80`, `384×384`; absent when it is whole. */
  readonly part?: string;
  readonly facts: SequenceFacts;
  readonly guess: SequenceGuess;
  /** In the order of the volume's slices when there is no problem, else as found. */
  readonly frames: readonly DicomFrame[];
  readonly plan: SlicePlan | SliceProblem;
  /** One of the files, for what they share. */
  readonly instance: DicomInstance;
  /** What a person should know about the files. */
  readonly notes: readonly string[];
}

/** Attributes that always set volumes apart. */
const separatingMarks = ['imageType', 'stack', 'echoTime', 'bValue'] as const;
/** Attributes that may differ within a volume and set volumes apart only where slices coincide. */
const tieBreakers = ['temporalPosition', 'inversionTime', 'acquisition'] as const;

const markNames: Readonly<Record<keyof FrameMarks, string>> = {
  imageType: 'image type',
  stack: 'stack',
  echoTime: 'echo time',
  temporalPosition: 'time point',
  bValue: 'b-value',
  inversionTime: 'inversion time',
  acquisition: 'acquisition',
  contrast: 'contrast',
};

/** Directions that differ more than this are another orientation on purpose, not a mistake. */
const separateOrientation = 0.02;

/**
 * Groups instances into series, and the frames of each series into volumes: by size, orientation, image type,
 * stack, echo time and b-value where a series mixes them, and by time point, inversion time and acquisition where
 * slices lie at the same place.
 *
 * @returns in the order of series numbers, then of the files
 */
export function groupIntoSeries(instances: readonly DicomInstance[]): DicomSeries[] {
  const { different, copies } = withoutCopies(instances);
  const groups = [...groupBy(different, keyOfSeries).values()].sort(
    (a, b) => (a[0]!.seriesNumber ?? 1e9) - (b[0]!.seriesNumber ?? 1e9),
  );
  const sameNumber = groupBy(groups, ([first]) => String(first!.seriesNumber));
  return groups.flatMap((group, index) => {
    const number = group[0]!.seriesNumber;
    const unique = sameNumber.get(String(number))!.length === 1;
    const name = number !== undefined && unique ? String(number) : `${number ?? ''}#${index + 1}`;
    const parts = partsOf(group);
    const single = parts.filter(({ frames }) => frames.length === 1);
    return parts.map((part, position) => ({
      ...describePart(part, single, copies),
      name: parts.length === 1 ? name : `${name}.${position + 1}`,
    }));
  });
}

interface Part {
  readonly frames: readonly DicomFrame[];
  readonly instances: readonly DicomInstance[];
  readonly labels: readonly string[];
}

function partsOf(instances: readonly DicomInstance[]): Part[] {
  const owner = new Map(
    instances.flatMap((instance) => instance.frames.map((frame) => [frame, instance] as const)),
  );
  let parts: { frames: readonly DicomFrame[]; labels: readonly string[] }[] = [
    { frames: [...owner.keys()], labels: [] },
  ];
  const split = (
    label: string,
    keyOf: (frame: DicomFrame) => string,
    when: (frames: readonly DicomFrame[]) => boolean,
  ) => {
    parts = parts.flatMap((part) => {
      if (!when(part.frames)) return [part];
      const groups = groupBy(part.frames, keyOf);
      if (groups.size < 2) return [part];
      return [...groups].map(([key, frames]) => ({
        frames,
        labels: [...part.labels, `${label} ${key || 'not stated'}`.trim()],
      }));
    });
  };
  const always = () => true;
  split('', ({ format }) => `${format.columns}×${format.rows}`, always);
  split('orientation', orientationKeys(), always);
  for (const mark of separatingMarks) split(markNames[mark], (frame) => frame.marks[mark], always);
  for (const mark of tieBreakers) split(markNames[mark], (frame) => frame.marks[mark], coincide);
  return parts.map((part) => ({
    ...part,
    instances: [...new Set(part.frames.map((frame) => owner.get(frame)!))],
  }));
}

/** So many orientations are distinguished by their distance; a series of more is nonsense. */
const mostOrientations = 100;

/** A number for each orientation of a series. */
function orientationKeys(): (frame: DicomFrame) => string {
  const found: NonNullable<DicomFrame['orientation']>[] = [];
  return ({ orientation }) => {
    if (!orientation) return 'none';
    let index = found.findIndex((known) => cosineDistance(known, orientation) <= separateOrientation);
    if (index < 0 && found.length >= mostOrientations) return orientation.join(' ');
    if (index < 0) index = found.push(orientation) - 1;
    return String(index + 1);
  };
}

function coincide(frames: readonly DicomFrame[]): boolean {
  const places = new Set(frames.map(({ position }) => position?.map((value) => value.toFixed(2)).join(' ')));
  return places.size < frames.length;
}

function describePart(
  part: Part,
  single: readonly Part[],
  copies: ReadonlyMap<DicomInstance, readonly string[]>,
): Omit<DicomSeries, 'name'> {
  const instance = part.instances[0]!;
  const { seriesInstanceUid, studyInstanceUid } = instance;
  const facts = factsOfPart(part, instance);
  const plan =
    findMosaic(part.instances) ??
    findContradiction(part.instances) ??
    strayPart(part, single) ??
    planSlices(part.frames);
  const copied = part.instances.flatMap((one) => copies.get(one) ?? []);
  return {
    ...(seriesInstanceUid === undefined ? {} : { seriesInstanceUid }),
    ...(studyInstanceUid === undefined ? {} : { studyInstanceUid }),
    description: facts.seriesDescription ?? facts.protocolName ?? 'no description',
    ...(part.labels.length === 0 ? {} : { part: part.labels.join(', ') }),
    facts,
    guess: guessSequence(facts),
    frames: isProblem(plan) ? part.frames : plan.frames,
    plan,
    instance,
    notes: copied.length === 0 ? [] : [copiesNote(copied)],
  };
}

function findMosaic(instances: readonly DicomInstance[]): SliceProblem | undefined {
  const mosaics = instances.filter(({ mosaic }) => mosaic);
  if (mosaics.length === 0) return undefined;
  return {
    kind: 'mosaic',
    expected: 'a slice in each image',
    got: `Siemens mosaics, each a whole volume of small pictures side by side (${listSome(mosaics.map(({ file }) => file))})`,
    todo: 'Convert the series to NIfTI with dcm2niix and give one of its volumes.',
  };
}

/** The facts of the file, with those that set the part apart taken from its own frames. */
function factsOfPart(part: Part, instance: DicomInstance): SequenceFacts {
  const { marks } = part.frames[0]!;
  const number = (text: string): number | undefined => (text === '' ? undefined : Number(text));
  const echoTime = number(marks.echoTime);
  const bValue = number(marks.bValue);
  const inversionTime = number(marks.inversionTime);
  return {
    ...instance.facts,
    imageType: marks.imageType === '' ? [] : marks.imageType.split('\\'),
    ...(echoTime === undefined ? {} : { echoTime }),
    ...(bValue === undefined ? {} : { bValue }),
    ...(inversionTime === undefined ? {} : { inversionTime }),
    ...(marks.contrast === '' ? {} : { acquisitionContrast: marks.contrast }),
  };
}

/** A gap that single images of another size or orientation in the same series would explain is their fault. */
function strayPart(part: Part, strays: readonly Part[]): SliceProblem | undefined {
  const plan = strays.length > 0 && part.frames.length > 2 ? planSlices(part.frames) : undefined;
  if (!plan || !isProblem(plan) || plan.kind !== 'missing-slices') return undefined;
  const first = part.frames[0]!.format;
  const odd = strays.map(({ frames: [frame] }) => {
    const { columns, rows } = frame!.format;
    return `${showFrame(frame!)} (${columns}×${rows})`;
  });
  const resized = strays.some(
    ({ frames: [frame] }) => frame!.format.rows !== first.rows || frame!.format.columns !== first.columns,
  );
  return {
    kind: resized ? 'mixed-sizes' : 'mixed-orientation',
    expected: `slices of ${first.columns}×${first.rows} side by side`,
    got: `${plan.got}, and ${listSome(odd)} that does not fit`,
    todo: 'Export the series again.',
  };
}
