import type { Log } from '../ports/log.ts'
import type { CgroupResources, PodRuntime } from '../runtime/pod-runtime.ts'
import { leastShares, sharesOf } from './cpu-shares.ts'
import { allPods } from './pod-cgroup.ts'
import type { KubeletPod } from './pod-containers.ts'
import { podRequest, qosClass } from './qos-class.ts'

/**
 * Settings of the cgroups that hold the pods of each class. Guaranteed pods stand beside the two others: Burstable ones together weigh
 * what they ask for together, BestEffort ones next to nothing. All of them together have what the
 * node has for pods.
 */
export function qosTiers(pods: readonly KubeletPod[], limits: CgroupResources): ReadonlyMap<string, CgroupResources> {
  const asked = pods
    .filter((pod) => qosClass(pod) === 'Burstable')
    .reduce((sum, pod) => sum + podRequest(pod, 'cpu'), 0)
  return new Map<string, CgroupResources>([
    [allPods, limits],
    [`${allPods}/burstable`, { cpuShares: sharesOf(asked) }],
    [`${allPods}/besteffort`, { cpuShares: leastShares }],
  ])
}

export interface QosCgroups {
  /** What these pods ask for together is what counts from now on. Never waits. */
  update(pods: readonly KubeletPod[]): void
}

/** Told when what all pods together may have is kept to, or cannot be: with the failure. */
type OnEnforced = (failure: string | undefined) => void

/** Writes only what has changed, one after the other. */
export function makeQosCgroups(
  runtime: PodRuntime,
  limits: CgroupResources,
  log: Log,
  onEnforced: OnEnforced,
): QosCgroups {
  const written = new Map<string, string>()
  let tail = Promise.resolve()
  const write = async (path: string, resources: CgroupResources): Promise<void> => {
    const text = JSON.stringify(resources)
    if (written.get(path) === text) return
    const limited = await runtime.limitCgroup(path, resources)
    if (limited.ok) written.set(path, text)
    else log.warn('a class of pods could not be given its share', { path, message: limited.error.message })
    if (path === allPods) onEnforced(limited.ok ? undefined : limited.error.message)
  }
  return {
    update(pods) {
      for (const [path, resources] of qosTiers(pods, limits)) tail = tail.then(() => write(path, resources))
    },
  }
}
