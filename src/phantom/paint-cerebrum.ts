import type { Anatomy } from './anatomy.js';
import { cingulateDistance, cleftDistance, sylvianDistance } from './deep-structures.js';
import type { Layer } from './layer.js';
import { tissueIndex as t } from './mixture.js';
import { sheetDistance } from './sheets.js';

/** Cortex inside the envelope and off the sulci, white matter below it. */
export function paintCerebrum({ head, folds }: Anatomy, resolutionMm: number): Layer {
  const { atrophy, cortexMm } = head;
  return (point, mixture) => {
    const { a, y, z, depth, uneven, effacement, sampler } = point;
    if (depth < -resolutionMm) return;
    // Sulci are narrow in the depth and open like a mouth at the surface.
    const narrow = (0.05 + 0.22 * atrophy) * effacement;
    const mouth =
      (0.55 + 0.8 * atrophy) * (1 + 0.25 * uneven) * effacement * Math.exp(-Math.max(0, depth) / 6);
    const half = narrow + mouth;
    let surface = depth - (0.1 + 0.5 * atrophy * effacement) * (1 + 0.6 * uneven);
    surface = Math.min(surface, sheetDistance(sampler, folds.primary, depth) - half);
    surface = Math.min(surface, sheetDistance(sampler, folds.secondary, depth) - 0.8 * half);
    surface = Math.min(surface, sylvianDistance(a, y, z, 1.5 * uneven) - (0.6 + 1.1 * atrophy) * effacement);
    if (a < 14) {
      surface = Math.min(surface, cingulateDistance(a, y, z, 1.5 * uneven) - half);
      surface = Math.min(surface, cleftDistance(a, y, z) - (0.75 + 0.7 * atrophy + 0.2 * uneven));
    }
    if (surface < -resolutionMm) return;
    mixture.paint(t.greyMatter, mixture.soft(surface));
    mixture.paint(t.whiteMatter, mixture.soft(surface - cortexMm * (1 + 0.12 * uneven)));
  };
}
