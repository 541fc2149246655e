import { fingerprintOf, fingerprintOfSource } from '../../datasets/fingerprint.node.js';
import { formatNamed } from '../../imaging/formats/formats.js';
import type { TranslatePatientRun, Translation, TumourFiles } from '../translation-job.js';
import type { Provenance } from './sidecar.js';

/** What decides a synthetic volume, by content. @throws UtadError not-found or io. */
export async function provenanceOf(
  { target, source, from, chosenBy, fused }: Translation,
  { settings, brain, tumour }: Pick<TranslatePatientRun, 'settings' | 'brain' | 'tumour'>,
  fingerprint = fingerprintOfSource,
): Promise<Provenance> {
  const { model, datatype, format, skullStrip, check } = settings;
  const prints: string[] = [];
  for (const one of [from, ...(fused?.more ?? [])]) prints.push(await fingerprint(one));
  return {
    modality: target,
    source: from,
    sourceModality: source,
    sourceFingerprint: prints.join('+'),
    ...(fused ? { moreSources: fused.more } : {}),
    chosenBy,
    model,
    settings: {
      format,
      ...(formatNamed(format).kind === 'file' ? { datatype } : {}),
      ...(brain === null ? {} : { brainMask: await fingerprint(brain) }),
      ...(tumour === undefined ? {} : { tumourMask: await tumourKey(tumour, fingerprint) }),
      ...(check === null ? {} : { check: check.segmenter?.sha256 ?? 'maps' }),
      ...(fused ? { fusion: fused.key } : {}),
      ...(skullStrip === null ? {} : { skullStrip: await fingerprintOf(skullStrip) }),
    },
  };
}

/** Tells one tumour from another: the file's content and what its labels mean. */
async function tumourKey(
  { mask, labels }: TumourFiles,
  fingerprint: typeof fingerprintOfSource,
): Promise<string> {
  return [await fingerprint(mask), ...(labels ? [labels.name] : [])].join(' as ');
}

/** The same for the map of the spread. */
export function spreadProvenance(provenance: Provenance): Provenance {
  const settings = { ...provenance.settings, datatype: 'float32', map: 'spread' };
  return { ...provenance, settings, spread: true };
}
