import { describe, expect, it } from 'vitest'
import type { PodStatus } from '../api/kinds.generated.ts'
import { type PodStatusInput, podStatus } from './pod-status.ts'
import { statusPatch } from './status-patch.ts'
import { exited, noProbeResults, observed, testContainer, testInstance, testPod } from './test-pod.ts'

function statusOf(input: Partial<PodStatusInput>): PodStatus {
  const pod = input.pod ?? testPod()
  return podStatus({
    runtime: 'coracle',
    pod,
    observed: observed([]),
    failures: new Map(),
    terminationMessages: new Map(),
    probes: noProbeResults,
    before: pod.status,
    actuated: { containers: new Map() },
    deviceHealth: () => [],
    resize: {},
    hostIps: ['192.168.0.1'],
    terminal: false,
    nowMs: Date.UTC(2026, 0, 1),
    ...input,
  })
}

function conditionsOf({ conditions = [] }: PodStatus): Readonly<Record<string, string>> {
  return Object.fromEntries(
    conditions.map(({ type, status, reason }) => [type, reason ? `${status} ${reason}` : status]),
  )
}

it('tells which mounts are read-only all the way down', () => {
  const volumeMounts = [
    { name: 'a', mountPath: '/a', readOnly: true, recursiveReadOnly: 'IfPossible' },
    { name: 'b', mountPath: '/b', readOnly: true },
    { name: 'c', mountPath: '/c' },
  ]
  const pod = testPod({ containers: [testContainer('a', { volumeMounts })] })
  const status = statusOf({ pod, observed: observed([testInstance('a')]) })
  expect(status.containerStatuses?.[0]?.volumeMounts).toEqual([
    { name: 'a', mountPath: '/a', readOnly: true, recursiveReadOnly: 'Enabled' },
    { name: 'b', mountPath: '/b', readOnly: true, recursiveReadOnly: 'Disabled' },
    { name: 'c', mountPath: '/c' },
  ])
})

const side = testContainer('side', { restartPolicy: 'Always' })

const phases: readonly (readonly [string, Partial<PodStatusInput>, string])[] = [
  ['nothing has been made', {}, 'Pending'],
  ['a container runs', { observed: observed([testInstance('a')]) }, 'Running'],
  [
    'an init container runs',
    { pod: testPod({ initContainers: [testContainer('i')] }), observed: observed([testInstance('i')]) },
    'Pending',
  ],
  [
    'an init container has failed for good',
    {
      pod: testPod({ initContainers: [testContainer('i')], restartPolicy: 'Never' }),
      observed: observed([exited('i', 1)]),
    },
    'Failed',
  ],
  [
    'all ended well and stay so',
    { pod: testPod({ restartPolicy: 'Never' }), observed: observed([exited('a', 0)]) },
    'Succeeded',
  ],
  [
    'one ended badly and stays so',
    { pod: testPod({ restartPolicy: 'Never' }), observed: observed([exited('a', 1)]) },
    'Failed',
  ],
  ['what ended is restarted', { observed: observed([exited('a', 1)]) }, 'Running'],
  ['what ended will not be restarted', { observed: observed([exited('a', 1)]), terminal: true }, 'Failed'],
  [
    'a crash loop is waited out',
    { observed: observed([exited('a', 1)]), failures: new Map([['a', { reason: 'CrashLoopBackOff', message: 'm' }]]) },
    'Running',
  ],
  [
    'only a sidecar is left',
    {
      pod: testPod({ restartPolicy: 'Never', initContainers: [side] }),
      observed: observed([exited('side', 137), exited('a', 0)]),
    },
    'Succeeded',
  ],
  [
    'it was over before',
    { pod: testPod({}, {}, { phase: 'Succeeded' }), observed: observed([testInstance('a')]) },
    'Succeeded',
  ],
  [
    'the kubelet ended it',
    { observed: observed([exited('a', 0)]), verdict: { reason: 'DeadlineExceeded', message: 'm' } },
    'Failed',
  ],
]

describe('the status of a pod', () => {
  it.each(phases)('when %s', (_, input, phase) => {
    expect(statusOf(input).phase).toBe(phase)
  })

  it('names what is not ready', () => {
    const pod = testPod({ containers: [testContainer('a', { readinessProbe: {} }), testContainer('b')] })
    const status = statusOf({ pod, observed: observed([testInstance('a'), testInstance('b')]) })
    expect(status.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
      status: 'False',
      reason: 'ContainersNotReady',
      message: 'containers with unready status: [a]',
    })
    const ready = { ...noProbeResults, readiness: new Map([['a-0', 'success' as const]]) }
    expect(
      conditionsOf(statusOf({ pod, observed: observed([testInstance('a'), testInstance('b')]), probes: ready })),
    ).toEqual({
      PodReadyToStartContainers: 'True',
      Initialized: 'True',
      Ready: 'True',
      ContainersReady: 'True',
      PodScheduled: 'True',
    })
  })

  it('is not ready before its readiness gates are', () => {
    const pod = testPod({ readinessGates: [{ conditionType: 'example.com/lb' }] })
    const running = { pod, observed: observed([testInstance('a')]) }
    expect(statusOf(running).conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
      reason: 'ReadinessGatesNotReady',
      message: 'corresponding condition of pod readiness gate "example.com/lb" does not exist.',
    })
    const open = { conditions: [{ type: 'example.com/lb', status: 'True' }] }
    expect(conditionsOf(statusOf({ ...running, before: open })).Ready).toBe('True')
  })

  it('says of a completed pod that it is', () => {
    const pod = testPod({ restartPolicy: 'Never' })
    expect(conditionsOf(statusOf({ pod, observed: observed([exited('a', 0)]) }))).toMatchObject({
      Initialized: 'True PodCompleted',
      Ready: 'False PodCompleted',
      ContainersReady: 'False PodCompleted',
    })
  })

  it('keeps the last end of a container that waits for its restart', () => {
    const status = statusOf({
      observed: observed([exited('a', 7)]),
      failures: new Map([['a', { reason: 'CrashLoopBackOff', message: 'back-off' }]]),
      terminationMessages: new Map([['a-0', 'out of luck']]),
    })
    expect(status.containerStatuses?.[0]).toMatchObject({
      state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } },
      lastState: { terminated: { exitCode: 7, message: 'out of luck', containerID: 'coracle://a-0' } },
      restartCount: 0,
      ready: false,
    })
  })

  it('counts restarts and shows the one before', () => {
    const status = statusOf({ observed: observed([exited('a', 1), testInstance('a', { attempt: 1 })]) })
    expect(status.containerStatuses?.[0]).toMatchObject({
      restartCount: 1,
      state: { running: {} },
      lastState: { terminated: { exitCode: 1 } },
    })
  })

  it('keeps transition times while a condition holds', () => {
    const first = statusOf({ observed: observed([testInstance('a')]) })
    const later = statusOf({
      observed: observed([testInstance('a')]),
      before: first,
      nowMs: Date.UTC(2026, 0, 2),
    })
    expect(later).toEqual(first)
    expect(statusPatch('uid-1', first, later)).toBeUndefined()
  })

  it('is patched with what differs, and null for what is gone', () => {
    const before = statusOf({ pod: testPod({ containers: [testContainer('a', { readinessProbe: {} })] }) })
    const after = statusOf({ before, observed: observed([testInstance('a')]) })
    const { metadata, status } = statusPatch('uid-1', before, after) as {
      metadata: unknown
      status: { conditions: readonly { type: string; reason?: unknown }[] }
    }
    expect(metadata).toEqual({ uid: 'uid-1' })
    expect(status.conditions.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'True', reason: null })
    expect(status.conditions.some(({ type }) => type === 'PodScheduled')).toBe(false)
  })
})
