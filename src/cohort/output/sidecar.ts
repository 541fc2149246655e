import { basename, dirname, relative } from 'node:path';
import { z } from 'zod';
import { findJson, writeJson } from '../../base/json.node.js';
import { fingerprintOf } from '../../datasets/fingerprint.node.js';
import { sidecarOf } from '../../datasets/synthetic.node.js';
import { type CompleteRecipe, completeRecipe } from '../../imaging/recipe.js';
import { describeSource, type VolumeSource } from '../../imaging/volume-source.js';
import { packageVersion } from '../../jobs/code-fingerprint.js';
import type { ModelMetadata } from '../../translate/model-metadata.js';

/** What decides a synthetic volume's voxels besides model and source, as texts to compare. */
type SettingsKey = Readonly<Record<string, string>>;

/** Where a synthetic volume comes from. */
export interface Provenance {
  readonly modality: string;
  readonly source: VolumeSource;
  readonly sourceModality: string;
  readonly sourceFingerprint: string;
  /** The other scans that it is fused from. */
  readonly moreSources?: readonly VolumeSource[];
  /** Why this source: `--from`, the model's validation, … */
  readonly chosenBy: string;
  /** It is not the image but the map of the standard deviation between the translations. */
  readonly spread?: true;
  readonly model: { readonly path: string; readonly sha256: string };
  readonly settings: SettingsKey;
}

/** The part of a sidecar that tells whether a volume is finished. */
const recordSchema = z.object({
  utad: z.object({
    format: z.literal(1),
    synthetic: z.literal(true),
    modality: z.string(),
    source: z.object({ modality: z.string(), fingerprint: z.string() }),
    model: z.object({ sha256: z.string() }),
    settings: z.record(z.string(), z.string()),
    output: z.object({ fingerprint: z.string() }),
  }),
});

/** What a sidecar says besides where the volume comes from. */
export interface SidecarFacts {
  readonly metadata: ModelMetadata;
  readonly warnings: readonly string[];
  /** What a check found. */
  readonly check?: object;
}

/**
 * Writes what a synthetic volume is, as JSON beside it: keys that BIDS knows, and everything else under `utad`.
 *
 * Call it before the volume itself is put in place: then a volume without a sidecar is never one of ours, and a
 * sidecar without its volume only means that the work was cut short.
 *
 * @param out the volume
 * @param fingerprint of the volume's content
 * @throws UtadError io when it cannot be written.
 */
export async function writeSidecar(
  out: string,
  fingerprint: string,
  provenance: Provenance,
  { metadata, warnings, check }: SidecarFacts,
): Promise<void> {
  const sidecar = sidecarOf(out);
  const { modality, source, sourceModality, sourceFingerprint, chosenBy, model, settings } = provenance;
  const files = [source, ...(provenance.moreSources ?? [])].map((one) =>
    describeSource({ ...one, path: relative(dirname(sidecar), one.path).replaceAll('\\', '/') }),
  );
  const recipe: CompleteRecipe = completeRecipe(metadata.recipe, sourceModality);
  const text = {
    Description: `${provenance.spread ? `Spread of synthetic ${modality}` : `Synthetic ${modality}`} made from ${sourceModality} by a network: for research, not for diagnosis.`,
    Sources: files,
    ...(recipe.foreground.kind === 'nonzero' ? { SkullStripped: true } : {}),
    utad: {
      format: 1,
      synthetic: true,
      modality,
      source: {
        modality: sourceModality,
        file: files.join(', '),
        fingerprint: sourceFingerprint,
        chosenBy,
      },
      model: {
        file: basename(model.path),
        sha256: model.sha256,
        stage: metadata.training?.stage ?? null,
        created: metadata.created,
        codeVersion: metadata.codeVersion,
      },
      recipe,
      settings,
      output: { file: basename(out), fingerprint },
      codeVersion: packageVersion(),
      created: new Date().toISOString(),
      warnings,
      ...(check ? { check } : {}),
    },
  };
  await writeJson(sidecar, text);
}

/** Whether a volume was written from exactly this source, model and settings, and has not changed since. */
export async function isFinished(out: string, wanted: Provenance): Promise<boolean> {
  const found = await findJson(sidecarOf(out), recordSchema);
  if (found === undefined) return false;
  const { modality, source, model, settings, output } = found.utad;
  const same =
    modality === wanted.modality &&
    source.modality === wanted.sourceModality &&
    source.fingerprint === wanted.sourceFingerprint &&
    model.sha256 === wanted.model.sha256 &&
    JSON.stringify(Object.entries(settings).sort()) ===
      JSON.stringify(Object.entries(wanted.settings).sort());
  if (!same) return false;
  const now = await fingerprintOf(out).catch(() => undefined);
  return now === output.fingerprint;
}

/** Whether a sidecar that this program wrote lies beside a volume. */
export async function hasSidecar(out: string): Promise<boolean> {
  return (await findJson(sidecarOf(out), recordSchema)) !== undefined;
}
