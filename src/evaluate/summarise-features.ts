import type { FeatureMatrix } from '../metrics/feature-matrix.js';
import { frechetDistance } from '../metrics/frechet-distance.js';
import { kernelDistance } from '../metrics/kernel-distance.js';
import type { DirectionFeatures, PatientFeatures } from './patient-features.js';
import type { ExtractorDescription, FeatureDistances, FeatureReport } from './report-schema.js';

/**
 * Distances between all real and all made slices of each direction.
 *
 * @param modalities in the order of the report
 */
export function summariseFeatures(
  extractor: ExtractorDescription,
  modalities: readonly string[],
  patients: readonly PatientFeatures[],
): FeatureReport {
  const directions = modalities.flatMap((source) =>
    modalities.flatMap((target) => {
      const own = patients.flatMap((patient) => {
        const one = patient.directions.find(
          (direction) => direction.source === source && direction.target === target,
        );
        return one ? [{ patient, one }] : [];
      });
      return own.length === 0 ? [] : [directionDistances(source, target, own)];
    }),
  );
  return { extractor, directions };
}

interface Own {
  readonly patient: PatientFeatures;
  readonly one: DirectionFeatures;
}

function directionDistances(
  source: string,
  target: string,
  own: readonly Own[],
): FeatureReport['directions'][number] {
  const slices = own.reduce((sum, { patient }) => sum + patient.slices, 0);
  const { dimensions } = own[0]!.patient;
  const joined = (part: (one: Own) => Float32Array): FeatureMatrix => {
    const data = new Float32Array(slices * dimensions);
    let at = 0;
    for (const one of own) {
      data.set(part(one), at);
      at += part(one).length;
    }
    return { data, samples: slices, dimensions };
  };
  const truth = joined(({ patient }) => patient.real[target]!);
  const distances = (
    features: (one: Own) => Float32Array,
    perceptual: (one: Own) => number | null,
  ): FeatureDistances => {
    const answer = joined(features);
    const each = own.map((one) => ({ value: perceptual(one), weight: one.patient.slices }));
    return {
      frechet: slices < 2 ? null : frechetDistance(truth, answer),
      kernel: slices < 2 ? null : kernelDistance(truth, answer),
      perceptual: each.some(({ value }) => value === null)
        ? null
        : each.reduce((sum, { value, weight }) => sum + value! * weight, 0) / slices,
    };
  };
  return {
    source,
    target,
    slices,
    translation: distances(
      ({ one }) => one.translation,
      ({ one }) => one.perceptual.translation,
    ),
    copy: distances(
      ({ patient }) => patient.real[source]!,
      ({ one }) => one.perceptual.copy,
    ),
    matched: own.every(({ one }) => one.matched)
      ? distances(
          ({ one }) => one.matched!,
          ({ one }) => one.perceptual.matched,
        )
      : null,
  };
}
