import type { KubeletPod } from '../pod-containers.ts'
import type { ProbeType } from './probe-loop.ts'

/** Kubernetes' words for how a probe ended. */
export type ProbeResult = 'successful' | 'failed' | 'unknown'

export type ProbeCount = Readonly<{ labels: Readonly<Record<string, string>>; value: number }>

/** How often each probe ended how, for metrics. */
export interface ProbeCounts {
  add(pod: KubeletPod, container: string, type: ProbeType, result: ProbeResult): void
  forget(uid: string): void
  list(): readonly ProbeCount[]
}

const typeNames = { liveness: 'Liveness', readiness: 'Readiness', startup: 'Startup' } as const

export function makeProbeCounts(): ProbeCounts {
  const byPod = new Map<string, Map<string, ProbeCount>>()
  return {
    add({ metadata }, container, type, result) {
      const { name, namespace = '', uid } = metadata
      const own = byPod.get(uid) ?? new Map<string, ProbeCount>()
      byPod.set(uid, own)
      const key = `${container} ${type} ${result}`
      const labels = { container, namespace, pod: name, pod_uid: uid, probe_type: typeNames[type], result }
      own.set(key, { labels, value: (own.get(key)?.value ?? 0) + 1 })
    },
    forget: (uid) => void byPod.delete(uid),
    list: () => [...byPod.values()].flatMap((own) => [...own.values()]),
  }
}
