import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  chooseSource,
  type DicomListing,
  type DicomSeries,
  isProblem,
  type LoadedModel,
  listDicomSeries,
  packageVersion,
  readDicomVolume,
  type SkullStripper,
  translateVolume,
  UtadError,
  writeDicomFolder,
  writeDicomSeries,
} from 'utad-net';

/** What is watched, and what it is translated into. */
export interface WatchSettings {
  /** A folder a patient: `inbox/anything/**`. Names with a leading dot are left alone. */
  readonly inbox: string;
  /** `outbox/anything/flair/0001.dcm …`, or `outbox/anything.problem.json`. */
  readonly outbox: string;
  /** Modalities to translate into where a patient lacks them. */
  readonly targets: readonly string[];
  readonly model: LoadedModel;
  /** As written into the translation. */
  readonly modelName: string;
  /** Finds the brain; scans that are skull-stripped already need none. */
  readonly skullStripper?: SkullStripper;
  /** A folder is taken up when nothing in it has changed for so long. */
  readonly settleMs: number;
  readonly intervalMs: number;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/**
 * Looks into the inbox again and again, until the signal asks to stop.
 *
 * There is no state but the two folders, so it can be ended and started at any time: what is in the outbox is done,
 * what is not is translated. A series appears in the outbox whole, under its name, or not at all.
 */
export async function watchInbox(settings: WatchSettings): Promise<void> {
  const { inbox, intervalMs, signal } = settings;
  const seen = new Map<string, { readonly content: string; readonly since: number }>();
  while (!signal.aborted) {
    for (const patient of await foldersIn(inbox)) {
      if (signal.aborted) return;
      const content = await contentOf(join(inbox, patient));
      const before = seen.get(patient);
      if (before?.content !== content) seen.set(patient, { content, since: Date.now() });
      else if (Date.now() - before.since >= settings.settleMs) await takeUp(patient, content, settings);
    }
    await pause(intervalMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Translates what is still missing of a patient's folder that has settled. */
async function takeUp(patient: string, content: string, settings: WatchSettings): Promise<void> {
  const { inbox, outbox, targets, say, signal } = settings;
  const problemFile = join(outbox, `${patient}.problem.json`);
  if ((await problemOf(problemFile))?.content === content) return;
  const out = join(outbox, patient);
  await removeLeftovers(out);
  const present = await foldersIn(out);
  const open = targets.filter((target) => !present.includes(target));
  if (open.length === 0) return;
  try {
    const folder = join(inbox, patient);
    const listing = await listDicomSeries(folder);
    const [broken] = listing.refused;
    // A file that is cut off may still be coming: the folder is looked at again when it changes.
    if (broken) throw broken.error;
    const scans = sureSeries(listing, settings.model);
    for (const target of open) {
      if (scans.has(target)) continue;
      const files = await makeSeries(target, scans, listing, settings);
      // What has changed meanwhile is another patient's folder, so to say: it has to settle first.
      if ((await contentOf(folder)) !== content) return;
      await mkdir(out, { recursive: true });
      await writeDicomFolder(join(out, target), files);
      say(`${join(out, target)}: ${files.size} images`);
    }
    await rm(problemFile, { force: true });
  } catch (error) {
    if (!(error instanceof UtadError)) throw error;
    if (signal.aborted) return;
    const { message } = error;
    await writeWhole(problemFile, JSON.stringify({ content, message }, null, 2));
    say(`${patient}: ${message}`);
  }
}

async function makeSeries(
  target: string,
  scans: ReadonlyMap<string, DicomSeries>,
  { readFile: read }: DicomListing,
  { model, modelName, skullStripper, signal }: WatchSettings,
): Promise<Map<string, Uint8Array>> {
  const choice = chooseSource(target, [...scans.keys()], model.metadata);
  if (choice === undefined) {
    throw new UtadError('not-found', {
      where: target,
      expected: 'a series that it can be translated from',
      got: 'none that is surely T1, T1ce, T2 or FLAIR and has all its slices',
      todo: 'Look what utad inspect says about the folder.',
    });
  }
  const { source } = choice;
  const scan = await readDicomVolume(scans.get(source)!, read);
  const brain = await skullStripper?.findBrain(scan, source);
  const options = { model, source, target, where: source, signal, ...(brain ? { brain } : {}) };
  const translated = await translateVolume(scan, options);
  return writeDicomSeries(translated, scan.origin.series, {
    target,
    sources: [source],
    model: modelName,
    codeVersion: packageVersion(),
    now: new Date(),
    randomUuid: randomUUID,
  });
}

/** The series of each modality that leave no doubt; a synthetic series is none of them. */
function sureSeries({ series }: DicomListing, { metadata }: LoadedModel): ReadonlyMap<string, DicomSeries> {
  const sure = new Map<string, DicomSeries>();
  for (const name of metadata.model.modalities) {
    const fitting = series.filter(
      ({ guess, plan }) => guess.contrast === name && guess.confidence === 'high' && !isProblem(plan),
    );
    if (fitting.length === 1) sure.set(name, fitting[0]!);
  }
  return sure;
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((one) => one.isDirectory() && !one.name.startsWith('.')).map(({ name }) => name);
}

/** Changes whenever a file comes, goes, grows or is written. */
async function contentOf(folder: string): Promise<string> {
  const hash = createHash('sha256');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const path of entries.map((one) => join(one.parentPath, one.name)).sort()) {
    const facts = await stat(path).catch(() => undefined);
    hash.update(`${path} ${facts?.size} ${facts?.mtimeMs}\n`);
  }
  return hash.digest('hex');
}

async function problemOf(file: string): Promise<{ readonly content: string } | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as { content: string });
}

/** Removes what a process that was killed had not put in place yet. */
async function removeLeftovers(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((one) => /^\..*\.tmp$/.test(one)))
    await rm(join(folder, name), { recursive: true });
}

async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.tmp`, text);
  await rename(`${path}.tmp`, path);
}
