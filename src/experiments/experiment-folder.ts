import { join } from 'node:path';
import type { z } from 'zod';
import { throwIfAborted } from '../base/abort.js';
import { requireChecksum, withChecksum } from '../base/checksum.node.js';
import { fail, UtadError } from '../base/errors.js';
import { readFileBytes, writeFileAtomic } from '../base/files.node.js';
import { isRecord } from '../base/is-record.js';
import { jsonText, readJson, requireForm, writeJson } from '../base/json.node.js';
import { requireOwnFolder } from '../base/protected-inputs.node.js';

/** How a finished result is stored, and what it must have been made with to be taken again. */
export interface ResultForm<Result, Stored extends z.ZodType> {
  readonly schema: Stored;
  /** @returns null where the stored result answers another question */
  readonly read: (stored: z.infer<Stored>) => Result | null;
  readonly write: (result: Result) => object;
}

/**
 * The folder of an experiment that goes on where it stopped: `settings.json` says what it is, `results/<name>.json`
 * holds what is finished, and the report lies beside them.
 */
export interface ExperimentFolder {
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Told what a person should know, as a sentence. */
  readonly onNotice: (text: string) => void;
  /** A finished result; null where there is no whole file of it, or of another form. */
  readonly find: <Result, Stored extends z.ZodType>(
    name: string,
    form: ResultForm<Result, Stored>,
  ) => Promise<Result | null>;
  /** The finished result, or what the work gives, which is stored. @throws UtadError interrupted before the work. */
  readonly result: <Result, Stored extends z.ZodType>(
    name: string,
    form: ResultForm<Result, Stored>,
    work: () => Promise<Result>,
  ) => Promise<Result>;
  /** Writes the report: texts as they are, everything else as JSON. @throws UtadError io. */
  readonly write: (files: Readonly<Record<string, string | object>>) => Promise<void>;
  /** @throws UtadError interrupted when the experiment was asked to stop. */
  readonly requireGoing: () => void;
}

/** What an experiment is, for its messages. */
interface ExperimentKind {
  /** `utad compare` */
  readonly command: string;
  /** What a folder began with: `the comparison that this folder began with`. */
  readonly began: string;
  /** What differs when the settings do: `other patients or settings`. */
  readonly other: string;
}

/** Who stops an experiment, and who is told. */
type ExperimentSurroundings = Pick<ExperimentFolder, 'signal' | 'onNotice'>;

/**
 * Opens the folder of an experiment, or begins it. Whoever goes on with it must ask for the same.
 *
 * @param settings all that decides the results; null where each of them has settings of its own
 * @throws UtadError exists for other settings than the folder began with.
 */
export async function openExperiment(
  folder: string,
  settings: object | null,
  { command, began, other }: ExperimentKind,
  { signal, onNotice }: ExperimentSurroundings,
): Promise<ExperimentFolder> {
  await requireOwnFolder(folder);
  if (settings !== null) await requireSameSettings(folder, settings, began, other);
  const pathOf = (name: string): string => join(folder, 'results', `${name}.json`);
  const requireGoing = (): void => throwIfAborted(signal, command);
  const find: ExperimentFolder['find'] = async (name, { schema, read }) => {
    const path = pathOf(name);
    try {
      const kind = { expected: 'a finished result' };
      return read(requireForm(contentOf(await readJson(path), path), schema, path, kind));
    } catch (error) {
      if (!(error instanceof UtadError)) throw error;
      if (error.code === 'not-found') return null;
      if (error.code !== 'bad-file') throw error;
      onNotice(`${error.message} This result is made again.`);
      return null;
    }
  };
  return {
    folder,
    signal,
    onNotice,
    find,
    result: async (name, form, work) => {
      const known = await find(name, form);
      if (known !== null) return known;
      requireGoing();
      const result = await work();
      await writeJson(pathOf(name), withChecksum({ result: form.write(result) }), 1);
      return result;
    },
    write: async (files) => {
      for (const [name, content] of Object.entries(files))
        await writeFileAtomic(join(folder, name), typeof content === 'string' ? content : jsonText(content));
    },
    requireGoing,
  };
}

/** A stored result without its checksum; those of version 0.1.0 have none. @throws UtadError bad-file when it is damaged. */
function contentOf(stored: unknown, path: string): unknown {
  if (!isRecord(stored) || !Object.hasOwn(stored, 'checksum')) return stored;
  requireChecksum(stored, path);
  return stored['result'];
}

async function requireSameSettings(
  folder: string,
  settings: object,
  began: string,
  other: string,
): Promise<void> {
  const path = join(folder, 'settings.json');
  const text = jsonText(settings);
  const known = await readFileBytes(path).then(
    (bytes) => new TextDecoder().decode(bytes),
    () => null,
  );
  if (known === null) return writeFileAtomic(path, text);
  if (known === text) return;
  fail('exists', {
    where: folder,
    expected: began,
    got: other,
    todo: `Compare with ${path}, or choose another --out.`,
  });
}
