/** A region in which images are compared. */
interface Region {
  /** Every evaluated slice has pixels of it. */
  readonly always: boolean;
  /** When a report has nothing for it. */
  readonly note?: string;
  /** What is measured there, in words. */
  readonly meaning: (ringWidthMm: number) => string;
}

/** Every region in the order of tables; the keys are those of `report.json`. */
export const regions = {
  brain: {
    always: true,
    meaning: () =>
      'SSIM, MS-SSIM, HaarPSI and gradient similarity: means over slices of the whole slice, background included (SSIM without its border); those of volumes: over every voxel, background included; the others: pooled over the pixels that are brain in every modality of the patient',
  },
  tumour: {
    always: false,
    note: 'null where no evaluated slice has tumour',
    meaning: () =>
      'everything over the pixels of the whole-tumour mask (on the native grid as far as they are brain in every modality), gain and offset as in the brain; patients without tumour in the evaluated slices are left out of these means; null when there is none',
  },
  ring: {
    always: false,
    note: 'brain around the tumour; null without tumour',
    meaning: (ringWidthMm) =>
      `the same over the brain outside the tumour, at most ${ringWidthMm} mm away from it`,
  },
} as const satisfies Readonly<Record<string, Region>>;

/** Name of a region. */
export type RegionName = keyof typeof regions;

/** Names of all regions in the order of tables. */
export const regionNames = Object.keys(regions) as readonly RegionName[];
