import type { Container } from '../api/kinds.generated.ts'
import { latestContainer, type ObservedPod } from './observed-pod.ts'
import { isSidecar, type KubeletPod } from './pod-containers.ts'

/** Whether a container that ended with the code is to run again, by its own rules, its own policy, or the pod's. */
export function restartsAfter(pod: KubeletPod, container: Container, exitCode: number): boolean {
  for (const { action, exitCodes } of container.restartPolicyRules ?? []) {
    const listed = exitCodes?.values?.includes(exitCode) ?? false
    const matches = exitCodes?.operator === 'In' ? listed : exitCodes?.operator === 'NotIn' && !listed
    if (matches && action === 'Restart') return true
  }
  const init = pod.spec.initContainers?.some(({ name }) => name === container.name) ?? false
  if (init && !isSidecar(container) && container.restartPolicy === undefined)
    return pod.spec.restartPolicy !== 'Never' && exitCode !== 0
  switch (container.restartPolicy ?? pod.spec.restartPolicy ?? 'Always') {
    case 'Never':
      return false
    case 'OnFailure':
      return exitCode !== 0
    default:
      return true
  }
}

/** Whether a container that must stop (a failed probe) is started again. */
export function restartsOnFailure(pod: KubeletPod, container: Container): boolean {
  return (container.restartPolicy ?? pod.spec.restartPolicy) !== 'Never'
}

/** Kubernetes' ShouldContainerBeRestarted: true also for one that never ran. Nothing starts in a pod that is being deleted. */
export function shouldStart(pod: KubeletPod, container: Container, observed: ObservedPod): boolean {
  if (pod.metadata.deletionTimestamp !== undefined) return false
  const latest = latestContainer(observed, container.name)
  if (latest === undefined) return true
  if (latest.state === 'running') return false
  if (latest.state !== 'exited') return true
  return restartsAfter(pod, container, latest.exitCode ?? 0)
}
