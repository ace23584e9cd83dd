import { kinds } from '../../api/kinds.ts'
import { objectKey } from '../../api/object.ts'
import { controlledBy, controllerKeys, controllerOf } from '../owner.ts'
import { type Controller, type ControllerDeps, source } from '../run-controller.ts'
import { type ObservedStatefulSet, reconcileStatefulSet, statefulSetAfterFailure } from './stateful-set.ts'

export function statefulSetController({ informers, clock }: ControllerDeps): Controller<ObservedStatefulSet> {
  const sets = informers.of(kinds.statefulSets)
  const pods = informers.of(kinds.pods)
  const revisions = informers.of(kinds.controllerRevisions)
  const claims = informers.of(kinds.persistentVolumeClaims)
  return {
    name: 'statefulset-controller',
    concurrency: 5,
    sources: [
      source(kinds.statefulSets, (set) => [objectKey(set)]),
      source(kinds.pods, (pod) => {
        if (controllerOf(pod) !== undefined) return controllerKeys(pod, kinds.statefulSets)
        return sets.indexed('namespace', pod.metadata.namespace ?? '').map(objectKey)
      }),
      source(kinds.controllerRevisions, (revision) => controllerKeys(revision, kinds.statefulSets)),
      // Looked at, but of itself no reason to look.
      source(kinds.persistentVolumeClaims, () => []),
    ],
    observe(key) {
      const set = sets.get(key)
      if (set?.spec === undefined) return undefined
      const { uid, namespace = '' } = set.metadata
      return {
        nowMs: clock.nowMs(),
        set: { ...set, spec: set.spec },
        pods: [...controlledBy(pods.indexed('owner', uid), uid), ...pods.indexed('orphan', namespace)],
        revisions: controlledBy(revisions.indexed('owner', uid), uid),
        claimOf: (name) => claims.get(`${namespace}/${name}`),
      }
    },
    reconcile: reconcileStatefulSet,
    afterFailure: statefulSetAfterFailure,
  }
}
