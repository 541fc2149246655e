import { sameShape, sizeOf } from '../base/shapes.js';
import type { Tensor, Tensors } from '../engine/graph/tensor.js';
import { criticSpecs } from '../model/critic.js';
import { generatorSpecs } from '../model/generator.js';
import { bottleneckChannels, type ModelConfiguration } from '../model/network-configuration.js';
import { initialise, type ParameterSpec } from '../nn/parameters.js';
import {
  initialNetworks,
  type Networks,
  requireTensors,
  withoutPrefix,
  withPrefix,
} from '../training/networks.js';
import type { Stage } from '../training/utad-losses.js';
import { adapterPrefix, adapterSpecs } from './distillation.js';

/** The shapes of a stage's networks. */
export interface UtadModels {
  readonly stage: Stage;
  readonly model: ModelConfiguration;
  /** The frozen teacher of a student; null for one that learns without. */
  readonly teacher: ModelConfiguration | null;
}

/** The three networks of both stages: generator, critic, tumour critic. */
export function stageNetworks(model: ModelConfiguration): Record<'G' | 'D' | 'localD', ParameterSpec[]> {
  return { G: generatorSpecs(model), D: criticSpecs(model), localD: criticSpecs(model) };
}

/** The networks that a stage trains: a narrower student's adapter too. */
export function trainedNetworks({ stage, model, teacher }: UtadModels): Networks {
  const adapter = stage === 'student' && teacher !== null ? adapterOf(model, teacher) : [];
  if (adapter.length === 0) return stageNetworks(model);
  const own = adapter.map((spec) => ({ ...spec, name: spec.name.slice(adapterPrefix.length + 1) }));
  return { ...stageNetworks(model), [adapterPrefix]: own };
}

/** The networks that a stage uses as they are. */
export function frozenNetworks({ stage, teacher }: UtadModels): Networks {
  return stage === 'student' && teacher !== null ? { T: generatorSpecs(teacher) } : {};
}

/** What brings a narrower student's bottleneck to its teacher's width; empty where the widths are the same. */
function adapterOf(student: ModelConfiguration, teacher: ModelConfiguration): ParameterSpec[] {
  return adapterSpecs(bottleneckChannels(student), bottleneckChannels(teacher));
}

/** A teacher's networks before training. */
export function teacherStart(model: ModelConfiguration, seed: number): Record<string, Tensor> {
  return initialNetworks(stageNetworks(model), seed);
}

/**
 * A student's networks before training: the teacher's weights, a new tumour encoder and new critics. A student of
 * another width is new as a whole, with an adapter of its bottleneck to the teacher's.
 *
 * @param teacher the trained generator's tensors `G.*`
 * @throws UtadError bad-file when the tensors are not a generator of the teacher's configuration.
 */
export function studentStart(
  teacher: Tensors,
  {
    model,
    teacher: teacherModel,
  }: { readonly model: ModelConfiguration; readonly teacher: ModelConfiguration },
  seed: number,
): Record<string, Tensor> {
  requireTensors('teacher', 'G.', generatorSpecs(teacherModel), teacher);
  // Another seed than the teacher's, or its new parts would start as the teacher's did.
  const studentSeed = seed + 1;
  const { G, D, localD } = stageNetworks(model);
  const fresh = initialNetworks({ G }, studentSeed);
  return {
    ...(model.baseChannels === teacherModel.baseChannels ? likeTeacher(fresh, teacher) : fresh),
    ...initialise(adapterOf(model, teacherModel), studentSeed, adapterPrefix),
    ...initialNetworks({ D, localD }, studentSeed),
    ...withPrefix('T', withoutPrefix('G', teacher)),
  };
}

function likeTeacher(fresh: Readonly<Record<string, Tensor>>, teacher: Tensors): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(fresh).map(([name, value]) => [
      name,
      name.startsWith('G.tumor_encoder.') ? value : withoutMaskPlane(teacher[name]!, value.shape),
    ]),
  );
}

/** A kernel [O,C+1,K,K] of a teacher of any sources without its last plane, the mask's: [O,C,K,K]; others as they are. */
function withoutMaskPlane(kernel: Tensor, shape: readonly number[]): Tensor {
  const [outputs, inputs, ...rest] = shape;
  if (sameShape(kernel.shape, shape) || !sameShape(kernel.shape, [outputs!, inputs! + 1, ...rest]))
    return kernel;
  const kept = sizeOf(shape) / outputs!;
  const whole = sizeOf(kernel.shape) / outputs!;
  const data = Float32Array.from(
    { length: sizeOf(shape) },
    (_, i) => kernel.data[Math.floor(i / kept) * whole + (i % kept)]!,
  );
  return { shape, data };
}
