import { matchesLabels } from '../api/label-selector.ts'
import type { HostPort, KeyedSelector, PodInfo } from './pod-info.ts'

/** How many pods of a node match which selectors, counted once for each selector and kept as pods come and go. */
export interface MatchCounts {
  step(pod: PodInfo, by: 1 | -1): void
  /** Pods of the namespace that match and are not terminating, among `pods` when the selector is new. */
  count(namespace: string, selector: KeyedSelector, pods: Iterable<PodInfo>): number
}

/** Selectors whose counts are kept for each node; beyond, all are forgotten and counted again. */
const maxCounts = 128

export function makeMatchCounts(): MatchCounts {
  const counts = new Map<string, { readonly namespace: string; readonly selector: KeyedSelector; count: number }>()
  return {
    step(pod, by) {
      for (const one of counts.values()) if (isCounted(pod, one.namespace, one.selector)) one.count += by
    },
    count(namespace, selector, pods) {
      // An empty selector counts nothing here, though elsewhere it matches all (countPodsMatchSelector).
      if (selector.selector === undefined || selector.selector.length === 0) return 0
      const key = `${namespace}/${selector.key}`
      const known = counts.get(key)
      if (known !== undefined) return known.count
      let count = 0
      for (const pod of pods) if (isCounted(pod, namespace, selector)) count++
      if (counts.size >= maxCounts) counts.clear()
      counts.set(key, { namespace, selector, count })
      return count
    },
  }
}

/** The host ports that a node's pods have taken. */
export interface PortCounts {
  step(ports: readonly HostPort[], by: 1 | -1): void
  /** The address 0.0.0.0 conflicts with every other. */
  isFree(port: HostPort): boolean
}

export function makePortCounts(): PortCounts {
  const counts = new Map<string, number>()
  return {
    step(ports, by) {
      for (const { ip, protocol, port } of ports) {
        const key = `${protocol}/${port}/${ip}`
        const count = (counts.get(key) ?? 0) + by
        if (count === 0) counts.delete(key)
        else counts.set(key, count)
      }
    },
    isFree({ ip, protocol, port }) {
      if (counts.size === 0) return true
      if (counts.has(`${protocol}/${port}/0.0.0.0`) || counts.has(`${protocol}/${port}/${ip}`)) return false
      if (ip !== '0.0.0.0') return true
      for (const key of counts.keys()) if (key.startsWith(`${protocol}/${port}/`)) return false
      return true
    },
  }
}

function isCounted(pod: PodInfo, namespace: string, { selector }: KeyedSelector): boolean {
  return pod.namespace === namespace && !pod.terminating && matchesLabels(selector, pod.labels)
}
