import { batch } from '@preact/signals';
import { toFailure } from '../channel/channel.js';
import type { DroppedFile, DroppedVolume, ReadNews } from '../picture/dropped.js';
import { showModality } from '../picture/picture.js';
import {
  addProblem,
  announcement,
  grid,
  model,
  offered,
  pictures,
  problems,
  replacePicture,
  work,
} from '../state/patient-state.js';
import { pair, resetView, visible } from '../state/view-state.js';
import { addDropped } from './add-picture.js';
import { compareAgain } from './compare.js';
import { images } from './images.js';

let drops = 0;

/** Reads what a person dropped or chose, and adds it to the patient. */
export async function readFiles(files: readonly DroppedFile[]): Promise<void> {
  if (files.length === 0) return;
  const drop = ++drops;
  const before = pictures.value.length;
  // Volumes join the patient in the order in which they were read.
  let adding: Promise<void> = Promise.resolve();
  const add = (volume: DroppedVolume): void => {
    adding = adding.then(() => addDropped(images, volume)).catch((error) => addProblem(toFailure(error)));
  };
  const hear = (news: ReadNews): void => {
    if (news.kind === 'progress') {
      const doing = `Reading ${news.total === 1 ? files[0]!.path : `${news.done} of ${news.total} files`}`;
      work.value = reading(doing, news.done / news.total);
    } else if (news.kind === 'volume') add(news.volume);
    else if (news.kind === 'series') offered.value = [...offered.value, news.series];
    else if (news.kind === 'model') model.value = news.model;
    else addProblem(news.failure);
  };
  work.value = reading(`Reading ${files.length === 1 ? files[0]!.path : `${files.length} files`}`, null);
  try {
    await images.ask('read', { drop, files }, hear);
    await adding;
    await compareAgain();
  } catch (error) {
    addProblem(toFailure(error));
  }
  work.value = null;
  announcement.value = `${pictures.value.length - before} volumes read`;
}

function reading(doing: string, share: number | null) {
  return { kind: 'reading', doing, share, secondsLeft: null, cancel: null } as const;
}

/** Reads a DICOM series that was left out at first. */
export async function readOffered(series: (typeof offered.value)[number]): Promise<void> {
  work.value = reading(`Reading series ${series.name}`, null);
  try {
    await addDropped(images, await images.ask('readSeries', { drop: series.drop, name: series.name }));
    offered.value = offered.value.filter((one) => one !== series);
  } catch (error) {
    addProblem(toFailure(error));
  }
  work.value = null;
}

/** Says what a picture shows. */
export function setRole(id: string, role: string | undefined): void {
  replacePicture(id, {
    role,
    recognition: { role, sure: true, because: 'you said so' },
  });
  const translated = pictures.value.find(
    (one) => one.kind === 'synthetic' && one.translation?.sourceId === id,
  );
  void compareAgain();
  if (translated)
    announcement.value = `${showModality(translated.role)} was translated from it before; translate it again`;
}

/** Takes a picture off the patient, with the differences that it was compared in. */
export function removePicture(id: string): void {
  const rest = pictures.value.filter(
    (one) => one.id !== id && one.between?.translated !== id && one.between?.truth !== id,
  );
  if (rest.length === 0) {
    newPatient();
    return;
  }
  pictures.value = rest;
  visible.value = visible.value.filter((one) => rest.some((picture) => picture.id === one));
}

/** Forgets everything about the patient; the model stays. */
export function newPatient(): void {
  batch(() => {
    pictures.value = [];
    offered.value = [];
    problems.value = [];
    visible.value = [];
    pair.value = null;
    grid.value = null;
    resetView();
  });
  void images.ask('forget', null);
}
