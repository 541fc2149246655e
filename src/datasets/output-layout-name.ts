/** How a folder of written volumes is laid out. */
export const outputLayouts = ['brats', 'bids'] as const;
export type OutputLayoutName = (typeof outputLayouts)[number];
