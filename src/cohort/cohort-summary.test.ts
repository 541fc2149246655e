import { describe, expect, it } from 'vitest';
import { fail } from '../base/errors.js';
import { cohortTable } from '../cli/cohort-table.js';
import { attempt } from '../jobs/attempt.js';
import type { JobOutcome } from '../jobs/job.js';
import { summarise } from './cohort-summary.js';
import type { TranslatePatientResult, Translation, TranslationResult } from './translation-job.js';
import type { TranslationPlan } from './translation-plan.js';

const wanted = (target: string): Translation => ({
  target,
  source: 't1',
  from: { path: '/data/t1.nii' },
  chosenBy: '--from',
  out: `/out/p/${target}.nii.gz`,
});
const result = (
  target: string,
  status: TranslationResult['status'],
  message?: string,
): TranslationResult => ({
  target,
  source: 't1',
  out: `/out/p/${target}.nii.gz`,
  chosenBy: '--from',
  status,
  ...(message === undefined ? {} : { message }),
});
const targets = ['t1ce', 't2', 'flair'];
const plan = {
  jobs: [{ id: 'p', run: { translations: targets.map(wanted) } }],
  untranslatable: [],
  complete: [],
} as unknown as TranslationPlan;

const summaryOf = (outcome: JobOutcome<TranslatePatientResult>) => summarise(plan, [outcome], '/out')[0]!;
const statuses = (outcome: JobOutcome<TranslatePatientResult>): string[] =>
  summaryOf(outcome).volumes.map(({ status }) => status);

describe('the summary of a data set', () => {
  it('tells of a patient whose disk was full what had been made before', async () => {
    const finished = [result('t1ce', 'translated'), result('t2', 'failed', 'no space')];
    const full = async (): Promise<TranslatePatientResult> =>
      fail('io', { where: 'disk', expected: 'space', got: 'none' });
    const outcome = await attempt('p', new AbortController().signal, full, () => ({
      translations: finished,
      warnings: [],
    }));
    expect(statuses(outcome)).toEqual(['translated', 'failed', 'stopped']);
    const summary = summaryOf(outcome);
    expect(summary).toMatchObject({
      status: 'failed',
      messages: ['disk: expected space, got none.', 'no space'],
    });
    expect(cohortTable([summary])).toContain('t1ce ← t1, t2 ← t1 (failed), flair ← t1 (stopped)');
  });

  it('tells of a patient who was stopped which volumes are there', async () => {
    const stop = new AbortController();
    stop.abort();
    const interrupted = async (): Promise<TranslatePatientResult> => {
      throw new Error('stopped');
    };
    const outcome = await attempt('p', stop.signal, interrupted, () => ({
      translations: [result('t1ce', 'kept'), result('t2', 'translated')],
      warnings: [],
    }));
    const summary = summaryOf(outcome);
    expect(summary.status).toBe('stopped');
    expect(summary.volumes.map(({ status }) => status)).toEqual(['kept', 'translated', 'stopped']);
    expect(cohortTable([summary])).toContain('t1ce ← t1 (kept), t2 ← t1 (translated), flair ← t1\n');
  });

  it('takes every volume of a process that broke for failed, and of one never begun for stopped', () => {
    const failure = { message: 'p: the process was ended', fatal: false };
    expect(statuses({ id: 'p', status: 'failed', seconds: 1, failure })).toEqual([
      'failed',
      'failed',
      'failed',
    ]);
    expect(statuses({ id: 'p', status: 'stopped' })).toEqual(['stopped', 'stopped', 'stopped']);
  });

  it('tells whether all was made or all was there', () => {
    const done = (...translations: TranslationResult[]): JobOutcome<TranslatePatientResult> => ({
      id: 'p',
      status: 'done',
      seconds: 1,
      result: { translations, warnings: ['dark'] },
    });
    const kept = summaryOf(done(...targets.map((one) => result(one, 'kept'))));
    expect(kept).toMatchObject({ status: 'kept', warnings: ['dark'] });
    const translated = done(result('flair', 'translated'), result('t1ce', 'kept'), result('t2', 'kept'));
    expect(summaryOf(translated).status).toBe('translated');
    expect(statuses(translated)).toEqual(['kept', 'kept', 'translated']);
  });
});
