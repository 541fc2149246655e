import { computed, signal } from '@preact/signals';
import { problemOf } from '../../src/base/errors.js';
import type { DeviceReport } from '../../src/engine/devices/device-report.js';
import type { ModelMetadata } from '../../src/translate/model-metadata.js';
import type { Failure } from '../channel/channel.js';
import type { ContentBox } from '../picture/content.js';
import type { OfferedSeries } from '../picture/dropped.js';
import type { Picture } from '../picture/picture.js';
import type { ShownGrid } from '../picture/plane.js';
import { mayAlsoBe } from '../picture/recognise.js';
import type { DeviceWish } from '../work/translate-worker.js';

/** A model that is ready to be loaded. */
export interface ChosenModel {
  readonly name: string;
  /** The file, or its address beside the page: it is fetched when it first translates. */
  readonly file: Blob | string;
  readonly metadata: ModelMetadata;
  /** Address of a text that tells more about it. */
  readonly card?: string;
}

/** A model that lies beside the page, in `models/`. */
export interface ShelfModel {
  readonly name: string;
  readonly file: string;
  /** What the file says of itself. */
  readonly metadata: ModelMetadata;
  /** Text that tells more about it. */
  readonly card?: string;
}

/** Work that goes on. */
interface Work {
  readonly kind: 'reading' | 'translating';
  readonly doing: string;
  /** 0 to 1; null where nobody knows. */
  readonly share: number | null;
  readonly secondsLeft: number | null;
  readonly cancel: (() => void) | null;
}

export const pictures = signal<readonly Picture[]>([]);
export const offered = signal<readonly OfferedSeries[]>([]);
/** The grid that everything is shown on: that of the first volume. */
export const grid = signal<ShownGrid | null>(null);
export const box = signal<ContentBox>({ first: [0, 0, 0], last: [0, 0, 0] });
export const problems = signal<readonly (Failure & { readonly id: number })[]>([]);
export const work = signal<Work | null>(null);
export const model = signal<ChosenModel | null>(null);
/** Models that lie beside the page. */
export const shelf = signal<readonly ShelfModel[]>([]);
export const deviceWish = signal<DeviceWish>('auto');
export const deviceUsed = signal<string | null>(null);
export const backends = signal<readonly DeviceReport[]>([]);
/** Said to screen readers when something has happened. */
export const announcement = signal('');

/** Modalities that can be named: the model's, or the usual four. */
export const modalities = computed(
  () => model.value?.metadata.model.modalities ?? ['t1', 't1ce', 't2', 'flair'],
);

/** The patient's scans by modality; the first of each counts. */
export const scans = computed(() => {
  const found = new Map<string, Picture>();
  for (const one of pictures.value) {
    const isScan = one.kind === 'scan' && one.role !== undefined && !found.has(one.role);
    if (isScan && modalities.value.includes(one.role!)) found.set(one.role!, one);
  }
  return found;
});

/** Volumes and series that may be of a modality of which no scan is there, each in words. */
export function candidatesFor(target: string): readonly string[] {
  if (scans.value.has(target)) return [];
  const unsure = pictures.value.filter(
    ({ kind, isLabels, role, recognition }) =>
      kind === 'scan' &&
      !isLabels &&
      (role === undefined || (!recognition.sure && mayAlsoBe(role, false).includes(target))),
  );
  const series = offered.value.filter(({ mayShow }) => mayShow === 'any' || mayShow.includes(target));
  return [
    ...unsure.map(({ name }) => name),
    ...series.map(({ name, description, why }) => `series ${name} “${description}” (${why})`),
  ];
}

/** What was translated here, by modality. */
export const syntheticPictures = computed(
  () => new Map(pictures.value.filter(({ kind }) => kind === 'synthetic').map((one) => [one.role!, one])),
);

/** The tumour's mask, where there is one. */
export const tumour = computed(() => pictures.value.find(({ role }) => role === 'tumour'));

let lastProblem = 0;

/** Shows what went wrong, until it is closed. */
export function addProblem(failure: Failure): void {
  const problem = problemOf(failure);
  const same = problems.value.some((one) => one.where === failure.where && problemOf(one) === problem);
  if (!same) problems.value = [...problems.value, { ...failure, id: ++lastProblem }];
}

/** Closes a message. */
export function closeProblem(id: number): void {
  problems.value = problems.value.filter((one) => one.id !== id);
}

/** Puts another picture in the place of one. */
export function replacePicture(id: string, change: Partial<Picture>): void {
  pictures.value = pictures.value.map((one) => (one.id === id ? { ...one, ...change } : one));
}
