import type { Node } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import { isNodeReady } from './node-health.ts'

/**
 * How much of the cluster is lost, and how fast nodes may be given up: where most of a zone is silent it is rather the network than the
 * nodes. Counts follow each change, so that asking costs nothing.
 */
export type NodeDisruption = Readonly<{
  /** True when the cluster has just lost its last ready node, or got its first one back. */
  change(before: Stored<Node> | undefined, after: Stored<Node> | undefined): boolean
  /** No node is ready: then none is given up. */
  isTotal(): boolean
  /** Milliseconds until a node of this zone may be given up; 0 takes the permission. */
  takeMs(node: Stored<Node>, nowMs: number): number
}>

type Zone = { ready: number; silent: number; nextMs: number }

/** kube-controller-manager's --node-eviction-rate, --secondary-node-eviction-rate, --unhealthy-zone-threshold, --large-cluster-size-threshold. */
const evictionEveryMs = 10_000
const secondaryEvictionEveryMs = 100_000
const unhealthyZoneThreshold = 0.55
const largeZoneNodes = 50
const lookAgainMs = 10_000

export function nodeDisruption(): NodeDisruption {
  const zones = new Map<string, Zone>()
  let ready = 0
  let silent = 0

  const count = (node: Stored<Node> | undefined, by: 1 | -1): void => {
    if (node === undefined || isExcluded(node)) return
    const zone = zoneOf(zones, node)
    if (isNodeReady(node)) {
      zone.ready += by
      ready += by
    } else {
      zone.silent += by
      silent += by
    }
  }
  const isTotal = (): boolean => ready === 0 && silent > 0
  return {
    isTotal,
    change(before, after) {
      const was = isTotal()
      count(before, -1)
      count(after, 1)
      return was !== isTotal()
    },
    takeMs(node, nowMs) {
      const zone = zoneOf(zones, node)
      const everyMs = intervalMs(zone)
      if (everyMs === undefined) return lookAgainMs
      if (nowMs < zone.nextMs) return zone.nextMs - nowMs
      zone.nextMs = nowMs + everyMs
      return 0
    },
  }
}

/** Undefined: not at all. */
function intervalMs({ ready, silent }: Zone): number | undefined {
  const isPartial = silent > 2 && silent / (silent + ready) >= unhealthyZoneThreshold && ready > 0
  if (!isPartial) return evictionEveryMs
  return ready + silent > largeZoneNodes ? secondaryEvictionEveryMs : undefined
}

function zoneOf(zones: Map<string, Zone>, { metadata: { labels = {} } }: Stored<Node>): Zone {
  const name = `${labels['topology.kubernetes.io/region'] ?? ''}/${labels['topology.kubernetes.io/zone'] ?? ''}`
  const known = zones.get(name)
  if (known !== undefined) return known
  const zone = { ready: 0, silent: 0, nextMs: 0 }
  zones.set(name, zone)
  return zone
}

function isExcluded({ metadata }: Stored<Node>): boolean {
  return metadata.labels?.['node.kubernetes.io/exclude-disruption'] !== undefined
}
