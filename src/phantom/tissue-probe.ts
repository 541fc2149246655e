import type { Anatomy } from './anatomy.js';
import { Sampler } from './grid.js';
import type { Layer, ProbePoint } from './layer.js';
import { Mixture, tissueIndex } from './mixture.js';
import { paintCerebrum } from './paint-cerebrum.js';
import { paintDeep } from './paint-deep.js';
import { paintFossa } from './paint-fossa.js';
import { paintTumour } from './paint-tumour.js';
import { paintVessels } from './paint-vessels.js';
import { createPose } from './pose.js';

/** Tells what any point of a patient's head is made of. */
interface TissueProbe {
  /**
   * Goes to a point in head coordinates, millimetres.
   *
   * @returns whether it lies within the stripped brain; only then do `mixture` and `point` speak of it
   */
  readonly moveTo: (x: number, y: number, z: number) => boolean;
  readonly mixture: Mixture;
  readonly point: ProbePoint;
}

/**
 * Prepares a probe: finds the point's place in the average head, then lets each part of the anatomy paint over the
 * ones before, fluid first, tumour last.
 *
 * @param resolutionMm length over which borders are softened: the width of what the point stands for
 */
export function createTissueProbe(anatomy: Anatomy, resolutionMm: number): TissueProbe {
  const sampler = new Sampler(anatomy.cranium.grid);
  const mixture = new Mixture(resolutionMm);
  const findPose = createPose(anatomy);
  const layers: readonly Layer[] = [
    paintCerebrum(anatomy, resolutionMm),
    paintFossa(anatomy, resolutionMm),
    paintDeep(anatomy),
    paintVessels(anatomy),
    paintTumour(anatomy),
  ];
  const point: ProbePoint = {
    ...{ headX: 0, headY: 0, headZ: 0, x: 0, y: 0, z: 0, a: 0 },
    ...{ depth: 0, brainDepth: 0, uneven: 0, effacement: 1, oedema: 0 },
    sampler,
  };
  const moveTo = (x: number, y: number, z: number): boolean => {
    const pose = findPose(x, y, z);
    if (pose.brainDepth <= 0) return false;
    point.headX = x;
    point.headY = y;
    point.headZ = z;
    point.x = pose.x;
    point.y = pose.y;
    point.z = pose.z;
    point.a = Math.abs(pose.x);
    point.brainDepth = pose.brainDepth;
    point.effacement = pose.effacement;
    sampler.moveTo(pose.x, pose.y, pose.z);
    point.depth = sampler.read(anatomy.folds.depth);
    point.uneven = sampler.read(anatomy.unevenness);
    point.oedema = 0;
    mixture.reset(tissueIndex.fluid);
    for (const paint of layers) paint(point, mixture);
    return true;
  };
  return { moveTo, mixture, point };
}
