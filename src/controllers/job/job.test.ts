import { describe, expect, it } from 'vitest'
import type { Job, JobSpec, JobStatus, Pod } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import type { Action } from '../action.ts'
import { brief, ownedBy, sampleMeta, sampleNowMs, samplePod, secondsAgo } from '../sample-objects.ts'
import { type ObservedJob, reconcileJob } from './job.ts'
import { indexAnnotation, trackingFinalizer } from './job-pods.ts'
import { reconcileJobTtl, reconcileTrackedPod } from './job-ttl.ts'

const labels = { app: 'web' }

function jobOf(spec: Partial<JobSpec> = {}, status: JobStatus = {}): Stored<Job> {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: sampleMeta('work'),
    spec: {
      parallelism: 1,
      completions: 1,
      backoffLimit: 6,
      suspend: false,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } },
      ...spec,
    },
    status: { startTime: secondsAgo(600), ...status },
  }
}

function podOf(
  name: string,
  phase: string,
  more: Readonly<{ index?: number; endedSeconds?: number; tracked?: boolean; exitCode?: number }> = {},
) {
  const { index, endedSeconds = 300, tracked = true, exitCode = phase === 'Failed' ? 1 : 0 } = more
  const ended = phase === 'Succeeded' || phase === 'Failed'
  const terminated = { exitCode, finishedAt: secondsAgo(endedSeconds) }
  const container = { name: 'c', image: 'i', imageID: '', ready: !ended, restartCount: 0 }
  return samplePod(name, {
    metadata: {
      labels,
      ...ownedBy(kinds.jobs, jobOf()),
      finalizers: tracked ? [trackingFinalizer] : [],
      annotations: index === undefined ? {} : { [indexAnnotation]: String(index) },
    },
    status: { phase, containerStatuses: [ended ? { ...container, state: { terminated } } : container] },
  })
}

function observed(job: Stored<Job>, pods: readonly Stored<Pod>[] = []): ObservedJob {
  return { nowMs: sampleNowMs, job, pods }
}

function statusOf(actions: readonly Action[]): JobStatus {
  const action = actions.find(({ type }) => type === 'updateStatus')
  return action?.type === 'updateStatus' ? (action.object.status as JobStatus) : {}
}

const indexed = { completionMode: 'Indexed', completions: 3, parallelism: 2 }
const exit42 = { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }] }
const ignore42 = { rules: [{ action: 'Ignore', onExitCodes: { operator: 'In', values: [42] } }] }

/** What is done, and the types of the conditions that hold afterwards. */
const cases: readonly (readonly [string, ObservedJob, readonly string[], readonly string[]])[] = [
  [
    'makes as many pods as may run at once',
    observed(jobOf({ completions: 5, parallelism: 2 })),
    ['create pods', 'create pods'],
    [],
  ],
  [
    'makes no more pods than are still to succeed',
    observed(jobOf({ completions: 3, parallelism: 5 }, { succeeded: 2 })),
    ['create pods'],
    [],
  ],
  [
    'deletes what is too much',
    observed(jobOf({ parallelism: 1, completions: 2 }), [podOf('a', 'Running'), podOf('b', 'Pending')]),
    ['delete pods/b'],
    [],
  ],
  [
    'counts a success before its pod may go, and then ends',
    observed(jobOf(), [podOf('a', 'Succeeded')]),
    ['patch pods/a'],
    ['SuccessCriteriaMet'],
  ],
  [
    'ends when all is counted',
    observed(
      jobOf(
        {},
        {
          uncountedTerminatedPods: { succeeded: ['uid-a'] },
          conditions: [{ type: 'SuccessCriteriaMet', status: 'True' }],
        },
      ),
      [podOf('a', 'Succeeded', { tracked: false })],
    ),
    ['event Completed: Job completed'],
    ['SuccessCriteriaMet', 'Complete'],
  ],
  [
    'waits 10 s after a failure',
    observed(jobOf(), [podOf('a', 'Failed', { endedSeconds: 4 })]),
    ['patch pods/a', 'requeue 6000'],
    [],
  ],
  [
    'waits twice as long after a second',
    observed(jobOf({}, { failed: 1 }), [
      podOf('a', 'Failed', { endedSeconds: 30, tracked: false }),
      podOf('b', 'Failed', { endedSeconds: 4, tracked: false }),
    ]),
    ['requeue 16000'],
    [],
  ],
  [
    'tries again when the pause is over',
    observed(jobOf({}, { failed: 1 }), [podOf('a', 'Failed', { tracked: false })]),
    ['create pods'],
    [],
  ],
  [
    'fails beyond its backoff limit',
    observed(jobOf({ backoffLimit: 0 }), [podOf('a', 'Failed')]),
    ['patch pods/a'],
    ['FailureTarget'],
  ],
  [
    'ends its pods at its deadline',
    observed(jobOf({ activeDeadlineSeconds: 600 }), [podOf('a', 'Running')]),
    ['delete pods/a', 'patch pods/a'],
    ['FailureTarget'],
  ],
  [
    'looks again at its deadline',
    observed(jobOf({ activeDeadlineSeconds: 700 }), [podOf('a', 'Running')]),
    ['requeue 100000'],
    [],
  ],
  [
    'deletes its pods when suspended',
    observed(jobOf({ suspend: true }), [podOf('a', 'Running')]),
    ['event Suspended: Job suspended', 'delete pods/a'],
    ['Suspended'],
  ],
  [
    'starts anew when resumed',
    observed(jobOf({}, { conditions: [{ type: 'Suspended', status: 'True' }] })),
    ['event Resumed: Job resumed', 'create pods'],
    [],
  ],
  [
    'fails by exit code',
    observed(jobOf({ podFailurePolicy: exit42 }), [podOf('a', 'Failed', { exitCode: 42 })]),
    ['patch pods/a'],
    ['FailureTarget'],
  ],
  [
    'makes the lowest indexes that are missing',
    observed(jobOf(indexed, { completedIndexes: '0' }), [podOf('b', 'Running', { index: 1 })]),
    ['create pods'],
    [],
  ],
  [
    'gives up the second pod of an index',
    observed(jobOf(indexed), [podOf('a', 'Running', { index: 1 }), podOf('b', 'Running', { index: 1 })]),
    ['delete pods/b'],
    [],
  ],
  [
    'ends by its success policy',
    observed(jobOf({ ...indexed, successPolicy: { rules: [{ succeededIndexes: '0' }] } }), [
      podOf('a', 'Succeeded', { index: 0 }),
      podOf('b', 'Running', { index: 1 }),
    ]),
    ['delete pods/b', 'patch pods/a', 'patch pods/b'],
    ['SuccessCriteriaMet'],
  ],
  [
    'gives an index up',
    observed(jobOf({ ...indexed, completions: 1, backoffLimitPerIndex: 0 }), [podOf('a', 'Failed', { index: 0 })]),
    ['patch pods/a'],
    ['FailureTarget'],
  ],
  ['leaves finished jobs alone', observed(jobOf({}, { conditions: [{ type: 'Complete', status: 'True' }] })), [], []],
  ['leaves jobs to other managers', observed(jobOf({ managedBy: 'acme.io/batch' })), [], []],
]

describe('a Job', () => {
  it.each(cases)('%s', (_name, state, expected, conditions) => {
    const actions = reconcileJob(state)
    expect(brief(actions.filter(({ type }) => type !== 'updateStatus'))).toEqual(expected)
    const holding = (statusOf(actions).conditions ?? []).filter(({ status }) => status === 'True')
    expect(holding.map(({ type }) => type)).toEqual(conditions)
  })

  it('writes uids before it lets pods go, and counts them when they have gone', () => {
    const first = reconcileJob(observed(jobOf({ completions: 3 }), [podOf('a', 'Succeeded'), podOf('b', 'Failed')]))
    expect(statusOf(first).uncountedTerminatedPods).toEqual({ succeeded: ['uid-a'], failed: ['uid-b'] })
    expect(first.findIndex(({ type }) => type === 'updateStatus')).toBeLessThan(
      first.findIndex(({ type }) => type === 'patch'),
    )
    const gone = [podOf('a', 'Succeeded', { tracked: false })]
    const second = reconcileJob(observed(jobOf({ completions: 3 }, statusOf(first)), gone))
    expect(statusOf(second)).toMatchObject({ succeeded: 1, failed: 1, uncountedTerminatedPods: {} })
  })

  it('counts a success once, also when its pod stays', () => {
    const known = { uncountedTerminatedPods: { succeeded: ['uid-a'] } }
    const actions = reconcileJob(observed(jobOf({ completions: 3 }, known), [podOf('a', 'Succeeded')]))
    expect(statusOf(actions)).toMatchObject(known)
    expect(statusOf(actions).succeeded).toBeUndefined()
  })

  it('tells indexes as runs', () => {
    const pods = [0, 2, 3, 4].map((index) => podOf(`p${index}`, 'Succeeded', { index }))
    const spec = { ...indexed, completions: 9 }
    expect(statusOf(reconcileJob(observed(jobOf(spec), pods)))).toMatchObject({
      completedIndexes: '0,2-4',
      succeeded: 4,
    })
  })

  it('gives the pod of an index its name, host name and environment', () => {
    const create = reconcileJob(observed(jobOf({ ...indexed, parallelism: 1 }))).find(({ type }) => type === 'create')
    expect(create).toMatchObject({
      object: {
        metadata: { generateName: 'work-0-', labels: { [indexAnnotation]: '0' }, finalizers: [trackingFinalizer] },
        spec: { hostname: 'work-0', containers: [{ env: [{ name: 'JOB_COMPLETION_INDEX' }] }] },
      },
    })
  })

  it('does not count failures that its policy ignores', () => {
    const pods = [podOf('a', 'Failed', { exitCode: 42 })]
    const actions = reconcileJob(observed(jobOf({ podFailurePolicy: ignore42 }), pods))
    expect(statusOf(actions).uncountedTerminatedPods).toEqual({})
  })

  it('writes nothing when nothing has changed', () => {
    const pods = [podOf('a', 'Running')]
    const status = statusOf(reconcileJob(observed(jobOf(), pods)))
    expect(reconcileJob(observed(jobOf({}, status), pods))).toEqual([])
  })
})

describe('the end of a Job', () => {
  const done = (seconds: number): JobStatus => ({
    conditions: [{ type: 'Complete', status: 'True', lastTransitionTime: secondsAgo(seconds) }],
  })
  const ttl: readonly (readonly [string, Stored<Job>, readonly string[]])[] = [
    ['is waited for', jobOf({ ttlSecondsAfterFinished: 60 }), []],
    ['leaves it for its time to live', jobOf({ ttlSecondsAfterFinished: 60 }, done(20)), ['requeue 40000']],
    ['has it deleted then', jobOf({ ttlSecondsAfterFinished: 60 }, done(60)), ['delete jobs/work']],
    ['leaves it for ever without one', jobOf({}, done(60)), []],
  ]
  it.each(ttl)('%s', (_name, job, expected) => {
    expect(brief(reconcileJobTtl({ job, nowMs: sampleNowMs }))).toEqual(expected)
  })

  it('frees pods that no job counts any more, and no others', () => {
    const pod = podOf('a', 'Failed')
    expect(brief(reconcileTrackedPod({ pod }))).toEqual(['patch pods/a'])
    expect(brief(reconcileTrackedPod({ pod, job: jobOf({}, done(1)) }))).toEqual(['patch pods/a'])
    expect(reconcileTrackedPod({ pod, job: jobOf() })).toEqual([])
  })
})
