import { createGraph, type Graph, type Node } from '../engine/graph/graph.js';
import { input } from '../engine/graph/operations.js';
import { addBias, convolutionSpecs, convolve } from '../nn/convolution.js';
import type { ParameterSpec, Parameters } from '../nn/parameters.js';
import { type AdamSettings, adamNodes, adamUpdate } from '../training/adam.js';
import { weightedSum } from '../training/loss-table.js';
import { meanAbsoluteError } from '../training/losses.js';
import { termOutputs } from '../training/program-outputs.js';

/** What a network gives that another one can be taught. */
export interface Distillable {
  readonly output: Node;
  /** What the network makes of its input on the way, [N,C,H,W]. */
  readonly features: Node;
}

/** The two things that a student is taught. */
type DistillationTerm = 'sup' | 'feature';

/** Prefix of the parameters that bring a student's features to its teacher's number. */
export const adapterPrefix = 'adapter';

/** The 1×1 convolution from a student's channels to its teacher's; none where these are as many. */
export function adapterSpecs(studentChannels: number, teacherChannels: number): ParameterSpec[] {
  if (studentChannels === teacherChannels) return [];
  const sizes = { inputs: studentChannels, outputs: teacherChannels, kernel: 1 };
  return convolutionSpecs(adapterPrefix, sizes, 'weight');
}

/** The adapter's parameters as graph inputs under their own names. */
export function adapterInputs(studentChannels: number, teacherChannels: number): Parameters {
  return inputsOf('', adapterSpecs(studentChannels, teacherChannels));
}

/** A student's features at its teacher's width, [N,C,H,W] → [N,C′,H,W]. @param adapter see {@link adapterInputs} */
export function adaptFeatures(adapter: Parameters, features: Node): Node {
  if (Object.keys(adapter).length === 0) return features;
  return addBias(adapter, adapterPrefix, convolve(adapter, adapterPrefix, features, 1, 0));
}

/**
 * How far a student is from its teacher: `sup` in what it gives, `feature` in its features, both mean absolute
 * differences. The teacher may have been given more than the student; it should be run in evaluation mode.
 *
 * @param adapter see {@link adapterInputs}; empty where both have as many features
 * @source Huang, Wei, Li: UTAD-Net, IJCNN 2024, section III-C; the adapter: Romero et al., FitNets, ICLR 2015, eq. 3.
 */
export function distillationTerms(
  student: Distillable,
  teacher: Distillable,
  adapter: Parameters,
): Readonly<Record<DistillationTerm, Node>> {
  return {
    sup: meanAbsoluteError(student.output, teacher.output),
    feature: meanAbsoluteError(adaptFeatures(adapter, student.features), teacher.features),
  };
}

/** A network that can teach or be taught, given inputs of its own kind. */
export interface DistillableNetwork<Given> {
  /** Its tensors in the training state begin with this and a dot. */
  readonly name: string;
  readonly specs: readonly ParameterSpec[];
  readonly run: (parameters: Parameters, given: Given) => Distillable;
}

/** A student, a teacher that is privileged to see more, and what is taken away between them. */
export interface PrivilegedDistillation<Everything, Less> {
  readonly teacher: DistillableNetwork<Everything>;
  readonly student: DistillableNetwork<Less>;
  /** All that is known while learning, as graph inputs. */
  readonly everything: Everything;
  /** What is left for the student, in learning as in use. */
  readonly withhold: (everything: Everything) => Less;
  readonly weights: Readonly<Record<DistillationTerm, number>>;
  /** Further terms of the student's loss with their weights, such as its error where the truth is known. */
  readonly others?: (
    student: Distillable,
    everything: Everything,
  ) => Readonly<Record<string, { readonly term: Node; readonly weight: number }>>;
  readonly adam: AdamSettings;
}

/**
 * One update of a student by its frozen teacher as one program, for networks of any kind whose parameters are all
 * learnt: inputs are those of the setup, both networks' parameters, the student's moments and Adam's factors; outputs
 * `next.*` for what the update changes and `term.*` for the losses.
 *
 * @throws UtadError bad-argument when the loss does not depend on one of the student's parameters.
 */
export function distillationUpdate<Everything, Less>(setup: PrivilegedDistillation<Everything, Less>): Graph {
  const { everything, adam } = setup;
  const teacher = setup.teacher.run(inputsOf(`${setup.teacher.name}.`, setup.teacher.specs), everything);
  const parameters = inputsOf(`${setup.student.name}.`, setup.student.specs);
  const student = setup.student.run(parameters, setup.withhold(everything));
  const adapter = adapterInputs(student.features.shape[1]!, teacher.features.shape[1]!);

  const others = Object.entries(setup.others?.(student, everything) ?? {});
  const terms = {
    ...distillationTerms(student, teacher, adapter),
    ...Object.fromEntries(others.map(([name, { term }]) => [name, term])),
  };
  const weights = {
    ...setup.weights,
    ...Object.fromEntries(others.map(([name, { weight }]) => [name, weight])),
  };
  const total = weightedSum(terms, weights);
  const { name } = setup.student;
  const own = Object.entries(parameters).map(([key, node]) => [`${name}.${key}`, node] as const);
  return createGraph(`distillation of ${name}`, {
    ...adamUpdate(total, {
      label: name,
      parameters: { ...Object.fromEntries(own), ...adapter },
      adam,
      factors: adamNodes(),
    }),
    ...termOutputs({ ...terms, total }),
  });
}

/** Parameters as graph inputs `<prefix><name>`. */
function inputsOf(prefix: string, specs: readonly ParameterSpec[]): Parameters {
  return Object.fromEntries(
    specs.map(({ name, shape }) => [name, input(`${prefix}${name}`, shape, 'parameter')]),
  );
}
