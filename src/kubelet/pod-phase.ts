import type { Container, ContainerStatus } from '../api/kinds.generated.ts'
import { isSidecar, type KubeletPod } from './pod-containers.ts'
import { restartsAfter } from './restart-policy.ts'

export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed'

type Count = { pending: number; failed: number; running: number; waiting: number; unknown: number }
type Ended = { stopped: number; succeeded: number; restartable: number }

/** Kubernetes' getPhase. `terminal`: nothing of the pod will be started again. `started`: a regular container has run. */
export function podPhase(
  pod: KubeletPod,
  statuses: readonly ContainerStatus[],
  terminal: boolean,
  started: boolean,
): PodPhase {
  const { initContainers = [], containers } = pod.spec
  const statusOf = (container: Container) => statuses.find(({ name }) => name === container.name)
  const count: Count = { pending: 0, failed: 0, running: 0, waiting: 0, unknown: 0 }
  const ended: Ended = { stopped: 0, succeeded: 0, restartable: 0 }
  for (const container of initContainers) {
    if (isSidecar(container)) countSidecar(statusOf(container), started, count)
    else countInit(pod, container, statusOf(container), count)
  }
  for (const container of containers) countRegular(pod, container, statusOf(container), count, ended)
  if (count.failed > 0) return 'Failed'
  if (count.pending > 0 || count.waiting > 0) return 'Pending'
  if (count.unknown > 0) return 'Pending'
  if (count.running > 0) return 'Running'
  if (ended.stopped === 0) return 'Pending'
  if (!terminal && ended.restartable > 0) return 'Running'
  return ended.stopped === ended.succeeded ? 'Succeeded' : 'Failed'
}

function countInit(pod: KubeletPod, container: Container, status: ContainerStatus | undefined, count: Count): void {
  const ended = status?.state?.terminated ?? (status?.state?.waiting && status.lastState?.terminated)
  if (ended === undefined) count.pending += 1
  else if (ended.exitCode !== 0 && !restartsAfter(pod, container, ended.exitCode)) count.failed += 1
}

/** Once the pod runs, a sidecar that starts again does not put it back to Pending. */
function countSidecar(status: ContainerStatus | undefined, podStarted: boolean, count: Count): void {
  const { running, terminated, waiting } = status?.state ?? {}
  const pending = podStarted ? 0 : 1
  if (status === undefined) count.unknown += 1
  else if (running !== undefined) {
    if (!status.started) count.pending += pending
    count.running += 1
  } else if (terminated !== undefined) return
  else if (waiting === undefined) {
    count.pending += pending
    count.unknown += 1
  } else if (status.lastState?.terminated === undefined) {
    count.pending += pending
    count.waiting += 1
  }
}

function countRegular(
  pod: KubeletPod,
  container: Container,
  status: ContainerStatus | undefined,
  count: Count,
  ended: Ended,
): void {
  const { running, terminated, waiting } = status?.state ?? {}
  if (running !== undefined) count.running += 1
  else if (terminated !== undefined || (waiting !== undefined && status?.lastState?.terminated !== undefined)) {
    const exitCode = (terminated ?? status?.lastState?.terminated)?.exitCode ?? 0
    ended.stopped += 1
    if (restartsAfter(pod, container, exitCode)) ended.restartable += 1
    if (terminated !== undefined && exitCode === 0) ended.succeeded += 1
  } else if (waiting !== undefined) count.waiting += 1
  else count.unknown += 1
}
