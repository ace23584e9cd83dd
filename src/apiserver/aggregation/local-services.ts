import { groupPriority } from '../../api/group-priority.ts'
import { apiVersionOf, kinds } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Served } from '../served.ts'

const managedLabel = 'kube-aggregator.kubernetes.io/automanaged'
const aggregatorGroup = 'apiregistration.k8s.io'

/** The APIServices by which this server says what it serves itself; the aggregator's own group has none. */
export function localApiServices(served: Pick<Served, 'endpoints'>): readonly ApiObject[] {
  const own = [...served.endpoints().values()].filter(({ group }) => group !== aggregatorGroup)
  const versions = new Map(own.map(({ group, version }) => [`${version}.${group}`, { group, version }]))
  return [...versions].map(([name, { group, version }]) => ({
    apiVersion: apiVersionOf(kinds.apiServices),
    kind: kinds.apiServices.kind,
    metadata: { name, labels: { [managedLabel]: 'onstart' } },
    spec: { ...(group === '' ? {} : { group }), version, ...groupPriority({ group, version }) },
  }))
}
