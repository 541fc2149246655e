import { describe, expect, it } from 'vitest';
import { evaluatePatients } from '../../test/fixtures/evaluate-patients.js';
import { noRealData, realData } from '../../test/fixtures/real-data.js';
import { bratsModalities } from '../datasets/case.js';
import { findCases } from '../datasets/find-cases.node.js';
import { loadPreparedPatient } from '../datasets/prepared-patient.node.js';
import { splitCases } from '../datasets/split.js';
import { findSplitFile } from '../datasets/split-file.node.js';
import { defaultRecipe } from '../imaging/recipe.js';

const folder = realData()?.mini;

/** What copying the source reaches on the validation patients at 128², found with scikit-image: MAE, SSIM. */
const known: Readonly<Record<string, readonly [number, number]>> = {
  't1→t1ce': [0.26, 0.861],
  't1→t2': [0.454, 0.699],
  't1→flair': [0.17, 0.827],
  't1ce→t2': [0.291, 0.722],
  't1ce→flair': [0.202, 0.785],
  't2→flair': [0.347, 0.777],
};

/** The known figures have three decimals, and measured the error on all slices with enough brain, not on every 4th. */
const tolerance = 0.0015;

if (folder === undefined) process.stderr.write(`baselines: ${noRealData}\n`);

describe.skipIf(folder === undefined)('evaluation on patients', () => {
  it('agrees with the known scores of the copied source, in both directions', async () => {
    const split = await findSplitFile(folder!);
    const { validation } = splitCases((await findCases(folder!)).cases, {
      validationFraction: 0,
      seed: 0,
      ...(split ? { given: split } : {}),
    });
    const patients = [];
    for (const one of validation) {
      patients.push(await loadPreparedPatient(one, defaultRecipe(128), bratsModalities));
    }
    const report = await evaluatePatients({
      modalities: bratsModalities,
      patients,
      translate: async (slices) => slices,
    });
    for (const [direction, [mae, ssim]] of Object.entries(known)) {
      const [a, b] = direction.split('→');
      const both = report.directions.filter(
        ({ source, target }) => (source === a && target === b) || (source === b && target === a),
      );
      expect(both).toHaveLength(2);
      for (const { copy } of both) {
        expect(Math.abs(copy.brain.mae - mae), direction).toBeLessThan(tolerance);
        expect(Math.abs(copy.brain.ssim - ssim), direction).toBeLessThan(tolerance);
      }
    }
  });
});
