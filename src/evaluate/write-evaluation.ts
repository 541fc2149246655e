import { basename, join } from 'node:path';
import { withChecksum } from '../base/checksum.node.js';
import { writeFileAtomic } from '../base/files.node.js';
import { jsonText, writeJson } from '../base/json.node.js';
import { packageVersion } from '../jobs/code-fingerprint.js';
import type { FailedPatient } from '../jobs/patient-jobs.js';
import { encodePng } from '../report/rgb-image.js';
import type { Fusion } from '../translate/fusion.js';
import { fusionOf } from './evaluate-fused.js';
import { featureWarnings, fusionWarnings, worthWarnings } from './evaluate-warnings.js';
import { type EvaluationPage, evaluationPage } from './evaluation-page.js';
import { directionsSheet, overviewSheet } from './evaluation-sheets.js';
import type { PatientPictures } from './patient-pictures.js';
import { medianPatient } from './rank-patients.js';
import { reportCsv } from './report-csv.js';
import { type ReportFile, reportFileSchema } from './report-schema.js';
import type { EvaluatedPatients, EvaluationRequest } from './run-evaluation.js';
import { summariseEvaluation } from './summarise-evaluation.js';

/** What an evaluation found, besides what it wrote. */
export interface Evaluated extends EvaluationPage {
  readonly failed: readonly FailedPatient[];
  /** Weights that the patients taught. */
  readonly fusion: Fusion | undefined;
}

/**
 * Summarises evaluated patients.
 *
 * @param known warnings from before the evaluation
 * @throws UtadError bad-value when there is no figure.
 */
export function evaluatedPage(
  { model, chosen, settings, extractor, fuse, regression }: EvaluationRequest,
  { evaluated, failed, fused, regressionPatients }: EvaluatedPatients,
  known: readonly string[],
): Evaluated {
  const { modalities, tumourMask = false } = model.metadata.model;
  const { every, ringWidthMm, grid, protocol } = settings;
  const task = {
    modalities,
    every,
    ringWidthMm,
    grid,
    protocol,
    givenMask: tumourMask,
    regression: { patients: [...regressionPatients], missing: regression.missing },
    ...(extractor ? { extractor: { description: extractor } } : {}),
  };
  const report = summariseEvaluation(evaluated, task, fused?.rows);
  const pictures = evaluated
    .filter(({ rows }) => rows.length > 0)
    .map((one) => ({ ...one.pictures, fused: fused?.pictures.get(one.pictures.patient) ?? [] }));
  return {
    report,
    pictures,
    lead:
      `${basename(model.file)} on ${report.patientMeans.length} patients (${chosen.reason}), ` +
      `${report.sliceSide === null ? 'on each patient’s own grid' : `slices of ${report.sliceSide}×${report.sliceSide}`}, ${report.protocol === 'each' ? 'from each single source' : 'from all other modalities together'}, utad-net ${packageVersion()}.`,
    warnings: [
      ...known,
      ...worthWarnings(report),
      ...failed.map(({ message }) => `Not evaluated: ${message}`),
      ...evaluated.flatMap(({ doubts = [] }) => doubts.map((doubt) => `${doubt}.`)),
      ...featureWarnings(report),
      ...fusionWarnings(fuse?.given, chosen.cases),
    ],
    failed,
    fusion: fused && !fuse?.given ? fusionOf(evaluated, modalities, model.sha256) : undefined,
  };
}

/**
 * Writes report.json, report.csv, report.html, sheets, and fusion.json where weights were learnt.
 *
 * @param copies where learnt weights, and the sheet of the median patient, are written as well
 * @throws UtadError io.
 */
export async function writeEvaluation(
  { model, chosen, segmenter, out }: EvaluationRequest,
  found: Evaluated,
  copies: { readonly fusion?: string; readonly sheet?: string } = {},
): Promise<void> {
  const { report, pictures, warnings, failed, fusion } = found;
  if (fusion) {
    const text = jsonText(withChecksum(fusion), 1);
    for (const path of [join(out, 'fusion.json'), ...(copies.fusion === undefined ? [] : [copies.fusion])])
      await writeFileAtomic(path, text);
  }
  const file: ReportFile = {
    format: 3,
    model: model.file,
    modelSha256: model.sha256,
    ...(segmenter ? { segmenter } : {}),
    codeVersion: packageVersion(),
    patientsChosen: chosen.reason,
    trainedOn: chosen.trainedOn.map(({ id }) => id),
    failed: [...failed],
    warnings: [...warnings],
    ...report,
  };
  await writeJson(join(out, 'report.json'), reportFileSchema.parse(file));
  await writeFileAtomic(join(out, 'report.csv'), reportCsv(report));
  await writeSheets(join(out, 'sheets'), pictures);
  if (copies.sheet !== undefined) {
    const { patient } = medianPatient(report.patientMeans);
    const shown = pictures.find((one) => one.patient === patient)!;
    await writeFileAtomic(copies.sheet, encodePng(directionsSheet(shown)));
  }
  await writeFileAtomic(join(out, 'report.html'), evaluationPage(found));
}

async function writeSheets(folder: string, pictures: readonly PatientPictures[]): Promise<void> {
  for (const one of pictures) {
    const path = (name: string): string => join(folder, `${one.patient}-${name}.png`);
    await writeFileAtomic(path('directions'), encodePng(directionsSheet(one)));
    await writeFileAtomic(path('overview'), encodePng(overviewSheet(one)));
  }
}
