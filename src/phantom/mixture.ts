import { type Tissue, tissueNames } from './tissues.js';

/** Index of each tissue in arrays that run over all tissues. */
export const tissueIndex = Object.fromEntries(tissueNames.map((name, index) => [name, index])) as Readonly<
  Record<Tissue, number>
>;

/** What one point is made of: shares of the tissues, together 1. Painted layer over layer, like a picture. */
export class Mixture {
  /** Share of each tissue, in the order of `tissueNames`. */
  readonly shares = new Float64Array(tissueNames.length);

  /** @param resolutionMm length over which borders are softened, millimetres */
  constructor(private readonly resolutionMm: number) {}

  /** Starts anew with one tissue. */
  reset(tissue: number): void {
    this.shares.fill(0);
    this.shares[tissue] = 1;
  }

  /** Share 0 … 1 of a point that lies this deep (millimetres) behind a border. */
  soft(depthMm: number): number {
    const share = 0.5 + depthMm / this.resolutionMm;
    return Math.min(1, Math.max(0, share));
  }

  /** Lays a tissue over all that is there, covering this share of it. */
  paint(tissue: number, share: number): void {
    if (share <= 0) return;
    const { shares } = this;
    const rest = 1 - share;
    for (let index = 0; index < shares.length; index++) shares[index]! *= rest;
    shares[tissue]! += share;
  }

  /** Turns this share of one tissue into another. */
  turn(from: number, into: number, share: number): void {
    if (share <= 0) return;
    const moved = this.shares[from]! * Math.min(1, share);
    this.shares[from]! -= moved;
    this.shares[into]! += moved;
  }
}
