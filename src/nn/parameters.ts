import { fail } from '../base/errors.js';
import { createRandom } from '../base/random.js';
import { type Shape, sizeOf } from '../base/shapes.js';
import type { Node } from '../engine/graph/graph.js';
import type { Tensor } from '../engine/graph/tensor.js';

/** How a parameter starts. */
type Initialiser =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly deviation: number };

/**
 * What a parameter is for: `weight` is learnt; `buffer` is a running statistic; `inert` is a bias in front of a
 * normalisation that subtracts it again, kept for exchange with the published code and used nowhere.
 */
export type ParameterRole = 'weight' | 'buffer' | 'inert';

/** One parameter of a network, under its published PyTorch name. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: Shape;
  readonly role: ParameterRole;
  readonly initialiser: Initialiser;
}

/** Parameters of a network as graph nodes, by published name. */
export type Parameters = Readonly<Record<string, Node>>;

/**
 * Kaiming normal initialisation with gain √2.
 *
 * @param shape kernel [O,C,K,K]; the fan-in is C·K·K
 * @source He et al., Delving Deep into Rectifiers, ICCV 2015, eq. 10.
 */
export function kaimingNormal(shape: Shape): Initialiser {
  return { kind: 'normal', mean: 0, deviation: Math.sqrt(2 / sizeOf(shape.slice(1))) };
}

/** Draws the starting values of parameters; each name has its own random stream, so order does not matter. */
export function initialise(
  specs: readonly ParameterSpec[],
  seed: number,
  label: string,
): Record<string, Tensor> {
  return Object.fromEntries(
    specs.map(({ name, shape, initialiser }) => {
      const data = new Float32Array(sizeOf(shape));
      if (initialiser.kind === 'constant') data.fill(initialiser.value);
      else {
        const random = createRandom(seed, label, name);
        for (let i = 0; i < data.length; i++)
          data[i] = initialiser.mean + initialiser.deviation * random.normal();
      }
      return [name, { shape, data }];
    }),
  );
}

/** A parameter by name. @throws UtadError not-found when the network has none of that name. */
export function parameter(parameters: Parameters, name: string): Node {
  return (
    parameters[name] ??
    fail('not-found', { where: 'network', expected: `a parameter ${name}`, got: 'none of that name' })
  );
}
