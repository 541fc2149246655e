import { describe, expect, it } from 'vitest';
import { drawAnatomy, drawAverageCranium } from './anatomy.js';
import { tissueIndex as t } from './mixture.js';
import { generatePatient } from './patient.js';
import { phantomGeometry } from './phantom-geometry.js';
import { phantomModalities } from './scanner.js';
import { mapTissues } from './tissue-map.js';

const cranium = drawAverageCranium();
const options = { spacingMm: 4, cranium };
const patients = [0, 1, 2].map((index) => generatePatient(3, index, options));
const maps = [0, 1, 2].map((index) => mapTissues(drawAnatomy(3, index, cranium), phantomGeometry(4)));

describe('phantomGeometry', () => {
  it('has the size and affine of BraTS at 1 mm and of its 2×2×2 blocks at 2 mm', () => {
    const fine = phantomGeometry(1);
    expect(fine.size).toEqual([240, 240, 155]);
    expect(fine.affineVoxelToWorld).toEqual([-1, 0, 0, -0, 0, -1, 0, 239, 0, 0, 1, 0, 0, 0, 0, 1]);
    const coarse = phantomGeometry(2);
    expect(coarse.size).toEqual([120, 120, 77]);
    expect(coarse.affineVoxelToWorld).toEqual([-2, 0, 0, -0.5, 0, -2, 0, 238.5, 0, 0, 2, 0.5, 0, 0, 0, 1]);
  });

  it('refuses other spacings', () => {
    expect(() => phantomGeometry(3)).toThrow('spacing: expected 1, 2 or 4 millimetres, got 3.');
  });
});

describe('generatePatient', () => {
  it('gives the same patient for the same seed and index, whatever was made before', () => {
    const again = generatePatient(3, 1, { spacingMm: 4 });
    for (const name of phantomModalities)
      expect(again.volumes[name].data).toEqual(patients[1]!.volumes[name].data);
    expect(again.mask.data).toEqual(patients[1]!.mask.data);
    expect(again.id).toBe('Phantom_002');
  });

  it('gives another patient for another index and for another seed', () => {
    expect(patients[0]!.volumes.t1.data).not.toEqual(patients[1]!.volumes.t1.data);
    expect(generatePatient(4, 0, options).volumes.t1.data).not.toEqual(patients[0]!.volumes.t1.data);
  });

  it('is 0 outside the brain, the same in all images, and a positive whole number of 16 bits inside', () => {
    patients.forEach(({ volumes }, index) => {
      const { brain } = maps[index]!;
      for (const name of phantomModalities) {
        const right = volumes[name].data.every((value, voxel) =>
          brain[voxel] === 1 ? Number.isInteger(value) && value >= 1 && value <= 32767 : value === 0,
        );
        expect(right).toBe(true);
      }
    });
  });

  it('has a head of human size', () => {
    for (const { brain } of maps) {
      const litres = (brain.reduce((sum, value) => sum + value, 0) * 4 ** 3) / 1e6;
      expect(litres).toBeGreaterThan(1.1);
      expect(litres).toBeLessThan(2.2);
    }
  });

  it('labels a tumour, with BraTS labels, inside the brain', () => {
    patients.forEach(({ mask }, index) => {
      const labels = new Set(mask.data);
      expect([...labels].every((label) => [0, 1, 2, 4].includes(label))).toBe(true);
      expect(labels.size).toBeGreaterThan(1);
      expect(mask.data.every((label, voxel) => label === 0 || maps[index]!.brain[voxel] === 1)).toBe(true);
    });
  });
});

describe('mapTissues', () => {
  it('gives every voxel of the brain shares that add up to 1', () => {
    const { brain, shares } = maps[0]!;
    let worst = 0;
    brain.forEach((inside, voxel) => {
      const sum = shares.reduce((total, share) => total + share[voxel]!, 0);
      worst = Math.max(worst, Math.abs(sum - inside));
    });
    expect(worst).toBeLessThan(1e-5);
  });

  it('holds grey matter, white matter and fluid in human proportions', () => {
    for (const { brain, shares } of maps) {
      const voxels = brain.reduce((sum, value) => sum + value, 0);
      const part = (tissue: number): number =>
        shares[tissue]!.reduce((sum, value) => sum + value, 0) / voxels;
      expect(part(t.greyMatter)).toBeGreaterThan(0.33);
      expect(part(t.greyMatter)).toBeLessThan(0.55);
      expect(part(t.whiteMatter)).toBeGreaterThan(0.28);
      expect(part(t.whiteMatter)).toBeLessThan(0.48);
      expect(part(t.fluid)).toBeGreaterThan(0.05);
      expect(part(t.fluid)).toBeLessThan(0.26);
    }
  });

  it('labels by what a voxel is made of', () => {
    for (const { labels, shares } of maps) {
      labels.forEach((label, voxel) => {
        if (label === 4) expect(shares[t.enhancingTumour]![voxel]).toBeGreaterThan(0.15);
        if (label === 1) {
          const core = shares[t.necrosis]![voxel]! + shares[t.solidTumour]![voxel]!;
          expect(core).toBeGreaterThan(0.15);
        }
      });
    }
  });
});
