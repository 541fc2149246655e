import { fail } from '../base/errors.js';
import { sizeOf } from '../base/shapes.js';
import type { Node } from '../engine/graph/graph.js';
import { add, constant, multiply, scale } from '../engine/graph/operations.js';
import type { Loss } from './loss-table.js';
import {
  adversarial,
  crossEntropy,
  gradientError,
  gradientPenalty,
  knownError,
  meanAbsoluteError,
  realness,
  scaledAndShifted,
  sharedError,
  type TruthError,
  weightedAbsoluteError,
} from './losses.js';

/** The two stages of UTAD-Net. */
export type Stage = 'teacher' | 'student';

/** A critic of whole slices, and one of tumours. */
export type CriticName = 'D' | 'localD';

/**
 * What a loss needs beside the pass of the generator: a critic, the way back (`cycle`), the frozen teacher, the decoder of
 * the translated tumour, or what brings a narrower student's bottleneck to its teacher's width (`adapter`).
 */
type Need = CriticName | 'cycle' | 'teacher' | 'tumourDecoder' | 'adapter';

/** What an update of the generator has computed; what a row does not list in `needs` may be missing. */
export interface GeneratorPass {
  /** Slices [N,1,S,S] in [−1, 1]. */
  readonly image: Node;
  /** One-hot [N,M]. */
  readonly target: Node;
  /** Tumour images [N,1,S,S]. */
  readonly tumour: Node;
  /** [N,1,1,1], how much each slice counts in losses of the tumour; undefined where all of them do. */
  readonly maskWeight: Node | undefined;
  /** The translation: slices and tumour images [N,1,S,S]. */
  readonly translated: { readonly image: Node; readonly tumour: Node };
  /** The tumour of the translated slices [N,1,S,S]. */
  readonly translatedCut: Node;
  /** The slices in their target modality [N,1,S,S], and [N,1,1,1], how much each one counts: 0 where it is not known. */
  readonly truth: () => { readonly image: Node; readonly weight: Node };
  readonly truthError: TruthError;
  /** Share of the error against the truth that forgives each slice's scale and shift, 0 to 1. */
  readonly scaleShiftInvariance: number;
  /** Where both the sources and the truth are known [N,1,S,S], 1 or 0; undefined where the background counts too. */
  readonly inside: () => Node | undefined;
  /** How much each pixel counts [N,1,S,S]; undefined where all count alike. */
  readonly pixelWeights: () => Node | undefined;
  /** What a critic finds in the translation. */
  readonly scores: (critic: CriticName) => { readonly source: Node; readonly modality: Node };
  /** The translation translated back. */
  readonly cycle: () => { readonly image: Node; readonly tumour: Node };
  /** The teacher's translation and bottleneck, and the student's bottleneck at the teacher's width. */
  readonly teacher: () => { readonly image: Node; readonly bottleneck: Node; readonly student: Node };
}

/** What an update of a critic has computed. */
interface CriticPass {
  /** Real and translated slices, or tumours of both, [N,1,S,S]; no gradient goes back through the latter. */
  readonly real: Node;
  readonly fake: Node;
  /** One-hot [N,M]: the modality of the real ones. */
  readonly source: Node;
  /** The penalty's mixing factor [N,1,1,1]. */
  readonly factor: Node;
  /** See `GeneratorPass.maskWeight`; of the critic of tumours alone. */
  readonly maskWeight: Node | undefined;
  readonly scores: (slices: Node) => { readonly source: Node; readonly modality: Node };
  /** What the critic finds in the real ones. */
  readonly onReal: { readonly source: Node; readonly modality: Node };
}

/** A row of the generator's table. */
interface GeneratorLoss {
  /** Names it in the configuration and in the journal. */
  readonly name: string;
  /** What it asks for, in the documentation of the configuration. */
  readonly meaning: string;
  /** Its name in charts; not drawn when left out. */
  readonly title?: string;
  /** The published weight; 0 for what the publication does not have. @source UTAD-Net's published training script. */
  readonly published: number;
  readonly stages: readonly Stage[];
  readonly needs: readonly Need[];
  readonly build: (pass: GeneratorPass) => Node;
}

const both = ['teacher', 'student'] as const;

/** The generator's losses. A row without a weight costs nothing, nor does what only it needs. */
export const generatorLosses = [
  {
    name: 'fake',
    meaning: 'weight of −mean D(fake); a critic whose terms have no weight is not trained',
    published: 1,
    stages: both,
    needs: ['D'],
    build: ({ scores }) => adversarial(scores('D').source),
  },
  {
    name: 'cls',
    meaning: "weight of D's class head against the target",
    published: 1,
    stages: both,
    needs: ['D'],
    build: ({ scores, target }) => crossEntropy(scores('D').modality, target),
  },
  {
    name: 'local_fake',
    meaning: 'weight of −mean D_local(fake) for the tumour image',
    published: 1,
    stages: both,
    needs: ['localD', 'tumourDecoder'],
    build: ({ scores, maskWeight }) => adversarial(scores('localD').source, maskWeight),
  },
  {
    name: 'local_cls',
    meaning: "weight of D_local's class head against the target",
    published: 1,
    stages: both,
    needs: ['localD', 'tumourDecoder'],
    build: ({ scores, target, maskWeight }) => crossEntropy(scores('localD').modality, target, maskWeight),
  },
  {
    name: 'rec',
    meaning: 'weight of the cycle: L1 of a slice that is translated there and back',
    title: 'cycle (rec)',
    published: 10,
    stages: both,
    needs: ['cycle'],
    build: (pass) => wholeError(pass, pass.image, pass.cycle().image),
  },
  {
    name: 'local',
    meaning: 'weight of the tumour image: L1 to the tumour cut out, and of its cycle',
    title: 'tumour (local)',
    published: 10,
    stages: both,
    needs: ['cycle', 'tumourDecoder'],
    build: ({ translated, translatedCut, tumour, cycle, maskWeight }) =>
      add(
        meanAbsoluteError(translated.tumour, translatedCut, maskWeight),
        meanAbsoluteError(tumour, cycle().tumour, maskWeight),
      ),
  },
  {
    name: 'truth',
    meaning: 'weight of the error where the true translation is known; see data.paired and data.targets',
    title: 'known truth (truth)',
    published: 0,
    stages: both,
    needs: [],
    build: (pass) => truthLoss(pass),
  },
  {
    name: 'gradient',
    meaning:
      'weight of the error of differences between neighbouring pixels where the true translation is known',
    title: 'gradient of the truth',
    published: 0,
    stages: both,
    needs: [],
    build: ({ truth, translated, inside, image }) => {
      const { image: known, weight } = truth();
      return gradientError(translated.image, known, weight, inside() ?? everywhere(image));
    },
  },
  {
    name: 'sup',
    meaning: "student: weight of L1 to the teacher's translation",
    title: 'output (sup)',
    published: 10,
    stages: ['student'],
    needs: ['teacher'],
    build: (pass) => wholeError(pass, pass.translated.image, pass.teacher().image),
  },
  {
    name: 'feature',
    meaning: "student: weight of L1 to the teacher's bottleneck",
    title: 'bottleneck (feature)',
    published: 10,
    stages: ['student'],
    needs: ['teacher', 'adapter'],
    build: ({ teacher }) => meanAbsoluteError(teacher().student, teacher().bottleneck),
  },
] as const satisfies readonly GeneratorLoss[];

/** A row of the critics' table. */
interface CriticLoss {
  readonly name: string;
  readonly meaning: string;
  readonly published: number;
  readonly build: (pass: CriticPass) => Node;
}

/** The losses of each critic. */
export const criticLosses = [
  {
    name: 'real',
    meaning: 'weight of −mean D(real)',
    published: 1,
    build: ({ onReal, maskWeight }) => adversarial(onReal.source, maskWeight),
  },
  {
    name: 'fake',
    meaning: 'weight of mean D(fake)',
    published: 1,
    build: ({ scores, fake, maskWeight }) => realness(scores(fake).source, maskWeight),
  },
  {
    name: 'cls',
    meaning: 'weight of the class head on real slices',
    published: 1,
    build: ({ onReal, source, maskWeight }) => crossEntropy(onReal.modality, source, maskWeight),
  },
  {
    name: 'gp',
    meaning: 'weight of the gradient penalty, which is not computed at 0',
    published: 10,
    build: ({ scores, real, fake, factor, maskWeight }) =>
      gradientPenalty((x) => scores(x).source, real, fake, factor, maskWeight),
  },
] as const satisfies readonly CriticLoss[];

/** Name of a generator's loss. */
type GeneratorTerm = (typeof generatorLosses)[number]['name'];

/** Name of a critic's loss. */
type CriticTerm = (typeof criticLosses)[number]['name'];

/** Weights of all losses. */
export interface LossWeights {
  readonly critic: Readonly<Record<CriticTerm, number>>;
  readonly generator: Readonly<Record<GeneratorTerm, number>>;
}

/** The published weights. @source UTAD-Net's published training script. */
export const publishedWeights: LossWeights = {
  critic: publishedOf<CriticTerm>(criticLosses),
  generator: publishedOf<GeneratorTerm>(generatorLosses),
};

function publishedOf<Name extends string>(
  rows: readonly { readonly name: Name; readonly published: number }[],
): Record<Name, number> {
  return Object.fromEntries(rows.map(({ name, published }) => [name, published])) as Record<Name, number>;
}

/** The losses of a stage's generator with their weights. */
export function generatorLossesOf({ generator }: LossWeights, stage: Stage): Loss<GeneratorPass>[] {
  const rows: readonly (GeneratorLoss & { readonly name: GeneratorTerm })[] = generatorLosses;
  return rows
    .filter(({ stages }) => stages.includes(stage))
    .map(({ name, title, build }) => ({
      name,
      weight: generator[name],
      build,
      ...(title === undefined ? {} : { title }),
    }));
}

/** The losses of a critic with their weights. */
export function criticLossesOf({ critic }: LossWeights): Loss<CriticPass>[] {
  return criticLosses.map(({ name, build }) => ({ name, weight: critic[name], build }));
}

/** What the losses of a stage that have a weight need. */
export function needsOf({ generator }: LossWeights, stage: Stage): ReadonlySet<Need> {
  const rows: readonly (GeneratorLoss & { readonly name: GeneratorTerm })[] = generatorLosses;
  return new Set(
    rows.flatMap(({ name, stages, needs }) => (stages.includes(stage) && generator[name] > 0 ? needs : [])),
  );
}

/** The critics whose scores have a weight; nothing needs another one, so it is not trained. */
export function criticsWanted(weights: LossWeights): CriticName[] {
  const needs = needsOf(weights, 'student');
  return (['D', 'localD'] as const).filter((critic) => needs.has(critic));
}

/** Whether a student learns anything from a teacher. */
export function teacherWanted(weights: LossWeights): boolean {
  return needsOf(weights, 'student').has('teacher');
}

/** @throws UtadError bad-configuration when nothing that a stage's generator could learn from has a weight. */
export function requireTerm(weights: LossWeights, stage: Stage): void {
  const losses = generatorLossesOf(weights, stage);
  if (losses.some(({ weight }) => weight > 0)) return;
  fail('bad-configuration', {
    where: 'losses.generator',
    expected: `a weight above 0 for a term of the ${stage} (${losses.map(({ name }) => name).join(', ')})`,
    got: 'none',
  });
}

/** The error against the truth, of which a share forgives each slice's scale and shift. */
function truthLoss({
  truth,
  truthError,
  translated,
  pixelWeights,
  inside,
  scaleShiftInvariance: forgiving,
}: GeneratorPass): Node {
  const { image, weight } = truth();
  const [pixels, known] = [pixelWeights(), inside()];
  const error = (guess: Node): Node => {
    if (known === undefined) return sharedError(truthError, guess, image, weight, pixels);
    const weights = pixels === undefined ? known : multiply(known, pixels);
    return knownError(truthError, guess, image, weight, weights);
  };
  if (forgiving === 0) return error(translated.image);
  const adjusted = scaledAndShifted(translated.image, image, known ?? everywhere(image));
  if (forgiving === 1) return error(adjusted);
  return add(scale(error(adjusted), forgiving), scale(error(translated.image), 1 - forgiving));
}

/** Ones of the shape of slices. */
function everywhere(slices: Node): Node {
  return constant(new Float32Array(sizeOf(slices.shape)).fill(1), slices.shape);
}

/** Mean absolute error of whole slices, by the weights of their pixels where there are any. */
function wholeError({ pixelWeights }: GeneratorPass, a: Node, b: Node): Node {
  const weights = pixelWeights();
  return weights === undefined ? meanAbsoluteError(a, b) : weightedAbsoluteError(a, b, weights);
}
