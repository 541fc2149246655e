import { fingerprintOf, fingerprintOfSource } from './fingerprint.js';
import type { TranslatePatientRun, Translation } from './translate-settings.js';
import type { Provenance } from './translate-sidecar.js';

/** What a volume is made of, by its content. @throws UtadError not-found or io. */
export async function provenanceOf(
  { target, source, from, chosenBy, fused }: Translation,
  { settings, brain }: Pick<TranslatePatientRun, 'settings' | 'brain'>,
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
      ...(format === 'nifti' ? { datatype } : {}),
      ...(brain === null ? {} : { brainMask: await fingerprint(brain) }),
      ...(check === null ? {} : { check: check.segmenter?.sha256 ?? 'maps' }),
      ...(fused ? { fusion: fused.key } : {}),
      ...(skullStrip === null ? {} : { skullStrip: await fingerprintOf(skullStrip) }),
    },
  };
}

/** The same for the map of the spread. */
export function spreadProvenance(provenance: Provenance): Provenance {
  const settings = { ...provenance.settings, datatype: 'float32', map: 'spread' };
  return { ...provenance, settings, spread: true };
}
