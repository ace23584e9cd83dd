import type { Clock } from '../../ports/clock.ts'
import type { KubeletConfiguration } from '../configuration/kubelet-configuration.ts'
import type { KubeletPod } from '../pod-containers.ts'
import type { EndOrder, Rejection } from '../pod-parts.ts'
import { shutdownGroups, shutdownPeriods } from './shutdown-groups.ts'

/** How often is looked whether pods have ended: what they give back last is nobody's event. */
const lookMs = 100

export type ShutdownParts = Readonly<{
  running(): readonly KubeletPod[]
  end(uid: string, order: EndOrder): void
  isCleanedUp(uid: string): boolean
  /** What the API server is to know of the pod is written. */
  flushed(uid: string): Promise<void>
  /** The node is not ready any more, and says so. */
  announce(): void
}>

/** Ends pods before the node goes down, the least important first: Kubernetes' graceful node shutdown. */
export interface NodeShutdown {
  /** Why the node is not ready; undefined as long as it stays. */
  fault(): string | undefined
  /** Why it takes no pod any more. */
  refusal(): Rejection | undefined
  /** Resolves when the pods have ended, or their time is over. Without a period for it pods go on, and nothing happens. */
  run(parts: ShutdownParts): Promise<void>
}

const message = 'Pod was terminated in response to imminent node shutdown.'

export function makeNodeShutdown(clock: Clock, configuration: KubeletConfiguration): NodeShutdown {
  const periods = shutdownPeriods(configuration)
  let isUnderWay = false
  return {
    fault: () => (isUnderWay ? 'node is shutting down' : undefined),
    refusal: () =>
      isUnderWay ? { reason: 'NodeShutdown', message: 'Pod was rejected as the node is shutting down.' } : undefined,
    async run(parts) {
      if (periods.length === 0) return
      isUnderWay = true
      parts.announce()
      const pods = parts.running()
      for (const group of shutdownGroups(periods, pods)) {
        const deadlineMs = clock.monotonicMs() + group.seconds * 1000
        for (const pod of group.pods) {
          const graceSeconds = Math.min(group.seconds, pod.spec.terminationGracePeriodSeconds ?? group.seconds)
          parts.end(pod.metadata.uid, { reason: 'Terminated', message, graceSeconds, isDisruption: true })
        }
        const isOver = (): boolean => group.pods.every(({ metadata }) => parts.isCleanedUp(metadata.uid))
        while (!isOver() && clock.monotonicMs() < deadlineMs) await clock.sleep(lookMs)
      }
      await Promise.all(pods.map(({ metadata }) => parts.flushed(metadata.uid)))
    },
  }
}
