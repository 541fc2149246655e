import type { Anatomy } from './anatomy.js';
import { smoothStep } from './distances.js';
import type { Layer } from './layer.js';
import { tissueIndex as t } from './mixture.js';

/** The tumour and its oedema, which runs in white matter and spares most of the cortex. */
export function paintTumour({ tumour }: Anatomy): Layer {
  return (point, mixture) => {
    const { oedema, distance, enhancing, necrosis } = tumour.at(point.headX, point.headY, point.headZ);
    if (oedema === 0 && distance > tumour.blendMm) return;
    const { shares } = mixture;
    const white = shares[t.whiteMatter]!;
    const grey = shares[t.greyMatter]! + shares[t.thalamus]! + shares[t.striatum]!;
    const density = Math.min(1, Math.max(0.45, 0.8 + 0.15 * point.uneven));
    mixture.turn(t.whiteMatter, t.oedema, oedema * density);
    mixture.turn(t.greyMatter, t.oedema, 0.18 * oedema);
    mixture.turn(t.thalamus, t.oedema, 0.35 * oedema);
    mixture.turn(t.striatum, t.oedema, 0.3 * oedema);

    const border = tumour.blendMm / 2;
    const solid = (1 - smoothStep(-border, border, distance)) * smoothStep(0, 2, point.depth);
    const dead = necrosis * (1 - enhancing);
    for (let index = 0; index < shares.length; index++) shares[index]! *= 1 - solid;
    shares[t.enhancingTumour]! += solid * enhancing;
    shares[t.necrosis]! += solid * dead;
    shares[t.solidTumour]! += solid * (1 - enhancing - dead);
    point.oedema = oedema * Math.min(1, white + 0.35 * grey) * (1 - solid);
  };
}
