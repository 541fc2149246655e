import { z } from 'zod';
import { readJsonObject } from '../../base/json.node.js';
import { readConfiguration } from '../../base/read-configuration.js';

/** One word for sbatch: no line breaks, which would begin another line of the script. */
const word = z.string().regex(/^[^\r\n]+$/, 'one line of text');

export const slurmProfileSchema = z.strictObject({
  partition: word.optional(),
  account: word.optional(),
  qos: word.optional(),
  time: z
    .string()
    .regex(/^(\d+-)?\d+(:\d\d){0,2}$/, 'minutes, hours:minutes:seconds or days-hours:minutes:seconds')
    .optional()
    .describe('limit of a task; the partition’s own when left out'),
  memory: z
    .string()
    .regex(/^\d+[KMGT]?$/, 'a number with K, M, G or T, such as 8G')
    .optional()
    .describe('of a task'),
  cpus: z.int().min(1).default(1).describe('of a task'),
  gpus: z.int().min(0).default(0).describe('of a task'),
  tasks: z
    .int()
    .min(1)
    .max(100_000)
    .default(1000)
    .describe(
      'the most tasks of an array; below MaxArraySize of the cluster, which is 1001 where nobody raised it',
    ),
  atOnce: z
    .int()
    .min(1)
    .optional()
    .describe('tasks that may run at once; as many as the cluster gives when left out'),
  jobsPerTask: z.int().min(1).optional().describe('more where there would be too many tasks'),
  workers: z.int().min(1).default(1).describe('jobs at once in a task; they share its cpus'),
  attempts: z.int().min(1).default(3).describe('of a job that is lost or fails for a reason that may pass'),
  stops: z
    .int()
    .min(0)
    .default(50)
    .describe('how often a job may be preempted or run out of time, and go on'),
  noticeSeconds: z
    .int()
    .min(5)
    .max(3600)
    .default(90)
    .describe('how long before its limit a task is asked to stop'),
  jitterSeconds: z
    .number()
    .min(0)
    .max(600)
    .default(10)
    .describe('the most that a task waits before it begins, so that not all read the same files at once'),
  sbatch: z.array(word).default([]).describe('further options of sbatch'),
  setup: z.array(word).default([]).describe('lines of bash before the work: module load, export'),
  program: z
    .array(word)
    .min(1)
    .optional()
    .describe('how the program is called there; this program itself when left out'),
});

/** How tasks are asked for in a Slurm. */
export type SlurmProfile = Readonly<z.infer<typeof slurmProfileSchema>>;

/** Reads a profile. @throws UtadError not-found, bad-file, or bad-configuration naming the field. */
export async function readSlurmProfile(path: string): Promise<SlurmProfile> {
  return readConfiguration(slurmProfileSchema, await readJsonObject(path), path);
}
