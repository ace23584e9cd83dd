import { describe, expect, it } from 'vitest'
import { unreachable } from '../api/assert.ts'
import { type ActionInput, backOffKey, computePodActions, type ImageState } from './pod-actions.ts'
import { exited, noProbeResults, observed, testContainer, testInstance, testPod, testSandbox } from './test-pod.ts'

const nowMs = 20_000
const readyImages = new Map<string, ImageState>(
  ['a', 'b', 'i1', 'i2', 'side', 'debug'].map((name) => [name, { type: 'ready' }]),
)

/** The actions in short: 'start a#1', 'kill a-0', 'hold a CrashLoopBackOff'. */
function actionsOf(input: Partial<ActionInput>): readonly string[] {
  const full: ActionInput = {
    pod: testPod(),
    observed: observed([]),
    probes: noProbeResults,
    images: readyImages,
    crashes: new Map(),
    actuated: { containers: new Map() },
    nowMs,
    ...input,
  }
  return computePodActions(full).map((action) => {
    switch (action.type) {
      case 'run-sandbox':
        return `sandbox#${action.attempt}`
      case 'pull-image':
        return `pull ${action.container}`
      case 'start-container':
        return `start ${action.container}#${action.attempt}`
      case 'hold-container':
        return `hold ${action.container} ${action.reason}`
      case 'kill-container':
        return `kill ${action.id}: ${action.message}`
      case 'resize-pod':
        return `resize ${action.updates.map(({ container, resource }) => `${container}.${resource}`).join(' ')}`
      case 'kill-pod':
        return 'kill pod'
      case 'remove-container':
        return `remove ${action.id}`
      default:
        return unreachable(action)
    }
  })
}

const init = [testContainer('i1'), testContainer('i2')]
const sidecar = testContainer('side', { restartPolicy: 'Always' })
const gone = testSandbox({ state: 'not-ready' })
const crashed = (delayMs: number) => new Map([[backOffKey(testContainer('a')), { delayMs, updatedAtMs: 0 }]])

type Case = Readonly<{ says: string; input: Partial<ActionInput>; actions: readonly string[] }>

const cases: readonly Case[] = [
  {
    says: 'makes the sandbox of a new pod, then its containers',
    input: { pod: testPod({ containers: [testContainer('a'), testContainer('b')] }), observed: observed([], []) },
    actions: ['sandbox#0', 'start a#0', 'start b#0'],
  },
  {
    says: 'begins a new pod with its first init container alone',
    input: { pod: testPod({ initContainers: init }), observed: observed([], []) },
    actions: ['sandbox#0', 'start i1#0'],
  },
  {
    says: 'waits for an init container that runs',
    input: { pod: testPod({ initContainers: init }), observed: observed([testInstance('i1')]) },
    actions: [],
  },
  {
    says: 'starts the next init container when one has completed',
    input: { pod: testPod({ initContainers: init }), observed: observed([exited('i1', 0)]) },
    actions: ['start i2#0'],
  },
  {
    says: 'starts the regular containers when all init containers have completed',
    input: { pod: testPod({ initContainers: init }), observed: observed([exited('i1', 0), exited('i2', 0)]) },
    actions: ['start a#0'],
  },
  {
    says: 'knows from the last init container that the earlier ones were done',
    input: { pod: testPod({ initContainers: init }), observed: observed([exited('i2', 0)]) },
    actions: ['start a#0'],
  },
  {
    says: 'does not run init containers again while a regular container runs',
    input: { pod: testPod({ initContainers: init }), observed: observed([testInstance('a')]) },
    actions: [],
  },
  {
    says: 'runs a failed init container again',
    input: { pod: testPod({ initContainers: init }), observed: observed([exited('i1', 1)]) },
    actions: ['start i1#1'],
  },
  {
    says: 'ends the pod when an init container fails and nothing restarts',
    input: { pod: testPod({ initContainers: init, restartPolicy: 'Never' }), observed: observed([exited('i1', 1)]) },
    actions: ['kill pod'],
  },
  {
    says: 'goes on beside a sidecar that runs',
    input: { pod: testPod({ initContainers: [sidecar] }), observed: observed([testInstance('side')]) },
    actions: ['start a#0'],
  },
  {
    says: 'waits for the startup probe of a sidecar',
    input: {
      pod: testPod({ initContainers: [{ ...sidecar, startupProbe: {} }] }),
      observed: observed([testInstance('side')]),
    },
    actions: [],
  },
  {
    says: 'starts a sidecar again beside what runs',
    input: {
      pod: testPod({ initContainers: [sidecar] }),
      observed: observed([exited('side', 0), testInstance('a')]),
    },
    actions: ['start side#1'],
  },
  {
    says: 'ends a pod whose regular containers are done, sidecars or not',
    input: {
      pod: testPod({ initContainers: [sidecar], restartPolicy: 'OnFailure' }),
      observed: observed([testInstance('side'), exited('a', 0)]),
    },
    actions: ['kill pod'],
  },
  {
    says: 'restarts what ended, under Always',
    input: { observed: observed([exited('a', 0)]) },
    actions: ['start a#1'],
  },
  {
    says: 'restarts what failed, under OnFailure',
    input: { pod: testPod({ restartPolicy: 'OnFailure' }), observed: observed([exited('a', 3)]) },
    actions: ['start a#1'],
  },
  {
    says: 'restarts nothing under Never',
    input: {
      pod: testPod({ restartPolicy: 'Never', containers: [testContainer('a'), testContainer('b')] }),
      observed: observed([exited('a', 3), testInstance('b')]),
    },
    actions: [],
  },
  {
    says: "follows a container's own restart rules before the pod's policy",
    input: {
      pod: testPod({
        restartPolicy: 'Never',
        containers: [
          testContainer('a', {
            restartPolicy: 'Never',
            restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }],
          }),
        ],
      }),
      observed: observed([exited('a', 42)]),
    },
    actions: ['start a#1'],
  },
  {
    says: 'waits out a crash loop',
    input: { observed: observed([exited('a', 1, { finishedAtMs: 15_000 })]), crashes: crashed(10_000) },
    actions: ['hold a CrashLoopBackOff'],
  },
  {
    says: 'starts again when the back-off is over',
    input: { observed: observed([exited('a', 1, { finishedAtMs: 9_000 })]), crashes: crashed(10_000) },
    actions: ['start a#1'],
  },
  {
    says: 'forgets a back-off after ten minutes',
    input: {
      observed: observed([exited('a', 1, { finishedAtMs: 700_000 })]),
      crashes: crashed(300_000),
      nowMs: 700_001,
    },
    actions: ['start a#1'],
  },
  {
    says: 'kills and restarts what failed its liveness probe',
    input: {
      observed: observed([testInstance('a')]),
      probes: { ...noProbeResults, liveness: new Map([['a-0', 'failure']]) },
    },
    actions: ['kill a-0: Container a failed liveness probe, will be restarted', 'start a#1'],
  },
  {
    says: 'kills and leaves dead what failed its startup probe under Never',
    input: {
      pod: testPod({ restartPolicy: 'Never', containers: [testContainer('a'), testContainer('b')] }),
      observed: observed([testInstance('a'), testInstance('b')]),
      probes: { ...noProbeResults, startup: new Map([['a-0', 'failure']]) },
    },
    actions: ['kill a-0: Container a failed startup probe'],
  },
  {
    says: 'restarts a container whose image has changed, whatever the policy',
    input: {
      pod: testPod({ restartPolicy: 'Never', containers: [testContainer('a', { image: 'img:2' })] }),
      observed: observed([testInstance('a')]),
    },
    actions: ['kill a-0: Container a definition changed, will be restarted', 'start a#1'],
  },
  {
    says: 'makes everything anew when the sandbox is gone, init containers first',
    input: {
      pod: testPod({ initContainers: init }),
      observed: observed([exited('i1', 0), exited('i2', 0), exited('a', 137)], [gone]),
    },
    actions: ['kill pod', 'remove i1-0', 'remove i2-0', 'sandbox#1', 'start i1#0'],
  },
  {
    says: 'makes no new sandbox for a pod that never restarts',
    input: { pod: testPod({ restartPolicy: 'Never' }), observed: observed([exited('a', 0)], [gone]) },
    actions: ['kill pod'],
  },
  {
    says: 'makes a new sandbox where the old one never got an address',
    input: { observed: observed([], [testSandbox({ ips: [] })]) },
    actions: ['kill pod', 'sandbox#1', 'start a#0'],
  },
  {
    says: 'pulls an image that is not there, and starts the others meanwhile',
    input: {
      pod: testPod({ containers: [testContainer('a'), testContainer('b')] }),
      images: new Map<string, ImageState>([
        ['a', { type: 'must-pull' }],
        ['b', { type: 'ready' }],
      ]),
    },
    actions: ['pull a', 'start b#0'],
  },
  {
    says: 'does nothing for an image that is on its way',
    input: { images: new Map<string, ImageState>([['a', { type: 'pulling' }]]) },
    actions: [],
  },
  {
    says: 'waits before it pulls again',
    input: { images: new Map<string, ImageState>([['a', { type: 'failed', message: 'no', retryAtMs: nowMs + 1 }]]) },
    actions: ['hold a ImagePullBackOff'],
  },
  {
    says: 'pulls again when the wait is over',
    input: { images: new Map<string, ImageState>([['a', { type: 'failed', message: 'no', retryAtMs: nowMs }]]) },
    actions: ['pull a'],
  },
  {
    says: 'starts nothing in a pod that is being deleted',
    input: {
      pod: testPod(
        { containers: [testContainer('a'), testContainer('b')] },
        { deletionTimestamp: '2026-01-01T00:00:00Z' },
      ),
      observed: observed([exited('a', 1), testInstance('b')]),
    },
    actions: [],
  },
  {
    says: 'starts an ephemeral container once, and never again',
    input: {
      pod: testPod({ ephemeralContainers: [testContainer('debug')] }),
      observed: observed([testInstance('a')]),
    },
    actions: ['start debug#0'],
  },
  {
    says: 'leaves an ephemeral container that has ended alone',
    input: {
      pod: testPod({ ephemeralContainers: [testContainer('debug')] }),
      observed: observed([testInstance('a'), exited('debug', 1)]),
    },
    actions: [],
  },
  {
    says: 'changes what runs as it was granted: what shrinks first, memory before the processor',
    input: {
      pod: testPod({
        containers: [
          testContainer('a', { resources: { limits: { cpu: '20m', memory: '30Mi' }, requests: { cpu: '20m' } } }),
          testContainer('b', { resources: { limits: { cpu: '10m', memory: '10Mi' } } }),
        ],
      }),
      observed: observed([testInstance('a'), testInstance('b')]),
      actuated: {
        containers: new Map([
          ['a-0', { limits: { cpu: '10m', memory: '20Mi' }, requests: { cpu: '10m' } }],
          ['b-0', { limits: { cpu: '20m', memory: '20Mi' } }],
        ]),
      },
    },
    actions: ['resize b.memory a.memory b.cpu a.cpu'],
  },
  {
    says: 'starts a container again that cannot change while it runs',
    input: {
      pod: testPod({
        containers: [
          testContainer('a', {
            resources: { limits: { memory: '30Mi' } },
            resizePolicy: [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }],
          }),
        ],
      }),
      observed: observed([testInstance('a')]),
      actuated: { containers: new Map([['a-0', { limits: { memory: '20Mi' } }]]) },
    },
    actions: ['kill a-0: Container a resize requires restart', 'resize ', 'start a#1'],
  },
  {
    says: 'changes nothing where only the writing differs',
    input: {
      pod: testPod({ containers: [testContainer('a', { resources: { limits: { cpu: '1000m' } } })] }),
      observed: observed([testInstance('a')]),
      actuated: { containers: new Map([['a-0', { limits: { cpu: '1' } }]]) },
    },
    actions: [],
  },
]

describe('what a pod needs next', () => {
  it.each(cases)('$says', ({ input, actions }) => {
    expect(actionsOf(input)).toEqual(actions)
  })

  it('words a crash loop as the original does', () => {
    const [hold] = computePodActions({
      pod: testPod(),
      observed: observed([exited('a', 1, { finishedAtMs: 15_000 })]),
      probes: noProbeResults,
      images: readyImages,
      crashes: crashed(160_000),
      actuated: { containers: new Map() },
      nowMs,
    })
    expect(hold).toMatchObject({
      message: 'back-off 2m40s restarting failed container=a pod=web_shop(uid-1)',
      untilMs: 175_000,
    })
  })
})
