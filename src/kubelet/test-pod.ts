import type { Container, PodSpec, PodStatus } from '../api/kinds.generated.ts'
import type { StoredMeta } from '../api/object.ts'
import type { Container as RuntimeContainer, Sandbox } from '../runtime/pod-runtime.ts'
import type { ObservedPod } from './observed-pod.ts'
import type { ProbeResults } from './pod-actions.ts'
import type { KubeletPod } from './pod-containers.ts'

/** Pods and what a runtime has of them, for tests: only what a test is about is spelled out. */
export function testPod(
  spec: Partial<PodSpec> = {},
  metadata: Partial<StoredMeta> = {},
  status: PodStatus = {},
): KubeletPod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'web',
      namespace: 'shop',
      uid: 'uid-1',
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      generation: 1,
      ...metadata,
    },
    spec: { containers: [testContainer('a')], restartPolicy: 'Always', ...spec },
    status,
  }
}

export function testContainer(name: string, more: Partial<Container> = {}): Container {
  return { name, image: 'img:1', imagePullPolicy: 'IfNotPresent', ...more }
}

export function testSandbox(more: Partial<Sandbox> = {}): Sandbox {
  return {
    id: 'sb-0',
    pod: { name: 'web', namespace: 'shop', uid: 'uid-1' },
    attempt: 0,
    state: 'ready',
    createdAtMs: 0,
    ips: ['10.0.0.1'],
    hostNetwork: false,
    ...more,
  }
}

export function testInstance(name: string, more: Partial<RuntimeContainer> = {}): RuntimeContainer {
  const attempt = more.attempt ?? 0
  return {
    id: `${name}-${attempt}`,
    sandboxId: 'sb-0',
    pod: { name: 'web', namespace: 'shop', uid: 'uid-1' },
    name,
    attempt,
    image: 'img:1',
    imageId: 'img@sha256:1',
    state: 'running',
    createdAtMs: attempt * 1000,
    startedAtMs: attempt * 1000,
    logPath: `/log/${name}/${attempt}.log`,
    tty: false,
    stdin: false,
    labels: {},
    ...more,
  }
}

export function exited(name: string, exitCode: number, more: Partial<RuntimeContainer> = {}): RuntimeContainer {
  return testInstance(name, { state: 'exited', exitCode, finishedAtMs: 10_000, ...more })
}

/** Newest first, as observePod gives them. */
export function observed(containers: readonly RuntimeContainer[], sandboxes = [testSandbox()]): ObservedPod {
  return { sandboxes, containers: [...containers].sort((a, b) => b.createdAtMs - a.createdAtMs) }
}

export const noProbeResults: ProbeResults = { liveness: new Map(), readiness: new Map(), startup: new Map() }
