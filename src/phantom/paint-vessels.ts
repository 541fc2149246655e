import type { Anatomy } from './anatomy.js';
import { tentoriumHeight } from './cranium.js';
import { bridgeOutline } from './deep-structures.js';
import type { Layer } from './layer.js';
import { tissueIndex as t } from './mixture.js';
import { arteries, deepVeins, sinuses } from './vessels.js';

/** Membranes, veins and arteries; but for shreds on the surface they lie in the fluid and take only its share. */
export function paintVessels({ cranium, veins }: Anatomy): Layer {
  return ({ a, y, z, depth, brainDepth, uneven, sampler }, mixture) => {
    // Stripping leaves shreds of skull and dura on the surface.
    mixture.paint(t.dura, 0.85 * mixture.soft(0.35 + 0.75 * uneven - brainDepth));
    mixture.paint(t.bone, 0.85 * mixture.soft(0.8 * uneven - 0.15 - brainDepth));
    const fluid = mixture.shares[t.fluid]!;
    if (fluid < 0.02) return;
    const falx = a < 2 && z > -10 && bridgeOutline(y, z) > 3 ? mixture.soft(0.5 - a) : 0;
    const nearTent = y < -30 && sampler.read(cranium.stem) < -4;
    const tent = nearTent ? mixture.soft(0.4 - 0.85 * Math.abs(z - tentoriumHeight(a, y))) : 0;

    // Small veins run on the surface along nodal lines of a random field, thick here and thin there.
    let small = 0;
    if (z > -12 && depth < 4) {
      const aside = sampler.read(veins.value) / Math.max(sampler.read(veins.slope), 0.015);
      const below = Math.max(0, depth - 0.3);
      small = mixture.soft(0.6 + 0.4 * uneven - Math.sqrt(aside * aside + below * below));
    }
    const vein = Math.max(small, mixture.soft(-deepVeins(a, y, z)), mixture.soft(-sinuses(a, y, z)));
    const artery = mixture.soft(-arteries(a, y, z));
    mixture.turn(t.fluid, t.vein, vein);
    mixture.turn(t.fluid, t.artery, artery);
    mixture.turn(t.fluid, t.dura, 0.7 * Math.max(falx, tent));
  };
}
