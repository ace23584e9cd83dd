// Requests and limits of a whole pod where they are given in part: what containers ask for together. Kubernetes: PodLevelResources.
import type { JsonObject } from '../json-value.ts'
import { type Amounts, containersTotal, isPodLevelResource, resourceList } from '../resource-amounts.ts'
import { fill, structAt } from './rule.ts'

/** `spec` of a pod whose containers have their requests already. */
export function defaultPodResources(spec: JsonObject): JsonObject {
  const resources = structAt(spec, 'resources')
  const limits = structAt(resources, 'limits')
  const requests = structAt(resources, 'requests')
  if (Object.keys(limits).length === 0 && Object.keys(requests).length === 0) return spec
  const allLimits = fill(
    limits,
    pick(containersTotal(spec, 'limits'), (name) => isHugePage(name) && !(name in requests)),
  )
  if (Object.keys(allLimits).length === 0) return spec
  const fromContainers = pick(containersTotal(spec, 'requests'), (name) => name === 'cpu' || name === 'memory')
  const fromLimits = Object.fromEntries(Object.entries(allLimits).filter(([name]) => isPodLevelResource(name)))
  const allRequests = fill(fill(requests, fromContainers), fromLimits)
  if (allRequests === requests && allLimits === limits) return spec
  return { ...spec, resources: { ...resources, limits: allLimits, requests: allRequests } }
}

function isHugePage(name: string): boolean {
  return name.startsWith('hugepages-')
}

function pick(amounts: Amounts, wanted: (name: string) => boolean): JsonObject {
  return resourceList(new Map([...amounts].filter(([name]) => wanted(name))))
}
