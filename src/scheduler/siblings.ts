import type { ReplicaSet, Service } from '../api/kinds.generated.ts'
import {
  matchesLabels,
  type Requirement,
  type Selector,
  selectorFromLabels,
  selectorFromObject,
} from '../api/label-selector.ts'
import { objectKey } from '../api/object.ts'
import type { Informer } from '../client/informer.ts'
import { type KeyedSelector, keyed, type PodInfo } from './pod-info.ts'

/**
 * Selects a pod and those that do the same work, by its services and its owner (pkg/scheduler helper.DefaultSelector): what pods are
 * spread by when they do not say themselves.
 */
export function siblingSelectors(
  services: Informer<Service>,
  replicaSets: Informer<ReplicaSet>,
): (pod: PodInfo) => KeyedSelector | undefined {
  const byNamespace = new Map<
    string,
    Map<string, Readonly<{ selector: Selector; labels: Readonly<Record<string, string>> }>>
  >()
  const set = (service: Service, present: boolean): void => {
    const namespace = service.metadata?.namespace ?? ''
    const known = byNamespace.get(namespace) ?? new Map()
    const labels = service.spec?.selector
    const key = objectKey({ metadata: service.metadata ?? {} })
    if (present && labels !== undefined && Object.keys(labels).length > 0)
      known.set(key, { selector: selectorFromLabels(labels), labels })
    else known.delete(key)
    byNamespace.set(namespace, known)
  }
  for (const service of services.list()) set(service, true)
  services.onChange((before, after) => {
    const service = after ?? before
    if (service !== undefined) set(service, after !== undefined)
  })

  return (pod) => {
    const labels: Record<string, string> = {}
    for (const service of byNamespace.get(pod.namespace)?.values() ?? []) {
      if (matchesLabels(service.selector, pod.labels)) Object.assign(labels, service.labels)
    }
    const requirements: readonly Requirement[] = [...selectorFromLabels(labels), ...ownerSelector(pod, replicaSets)]
    return requirements.length === 0 ? undefined : keyed(requirements)
  }
}

function ownerSelector({ pod, namespace }: PodInfo, replicaSets: Informer<ReplicaSet>): Selector {
  const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller === true)
  if (owner?.kind !== 'ReplicaSet') return []
  const parsed = selectorFromObject(replicaSets.get(`${namespace}/${owner.name}`)?.spec.selector)
  return parsed.ok ? (parsed.value ?? []) : []
}
