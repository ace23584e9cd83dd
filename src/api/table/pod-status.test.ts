import { describe, expect, it } from 'vitest'
import type { ContainerStatus, Pod, PodSpec, PodStatus } from '../kinds.generated.ts'
import { type PodSummary, summarizePod } from './pod-status.ts'

function container(name: string, state: object, more: Partial<ContainerStatus> = {}): ContainerStatus {
  return { name, image: 'i', imageID: '', ready: false, restartCount: 0, state, ...more } as ContainerStatus
}

const running = { running: {} }
const ended = (exitCode: number, more: object = {}) => ({ terminated: { exitCode, ...more } })
const waiting = (reason: string) => ({ waiting: { reason } })
const ready = { ready: true }
const isTrue = (type: string) => ({ type, status: 'True' })

const spec: PodSpec = {
  containers: [{ name: 'a' }, { name: 'b' }],
  initContainers: [{ name: 'i' }, { name: 'side', restartPolicy: 'Always' }],
}
const doneInit = [container('i', ended(0)), container('side', running, { started: true, ready: true })]

type Case = readonly [name: string, status: PodStatus, is: Partial<PodSummary>, meta?: object]

/** Checked against the tables that kube-apiserver 1.36.1 answers with. */
const cases: readonly Case[] = [
  ['only a phase', { phase: 'Pending' }, { status: 'Pending', readyContainers: 0, totalContainers: 3 }],
  ['a reason', { phase: 'Failed', reason: 'Evicted' }, { status: 'Evicted' }],
  [
    'scheduling gates',
    { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] },
    { status: 'SchedulingGated' },
  ],
  [
    'an init container running',
    { phase: 'Pending', initContainerStatuses: [container('i', running)] },
    { status: 'Init:0/2' },
  ],
  [
    'an init container waiting',
    { phase: 'Pending', initContainerStatuses: [container('i', waiting('ImagePullBackOff'))] },
    { status: 'Init:ImagePullBackOff' },
  ],
  [
    'an init container about to start',
    { phase: 'Pending', initContainerStatuses: [container('i', waiting('PodInitializing'))] },
    { status: 'Init:0/2' },
  ],
  ['a failed init container', { initContainerStatuses: [container('i', ended(3))] }, { status: 'Init:ExitCode:3' }],
  [
    'a killed init container',
    { initContainerStatuses: [container('i', ended(3, { signal: 9 }))] },
    { status: 'Init:Signal:9' },
  ],
  [
    'a second init container that is not started',
    { initContainerStatuses: [container('i', ended(0)), container('side', running, { started: false })] },
    { status: 'Init:1/2' },
  ],
  [
    'everything running',
    {
      phase: 'Running',
      initContainerStatuses: doneInit,
      containerStatuses: [container('a', running, ready), container('b', running, ready)],
    },
    { status: 'Running', readyContainers: 3, totalContainers: 3 },
  ],
  [
    'the first container’s reason before the second’s',
    {
      phase: 'Running',
      containerStatuses: [container('a', waiting('CrashLoopBackOff')), container('b', waiting('ErrImagePull'))],
    },
    { status: 'CrashLoopBackOff' },
  ],
  [
    'one completed beside one that runs and is ready',
    {
      phase: 'Running',
      conditions: [isTrue('Ready')],
      containerStatuses: [container('a', ended(0, { reason: 'Completed' })), container('b', running, ready)],
    },
    { status: 'Running', readyContainers: 1 },
  ],
  [
    'one completed beside one that runs and is not ready',
    {
      phase: 'Running',
      containerStatuses: [container('a', ended(0, { reason: 'Completed' })), container('b', running, ready)],
    },
    { status: 'NotReady' },
  ],
  [
    'one completed beside one that failed',
    {
      phase: 'Failed',
      containerStatuses: [
        container('a', ended(0, { reason: 'Completed' })),
        container('b', ended(1, { reason: 'Error' })),
      ],
    },
    { status: 'Error' },
  ],
  [
    'a pod being deleted',
    { phase: 'Running' },
    { status: 'Terminating' },
    { deletionTimestamp: '2026-01-01T00:00:00Z' },
  ],
  [
    'a finished pod being deleted',
    { phase: 'Succeeded' },
    { status: 'Succeeded' },
    { deletionTimestamp: '2026-01-01T00:00:00Z' },
  ],
  [
    'a pod deleted from a lost node',
    { phase: 'Running', reason: 'NodeLost' },
    { status: 'Unknown' },
    { deletionTimestamp: '2026-01-01T00:00:00Z' },
  ],
  [
    'restarts, and the last one’s time',
    {
      phase: 'Running',
      initContainerStatuses: [container('i', ended(0), { restartCount: 5 }), doneInit[1] as ContainerStatus],
      containerStatuses: [
        container('a', running, { restartCount: 2, lastState: ended(1, { finishedAt: '2026-01-01T00:00:05Z' }) }),
        container('b', running, { restartCount: 1, lastState: ended(1, { finishedAt: '2026-01-01T00:00:01Z' }) }),
      ],
    },
    { restarts: 3, lastRestart: '2026-01-01T00:00:05Z' },
  ],
  [
    'restarts of init containers while initializing',
    { initContainerStatuses: [container('i', waiting('CrashLoopBackOff'), { restartCount: 4 })] },
    { restarts: 4, status: 'Init:CrashLoopBackOff' },
  ],
]

describe('the summary of a pod', () => {
  for (const [name, status, is, meta = {}] of cases) {
    it(`with ${name}`, () => {
      const pod: Pod = { metadata: { name: 'p', ...meta }, spec, status }
      expect(summarizePod(pod)).toMatchObject(is)
    })
  }
})
