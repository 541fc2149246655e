import { batch } from '@preact/signals';
import { sameGrid } from '../../src/imaging/geometry.js';
import type { Volume } from '../../src/imaging/volume.js';
import { chooseSource } from '../../src/translate/choose-source.js';
import { toFailure } from '../channel/channel.js';
import type { Connection } from '../channel/connect.js';
import { type Picture, showModality } from '../picture/picture.js';
import {
  addProblem,
  announcement,
  backends,
  type ChosenModel,
  candidatesFor,
  deviceUsed,
  deviceWish,
  model,
  pictures,
  replacePicture,
  scans,
  work,
} from '../state/patient-state.js';
import { pair, showOnly } from '../state/view-state.js';
import type { LoadNews, TranslateNews, TranslateWork } from '../work/translate-worker.js';
import { startTranslateWorker } from '../work/workers.js';
import { newId, valuesOnShownGrid } from './add-picture.js';
import { compareWithTruth } from './compare.js';
import { images } from './images.js';

/** A picture to translate, and the modality to translate it into. */
export interface Wish {
  readonly target: string;
  readonly sourceId: string;
}

interface Ready {
  readonly key: string;
  readonly worker: Connection<TranslateWork>;
}

/** The worker that holds the loaded model between translations. */
let ready: Ready | undefined;

/** The scan to translate into a modality, by the model's own figures; nothing without another modality. */
export function usualSource(target: string): Picture | undefined {
  if (model.value === null) return undefined;
  const choice = chooseSource(target, [...scans.value.keys()], model.value.metadata);
  return choice && scans.value.get(choice.source);
}

/** Translates into modalities, one after the other, and shows them. */
export async function translate(wishes: readonly Wish[]): Promise<void> {
  const chosen = model.value;
  if (chosen === null || wishes.length === 0 || work.value !== null) return;
  let worker: Connection<TranslateWork> | undefined;
  const cancel = (): void => {
    worker?.end();
    ready = undefined;
  };
  const say = (doing: string, share: number | null, secondsLeft: number | null = null): void => {
    work.value = { kind: 'translating', doing, share, secondsLeft, cancel };
  };
  const finished: Picture[] = [];
  try {
    say('Starting', null);
    worker = await loaded(chosen, say, (started) => {
      worker = started;
    });
    const began = performance.now();
    for (const [index, { target, sourceId }] of wishes.entries()) {
      const source = pictures.value.find(({ id }) => id === sourceId);
      if (source?.role === undefined) continue;
      const doing = `${showModality(target)} from ${showModality(source.role)}`;
      const onProgress = (done: number, total: number): void => {
        const share = (index + done / total) / wishes.length;
        const left = ((performance.now() - began) / 1000) * (1 / share - 1);
        say(doing, share, share > 0.02 ? left : null);
      };
      say(doing, index / wishes.length);
      finished.push(await translateOne(worker, chosen, source, target, onProgress));
    }
  } catch (error) {
    const failure = toFailure(error);
    if (failure.code === 'interrupted') announcement.value = 'Translation cancelled';
    else addProblem(failure);
  }
  work.value = null;
  if (finished.length > 0) showFinished(finished);
}

/** Ends the worker, and with it all that the model takes. */
export function releaseModel(): void {
  ready?.worker.end();
  ready = undefined;
  deviceUsed.value = null;
}

async function loaded(
  chosen: ChosenModel,
  say: (doing: string, share: number | null) => void,
  onStart: (worker: Connection<TranslateWork>) => void,
): Promise<Connection<TranslateWork>> {
  const { name, file } = chosen;
  const which = typeof file === 'string' ? file : String(file.size);
  const key = `${name} ${which} ${chosen.metadata.created} ${deviceWish.value}`;
  if (ready?.key === key) {
    onStart(ready.worker);
    return ready.worker;
  }
  releaseModel();
  const worker = startTranslateWorker();
  onStart(worker);
  try {
    const request = {
      model: file,
      name,
      device: deviceWish.value,
      runtimeFiles: new URL('onnxruntime/', document.baseURI).href,
    };
    const found = await worker.ask('load', request, ({ doing, share }: LoadNews) => say(doing, share));
    batch(() => {
      deviceUsed.value = found.device;
      backends.value = found.backends;
    });
  } catch (error) {
    worker.end();
    throw error;
  }
  ready = { key, worker };
  return worker;
}

async function translateOne(
  worker: Connection<TranslateWork>,
  chosen: ChosenModel,
  source: Picture,
  target: string,
  onProgress: (done: number, total: number) => void,
): Promise<Picture> {
  const began = performance.now();
  const mask = pictures.value.find(({ role }) => role === 'brain')?.volume;
  const brain = mask && sameGrid(mask, source.volume) ? mask : null;
  let synthetic: Volume | undefined;
  const request = {
    volume: source.volume,
    source: source.role!,
    targets: [target],
    where: source.name,
    brain,
  };
  await worker.ask('translate', request, (news: TranslateNews) => {
    if (news.kind === 'progress') onProgress(news.done, news.total);
    else if (news.kind === 'translated') synthetic = news.volume;
    else replacePicture(source.id, { warnings: news.warnings });
  });
  return keep(synthetic!, source, target, chosen, (performance.now() - began) / 1000);
}

async function keep(
  volume: Volume,
  source: Picture,
  target: string,
  { name, metadata }: ChosenModel,
  seconds: number,
): Promise<Picture> {
  const candidates = candidatesFor(target);
  const picture: Picture = {
    id: newId(),
    kind: 'synthetic',
    name: `translated by ${name}`,
    role: target,
    recognition: { role: target, sure: true, because: 'translated here' },
    synthetic: true,
    volume,
    ...(await valuesOnShownGrid(images, volume, false)),
    range: metadata.valueRanges[target]!,
    isLabels: false,
    warnings: candidates.length > 0 ? [`It may be there already: ${candidates.join('; ')}.`] : [],
    translation: {
      source: source.role!,
      sourceId: source.id,
      sourceName: source.name,
      model: name,
      codeVersion: metadata.codeVersion,
      seconds,
      device: deviceUsed.value ?? '',
    },
  };
  const isOld = (one: Picture): boolean => one.kind === 'synthetic' && one.role === target;
  const old = pictures.value.find(isOld)?.id;
  pictures.value = [
    ...pictures.value.filter((one) => !isOld(one) && (old === undefined || one.between?.translated !== old)),
    picture,
  ];
  await compareWithTruth(picture);
  return picture;
}

/** Shows synthetic volumes beside their source, their truth and the difference. */
function showFinished(finished: readonly Picture[]): void {
  const [first] = finished as readonly [Picture];
  const truth = scans.value.get(first.role!);
  const difference = pictures.value.find(({ between }) => between?.translated === first.id);
  const single = [first.translation!.sourceId, first.id, truth?.id, difference?.id];
  const translated = finished.map(({ id }) => id);
  const several = translated.length < 4 ? [first.translation!.sourceId, ...translated] : translated;
  const ids = (finished.length === 1 ? single : several).filter((id) => id !== undefined);
  batch(() => {
    showOnly(ids);
    pair.value = [truth?.id ?? first.translation!.sourceId, first.id];
    const names = finished.map(({ role }) => showModality(role)).join(', ');
    announcement.value = `Synthetic ${names} ready`;
  });
}
