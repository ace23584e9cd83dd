import type { Pod } from '../../api/kinds.generated.ts'
import { apiVersionOf, type Kind, kinds } from '../../api/kinds.ts'
import { matchesLabels, selectorFromObject } from '../../api/label-selector.ts'
import { objectKey, type Stored } from '../../api/object.ts'
import { controllerOf } from '../owner.ts'
import { type Controller, type ControllerDeps, source } from '../run-controller.ts'
import { type ObservedBudget, reconcileBudget, type Scale } from './disruption.ts'

type Sized = Readonly<{ spec?: Readonly<{ replicas?: number }> }>

/** Whose pods have a size that a budget may be a share of. */
const sized: readonly Kind[] = [kinds.replicationControllers, kinds.deployments, kinds.replicaSets, kinds.statefulSets]

export function disruptionController({ informers, clock }: ControllerDeps): Controller<ObservedBudget> {
  const budgets = informers.of(kinds.podDisruptionBudgets)
  const pods = informers.of(kinds.pods)
  const owners = new Map(sized.map((kind) => [kind.kind, { kind, objects: informers.of(kind) }]))
  /** A Deployment stands for its ReplicaSets. */
  const scaleOfOwner = (namespace: string, owned: Stored<unknown>): Scale | undefined => {
    const reference = controllerOf(owned)
    const found = owners.get(reference?.kind ?? '')
    if (reference === undefined || found === undefined) return undefined
    if (apiVersionOf(found.kind) !== reference.apiVersion) return undefined
    const owner = found.objects.get(`${namespace}/${reference.name}`)
    if (owner === undefined || owner.metadata.uid !== reference.uid) return undefined
    const above = reference.kind === 'ReplicaSet' ? scaleOfOwner(namespace, owner) : undefined
    return above ?? { uid: reference.uid, replicas: (owner as Sized).spec?.replicas ?? 1 }
  }
  return {
    name: 'controllermanager',
    concurrency: 1,
    sources: [
      source(kinds.podDisruptionBudgets, (budget) => [objectKey(budget)]),
      source(kinds.pods, (pod) => keysOf(pod, budgets.indexed('namespace', pod.metadata.namespace ?? ''))),
      ...sized.map((kind) => source(kind, () => [])),
    ],
    observe(key) {
      const budget = budgets.get(key)
      if (budget === undefined) return undefined
      const { namespace = '' } = budget.metadata
      return {
        nowMs: clock.nowMs(),
        budget,
        pods: pods.indexed('namespace', namespace),
        scaleOf: (pod) => scaleOfOwner(namespace, pod),
      }
    },
    reconcile: reconcileBudget,
  }
}

function keysOf(pod: Stored<Pod>, budgets: readonly Stored<unknown>[]): readonly string[] {
  return budgets
    .filter((budget) => {
      const { spec } = budget as Readonly<{ spec?: Readonly<{ selector?: object }> }>
      const selector = selectorFromObject(spec?.selector)
      return selector.ok && matchesLabels(selector.value, pod.metadata.labels)
    })
    .map(objectKey)
}
