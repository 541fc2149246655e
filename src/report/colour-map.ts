/** Red, green, blue, 0 to 255. */
export type Colour = readonly [number, number, number];

/** A colour for every number from 0 to 1. */
export type ColourMap = (value: number) => Colour;

/** Black to white. */
export const greyMap: ColourMap = (value) => {
  const level = Math.round(255 * clamp01(value));
  return [level, level, level];
};

/** Blue (0) over near-black (0.5) to orange (1), for signed differences on a dark ground; colour-blind readers can distinguish them. */
export const divergingMap: ColourMap = throughStops([
  [140, 214, 255],
  [30, 110, 214],
  [12, 12, 16],
  [222, 94, 20],
  [255, 220, 130],
]);

/** Black over purple and orange to pale yellow, for absolute differences. @source matplotlib `inferno`, 5 stops. */
export const heatMap: ColourMap = throughStops([
  [0, 0, 4],
  [87, 16, 110],
  [188, 55, 84],
  [249, 142, 9],
  [252, 255, 164],
]);

/** A map that runs linearly through evenly spaced colours. */
function throughStops(stops: readonly Colour[]): ColourMap {
  return (value) => {
    const position = clamp01(value) * (stops.length - 1);
    const below = Math.min(Math.floor(position), stops.length - 2);
    const [a, b] = [stops[below]!, stops[below + 1]!];
    const mix = (channel: 0 | 1 | 2): number =>
      Math.round(a[channel] + (b[channel] - a[channel]) * (position - below));
    return [mix(0), mix(1), mix(2)];
  };
}

function clamp01(value: number): number {
  return value > 0 ? Math.min(1, value) : 0;
}
