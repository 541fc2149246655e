import type { Anatomy } from './anatomy.js';
import * as deep from './deep-structures.js';
import { smoothStep } from './distances.js';
import type { Layer } from './layer.js';
import { tissueIndex as t } from './mixture.js';

/** Callosum, nuclei, ventricles and what hangs in them. */
export function paintDeep({ head }: Anatomy): Layer {
  return ({ x, a, y, z, uneven }, mixture) => {
    if (a > 42 || y < -80 || y > 42 || z < -48 || z > 36) return;
    mixture.paint(t.whiteMatter, mixture.soft(-deep.corpusCallosum(a, y, z)));
    mixture.paint(t.greyMatter, mixture.soft(-deep.medialGrey(a, y, z)));
    mixture.paint(t.thalamus, 0.92 * mixture.soft(-deep.thalamus(a, y, z)));
    mixture.paint(t.striatum, mixture.soft(-deep.striatum(a, y, z)));
    mixture.paint(t.pallidum, mixture.soft(-deep.pallidum(a, y, z)));

    // The wall grows outward only away from the middle plane, so that the septum stays.
    const growth = (x > 0 ? head.ventricleMm[1] : head.ventricleMm[0]) * smoothStep(0.5, 5, a);
    const lateral = deep.lateralVentricle(a, y, z) - growth;
    const ventricle = Math.min(lateral, deep.middleVentricles(a, y, z) - head.ventricleMm[2]);
    if (ventricle < 4) {
      const rim = head.periventricular * (1 - smoothStep(0, 4, ventricle)) * (0.3 + 0.15 * uneven);
      mixture.turn(t.whiteMatter, t.oedema, rim);
      mixture.paint(t.fluid, mixture.soft(-ventricle));
    }
    mixture.paint(t.choroidPlexus, 0.6 * mixture.soft(0.6 * uneven - 0.3 - deep.choroidPlexus(a, y, z)));
  };
}
