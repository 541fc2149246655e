import { fail } from '../base/errors.js';
import { sameShape, showShape } from '../base/shapes.js';
import { input } from '../engine/graph/operations.js';
import type { Tensor, Tensors } from '../engine/graph/tensor.js';
import type { ModelConfiguration } from '../model/configuration.js';
import { criticSpecs } from '../model/critic.js';
import { generatorSpecs } from '../model/generator.js';
import { initialise, type ParameterSpec, type Parameters } from '../nn/parameters.js';

/**
 * The networks of a stage: generator, critic, tumour critic, frozen teacher, moving average of the generator.
 * Their names begin tensor names.
 */
export type NetworkName = 'G' | 'D' | 'localD' | 'T' | 'averageG';

/** Parameters of a network under their published names, without the network's own name. */
export function networkSpecs(network: NetworkName, model: ModelConfiguration): ParameterSpec[] {
  return network === 'D' || network === 'localD' ? criticSpecs(model) : generatorSpecs(model);
}

/** A network's parameters as graph inputs `<network>.<published name>`; inert biases take no part. */
export function networkInputs(network: NetworkName, model: ModelConfiguration): Parameters {
  return parameterInputs(network, networkSpecs(network, model));
}

/** Parameters as graph inputs `<prefix>.<name>`, by their own names; inert biases take no part. */
export function parameterInputs(prefix: string, specs: readonly ParameterSpec[]): Parameters {
  return Object.fromEntries(
    specs
      .filter(({ role }) => role !== 'inert')
      .map(({ name, shape }) => [name, input(`${prefix}.${name}`, shape, 'parameter')]),
  );
}

/** Starting values of a network, `<network>.<published name>`. */
export function initialNetwork(
  network: NetworkName,
  model: ModelConfiguration,
  seed: number,
): Record<string, Tensor> {
  return withPrefix(network, initialise(networkSpecs(network, model), seed, network));
}

/** The names that Adam moves: everything learnt. */
export function learntNames(network: NetworkName, model: ModelConfiguration): string[] {
  return networkSpecs(network, model).flatMap(({ name, role }) =>
    role === 'weight' ? [`${network}.${name}`] : [],
  );
}

/** A student before training: its teacher's weights, with a newly drawn tumour encoder. */
export function studentFromTeacher(
  teacher: Tensors,
  model: ModelConfiguration,
  seed: number,
): Record<string, Tensor> {
  const fresh = initialNetwork('G', model, seed);
  return Object.fromEntries(
    Object.keys(fresh).map((name) => [
      name,
      name.startsWith('G.tumor_encoder.') ? fresh[name]! : teacher[name]!,
    ]),
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
 * Checks that tensors are a whole network of this configuration.
 *
 * @throws UtadError bad-file, naming the first tensor that is missing or has another shape.
 */
export function requireNetwork(
  where: string,
  network: NetworkName,
  tensors: Tensors,
  model: ModelConfiguration,
): void {
  requireTensors(where, `${network}.`, networkSpecs(network, model), tensors);
}

/** As {@link requireNetwork}, for tensors `<prefix><name>` of any parameters. @throws UtadError bad-file. */
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
