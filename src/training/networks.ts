import { fail } from '../base/errors.js';
import { sameShape, showShape } from '../base/shapes.js';
import type { Node } from '../engine/graph/graph.js';
import { input } from '../engine/graph/operations.js';
import type { Tensor, Tensors } from '../engine/graph/tensor.js';
import { initialise, type ParameterSpec, type Parameters } from '../nn/parameters.js';

/** Networks of a training: parameters under their own names, by the prefix of their tensors. */
export type Networks = Readonly<Record<string, readonly ParameterSpec[]>>;

/** A network in an update program. */
export interface NetworkNodes {
  readonly specs: readonly ParameterSpec[];
  readonly parameters: Parameters;
}

/** Networks as graph inputs `<prefix>.<name>`. */
export function networkNodes<Prefix extends string>(
  networks: Readonly<Record<Prefix, readonly ParameterSpec[]>>,
): Readonly<Record<Prefix, NetworkNodes>> {
  const entries = Object.entries<readonly ParameterSpec[]>(networks);
  return Object.fromEntries(
    entries.map(([prefix, specs]) => [prefix, { specs, parameters: parameterInputs(prefix, specs) }]),
  ) as Record<Prefix, NetworkNodes>;
}

/** Parameters as graph inputs `<prefix>.<name>`, by their own names; inert biases take no part. */
export function parameterInputs(prefix: string, specs: readonly ParameterSpec[]): Parameters {
  return Object.fromEntries(
    specs
      .filter(({ role }) => role !== 'inert')
      .map(({ name, shape }) => [name, input(`${prefix}.${name}`, shape, 'parameter')]),
  );
}

/** Starting values of networks, `<prefix>.<name>`. @param label seeds each network's, by its prefix */
export function initialNetworks(
  networks: Networks,
  seed: number,
  label: (prefix: string) => string = (prefix) => prefix,
): Record<string, Tensor> {
  return Object.assign(
    {},
    ...Object.entries(networks).map(([prefix, specs]) =>
      withPrefix(prefix, initialise(specs, seed, label(prefix))),
    ),
  );
}

/** The names of all that Adam moves. */
export function learntNames(networks: Networks): string[] {
  return Object.entries(networks).flatMap(([prefix, specs]) =>
    specs.flatMap(({ name, role }) => (role === 'weight' ? [`${prefix}.${name}`] : [])),
  );
}

/** What of networks is learnt, by its name in the training state; networks may be given in part. */
export function learntParameters(networks: Readonly<Record<string, NetworkNodes>>): Record<string, Node> {
  return Object.fromEntries(
    Object.entries(networks).flatMap(([prefix, { specs, parameters }]) =>
      specs.flatMap(({ name, role }) => {
        const parameter = parameters[name];
        return role === 'weight' && parameter !== undefined
          ? [[`${prefix}.${name}`, parameter] as const]
          : [];
      }),
    ),
  );
}

/** `name` → `<prefix>.name` for all tensors. */
export function withPrefix(prefix: string, tensors: Tensors): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(tensors).map(([name, value]) => [`${prefix}.${name}`, value]));
}

/** The tensors whose names begin with `<prefix>.`, without it. */
export function withoutPrefix(prefix: string, tensors: Tensors): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(tensors).flatMap(([name, value]) =>
      name.startsWith(`${prefix}.`) ? [[name.slice(prefix.length + 1), value]] : [],
    ),
  );
}

/**
 * Checks that tensors `<prefix><name>` have the shapes of these parameters.
 *
 * @throws UtadError bad-file, naming the first tensor that is missing or has another shape.
 */
export function requireTensors(
  where: string,
  prefix: string,
  specs: readonly ParameterSpec[],
  tensors: Tensors,
): void {
  for (const { name, shape } of specs) {
    const value = tensors[prefix + name];
    if (value === undefined || !sameShape(value.shape, shape)) {
      fail('bad-file', {
        where,
        expected: `a tensor ${prefix}${name} of ${showShape(shape)}`,
        got: value === undefined ? 'none' : showShape(value.shape),
        todo: 'The file belongs to another configuration.',
      });
    }
  }
}
