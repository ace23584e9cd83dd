import type { Node } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import { objectKey, type Stored } from '../../api/object.ts'
import { controlledBy, controllerKeys, controllerOf } from '../owner.ts'
import { type Controller, type ControllerDeps, changes, source } from '../run-controller.ts'
import { type ObservedDaemonSet, reconcileDaemonSet } from './daemon-set.ts'

export function daemonSetController({ informers, clock }: ControllerDeps): Controller<ObservedDaemonSet> {
  const daemonSets = informers.of(kinds.daemonSets)
  const pods = informers.of(kinds.pods)
  const nodes = informers.of(kinds.nodes)
  const revisions = informers.of(kinds.controllerRevisions)
  return {
    name: 'daemonset-controller',
    concurrency: 2,
    sources: [
      source(kinds.daemonSets, (daemonSet) => [objectKey(daemonSet)]),
      source(kinds.pods, (pod) => {
        if (controllerOf(pod) !== undefined) return controllerKeys(pod, kinds.daemonSets)
        return daemonSets.indexed('namespace', pod.metadata.namespace ?? '').map(objectKey)
      }),
      source(kinds.controllerRevisions, (revision) => controllerKeys(revision, kinds.daemonSets)),
      changes(kinds.nodes, (before, after) =>
        placement(before) === placement(after) ? [] : daemonSets.list().map(objectKey),
      ),
    ],
    observe(key) {
      const daemonSet = daemonSets.get(key)
      if (daemonSet?.spec === undefined) return undefined
      const { uid, namespace = '' } = daemonSet.metadata
      return {
        nowMs: clock.nowMs(),
        daemonSet: { ...daemonSet, spec: daemonSet.spec },
        nodes: nodes.list(),
        pods: [...controlledBy(pods.indexed('owner', uid), uid), ...pods.indexed('orphan', namespace)],
        revisions: controlledBy(revisions.indexed('owner', uid), uid),
      }
    },
    reconcile: reconcileDaemonSet,
  }
}

/** What of a node decides whether daemons run there: heartbeats do not. */
function placement(node: Stored<Node> | undefined): string {
  return node === undefined ? '' : JSON.stringify([node.metadata.uid, node.metadata.labels, node.spec.taints])
}
