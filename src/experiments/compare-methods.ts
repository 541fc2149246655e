import { type BaselineName, baselines } from '../evaluate/baselines.js';
import { rivals } from '../methods/rivals.js';

/** What a row of the comparison is, for people. */
interface MethodWords {
  /** Short name for tables. */
  readonly label: string;
  readonly what: string;
}

/** The networks that are compared, in the order of tables; the keys are those of `--methods` and of the report. */
export const methods = {
  ...rivals,
  teacher: {
    label: 'teacher',
    what: 'UTAD-Net’s teacher, which is given the true mask also when it is evaluated; in use there is none',
  },
  student: {
    label: 'student',
    what: 'UTAD-Net as published: half of the budget trains a teacher, the other half its student, which needs no mask',
  },
  ours: {
    label: 'ours',
    what: 'a teacher and its student with the options of this project that the publication has not',
  },
  'no-distillation': {
    label: '− distillation',
    what: 'ablation: the student’s network and losses from scratch, without a teacher and its two losses',
  },
  'no-feature': {
    label: '− feature loss',
    what: 'ablation: the student is taught by its teacher’s output alone',
  },
  'no-output': {
    label: '− output loss',
    what: 'ablation: the student is taught by its teacher’s bottleneck alone',
  },
} as const satisfies Readonly<Record<string, MethodWords>>;

/** Key of a network that is compared. */
export type MethodName = keyof typeof methods;

/** All of them in the order of tables. */
export const methodNames = Object.keys(methods) as readonly MethodName[];

/** Key of a row of the tables. */
export type RowName = MethodName | BaselineName;

/** The words of a row. */
export function wordsOf(row: RowName): MethodWords {
  if (isMethod(row)) return methods[row];
  return { label: baselines[row].head, what: baselines[row].meaning };
}

function isMethod(row: RowName): row is MethodName {
  return row in methods;
}

/** What the others are compared with, patient by patient. */
export const referenceMethod = 'student' satisfies MethodName;

/** Whether a network learns one pair of modalities only. */
export function isPairOnly(method: MethodName): boolean {
  return 'pairOnly' in methods[method] && methods[method].pairOnly === true;
}
