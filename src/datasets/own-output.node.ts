import { readdir, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { z } from 'zod';
import { findJson } from '../base/json.node.js';
import { readFileHead } from '../imaging/formats/file-head.node.js';
import { endingIn, fileFormats, withoutEnding } from '../imaging/formats/formats.js';
import { readVolumeGrid } from '../imaging/formats/volume-grid.node.js';
import { fingerprintOf } from './fingerprint.node.js';
import { markSchema, sidecarOf } from './synthetic.node.js';

/** What a sidecar says of the file or folder beside it that it was written with. */
const outputSchema = z.object({
  utad: z.object({
    format: z.literal(1),
    synthetic: z.literal(true),
    output: z.object({ file: z.string(), fingerprint: z.string() }),
  }),
});

/** Files of JSON that this program writes, by what each kind of them holds. */
const ownJsonSchema = z.union([
  z.object({ utad: z.object({ format: z.literal(1) }) }),
  z.object({ codeVersion: z.string() }),
  z.object({ GeneratedBy: z.array(z.object({ Name: z.literal('utad-net') })).min(1) }),
]);

/** Whether a volume or a series is what this program wrote, by the sidecar beside it, and has not changed since. */
async function isOwnVolume(path: string): Promise<boolean> {
  const found = await findJson(sidecarOf(path), outputSchema);
  if (found === undefined) return false;
  const { file, fingerprint } = found.utad.output;
  if (file.toLowerCase() !== basename(path).toLowerCase()) return false;
  return (await fingerprintOf(path).catch(() => undefined)) === fingerprint;
}

/**
 * Whether a volume may be written anew: it is as this program wrote it, or damaged. A sound volume that does not say of
 * itself that it is synthetic is another one, put in the place of ours: a scan that arrived late.
 */
export async function isRenewable(path: string): Promise<boolean> {
  if (await isOwnVolume(path)) return true;
  if ((await findJson(sidecarOf(path), markSchema)) === undefined) return false;
  if (endingIn(fileFormats, path) === undefined) return true;
  return (await saysOurs(path)) || !(await isReadable(path));
}

/** Whether the header of a volume names this program. */
async function saysOurs(path: string): Promise<boolean> {
  const head = await readFileHead(path).catch(() => undefined);
  return head !== undefined && new TextDecoder('latin1').decode(head.unpacked).includes('utad-net');
}

async function isReadable(path: string): Promise<boolean> {
  return readVolumeGrid({ path }).then(
    () => true,
    () => false,
  );
}

/** Whether a file of JSON is one that this program writes. */
export async function isOwnJson(path: string): Promise<boolean> {
  return (await findJson(path, ownJsonSchema)) !== undefined;
}

/**
 * Whether an existing file or folder in a data set may give way to a new one: what this program wrote there may, and
 * so may tables, pages and the like, unless they lie beside scans.
 */
export async function isOwnOutput(path: string, besideScans: boolean): Promise<boolean> {
  const isFolder = await stat(path).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
  if (isFolder || endingIn(fileFormats, path) !== undefined || isDicomName(path))
    return (await isOwnVolume(path)) || (isMapName(path) && (await saysOurs(path)));
  if (/\.json$/i.test(path))
    return (await isOwnJson(path)) || !(besideScans || (await describesVolume(path)));
  return !besideScans;
}

/** Names of what is written beside synthetic volumes, and beside segmentations, without a sidecar of its own. */
function isMapName(path: string): boolean {
  return /_(?:cycle-error|spread|probability-[^_]+)$/.test(withoutEnding(path, fileFormats));
}

function isDicomName(path: string): boolean {
  return /\.(?:dcm|dicom|ima|zip)$/i.test(path) || !basename(path).includes('.');
}

/** Whether a volume lies beside a file of JSON that has its name. */
async function describesVolume(path: string): Promise<boolean> {
  const stem = basename(path).replace(/\.json$/i, '');
  return (await readdir(dirname(path)).catch((): string[] => [])).some(
    (name) => endingIn(fileFormats, name) !== undefined && withoutEnding(name, fileFormats) === stem,
  );
}
