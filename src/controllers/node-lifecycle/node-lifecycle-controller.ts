import type { Node } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { isPodReady } from '../pod-state.ts'
import { type Controller, type ControllerDeps, changes, source } from '../run-controller.ts'
import { nodeDisruption } from './node-disruption.ts'
import { isNodeReady, nodeHealth, readyCondition } from './node-health.ts'
import { type ObservedNode, reconcileNode } from './node-lifecycle.ts'
import { taintsOf } from './taints.ts'

const leaseNamespace = 'kube-node-lease'

export function nodeLifecycleController({ informers, clock }: ControllerDeps): Controller<ObservedNode> {
  const nodes = informers.of(kinds.nodes)
  const pods = informers.of(kinds.pods)
  const leases = informers.of(kinds.leases)
  const health = nodeHealth()
  const disruption = nodeDisruption()
  const hear = (node: Stored<Node>): number => {
    const lease = leases.get(`${leaseNamespace}/${node.metadata.name}`)
    return health.heardMs(node, lease, clock.nowMs())
  }
  const changed = (before: Stored<Node> | undefined, after: Stored<Node> | undefined): readonly string[] => {
    const name = (after ?? before)?.metadata.name ?? ''
    if (!disruption.change(before, after)) return [name]
    if (!disruption.isTotal()) health.resetAll(clock.nowMs())
    return nodes.list().map(({ metadata }) => metadata.name)
  }
  return {
    name: 'node-controller',
    concurrency: 8,
    sources: [
      changes(kinds.nodes, changed),
      // A renewal is only noted: nothing is to be decided until none comes.
      source(kinds.leases, ({ metadata }) => {
        const node = metadata.namespace === leaseNamespace ? nodes.get(metadata.name) : undefined
        if (node !== undefined) hear(node)
        return []
      }),
      source(kinds.pods, (pod) => {
        const node = nodes.get(pod.spec.nodeName ?? '')
        return node !== undefined && !isNodeReady(node) && isPodReady(pod) ? [node.metadata.name] : []
      }),
    ],
    observe(key) {
      const node = nodes.get(key)
      if (node === undefined) return health.forget(key) ? { type: 'gone', name: key } : undefined
      const nowMs = clock.nowMs()
      const isTainted = taintsOf(node, 'NoExecute').length > 0
      const status = readyCondition(node)?.status
      const isLost = status === 'False' || status === 'Unknown'
      const wantsEviction = isLost && !isTainted && !disruption.isTotal()
      return {
        type: 'present',
        nowMs,
        node,
        heardMs: hear(node),
        isNew: health.isNew(node),
        pods: isNodeReady(node) ? [] : pods.indexed('node', key),
        isTotalDisruption: disruption.isTotal(),
        evictionWaitMs: wantsEviction ? disruption.takeMs(node, nowMs) : 0,
      }
    },
    reconcile: reconcileNode,
  }
}
