import type { Anatomy } from './anatomy.js';
import type { Layer } from './layer.js';
import { tissueIndex as t } from './mixture.js';
import { cerebellarSheetDistance } from './sheets.js';

/** Cerebellum with its leaves, and the brain stem. */
export function paintFossa({ head, cranium }: Anatomy, resolutionMm: number): Layer {
  return ({ x, y, z, uneven, sampler }, mixture) => {
    if (z > 12 || y > 0) return;
    const stem = sampler.read(cranium.stem);
    const cerebellum = sampler.read(cranium.cerebellum);
    if (cerebellum > -resolutionMm && cerebellum > stem - 6) {
      const sheet = cerebellarSheetDistance(x, y, z, cerebellum, uneven);
      const leaf = Math.min(cerebellum - 0.4, sheet - (0.08 + 0.25 * head.atrophy));
      mixture.paint(t.fluid, mixture.soft(cerebellum));
      mixture.paint(t.greyMatter, mixture.soft(leaf));
      mixture.paint(t.whiteMatter, mixture.soft(leaf - 1.8));
    }
    // The stem is white matter strewn with nuclei.
    mixture.paint(t.whiteMatter, mixture.soft(stem));
    mixture.paint(t.thalamus, (0.3 + 0.08 * uneven) * mixture.soft(stem - 1));
  };
}
