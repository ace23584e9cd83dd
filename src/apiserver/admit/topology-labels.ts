import type { Binding, Pod } from '../../api/kinds.generated.ts'
import { groupResource, kinds } from '../../api/kinds.ts'
import { ok } from '../../api/result.ts'
import type { Store } from '../../store/store.ts'
import { withMeta } from '../object-meta.ts'
import { storeKey } from '../resource.ts'
import type { Mutate, Plugin } from './admission.ts'

const copied = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region']

/** A pod bears the zone and region of the node it is given (plugin PodTopologyLabels). */
export function podTopologyLabels(store: Store): Plugin {
  const mutate: Mutate = ({ kind, operation, subresource }, object) => {
    if (groupResource(kind) !== 'pods' || operation !== 'CREATE') return ok(object)
    const node = subresource === 'binding' ? target(object as unknown as Binding) : (object as Pod).spec?.nodeName
    if ((subresource !== undefined && subresource !== 'binding') || node === undefined || node === '') return ok(object)
    const labels = store.get(storeKey(kinds.nodes, '', node))?.object.metadata.labels ?? {}
    const found = Object.entries(labels).filter(([key]) => copied.includes(key))
    if (found.length === 0) return ok(object)
    return ok(withMeta(object, { labels: { ...object.metadata.labels, ...Object.fromEntries(found) } }))
  }
  return { mutate }
}

function target({ target: { kind, name } }: Binding): string | undefined {
  return kind === 'Node' ? name : undefined
}
