import { kinds } from '../../api/kinds.ts'
import { objectKey } from '../../api/object.ts'
import { controlledBy } from '../owner.ts'
import { type Controller, type ControllerDeps, changes, source } from '../run-controller.ts'
import { hasOwnEndpoints, selects, servicesOfChange, servicesOfPods } from './endpoint-pods.ts'
import {
  managedByLabel,
  type ObservedEndpointSlices,
  reconcileEndpointSlices,
  serviceNameLabel,
  sliceManager,
} from './endpoint-slices.ts'

const zoneLabel = 'topology.kubernetes.io/zone'

export function endpointSliceController({ informers }: ControllerDeps): Controller<ObservedEndpointSlices> {
  const services = informers.of(kinds.services)
  const pods = informers.of(kinds.pods)
  const nodes = informers.of(kinds.nodes)
  const slices = informers.of(kinds.endpointSlices)
  return {
    name: 'endpoint-slice-controller',
    concurrency: 5,
    sources: [
      source(kinds.services, (service) => [objectKey(service)]),
      changes(kinds.pods, (before, after) => servicesOfChange(services, before, after)),
      changes(kinds.nodes, (before, after) => {
        const isSame = before?.metadata.labels?.[zoneLabel] === after?.metadata.labels?.[zoneLabel]
        if (before !== undefined && after !== undefined && isSame) return []
        return servicesOfPods(services, pods.indexed('node', (after ?? before)?.metadata.name ?? ''))
      }),
      source(kinds.endpointSlices, ({ metadata: { namespace, labels = {} } }) =>
        labels[managedByLabel] === sliceManager ? [`${namespace}/${labels[serviceNameLabel]}`] : [],
      ),
    ],
    observe(key) {
      const service = services.get(key)
      if (service === undefined || !hasOwnEndpoints(service)) return undefined
      const { uid, namespace = '' } = service.metadata
      const selected = pods.indexed('namespace', namespace).filter((pod) => selects(service, pod))
      const names = new Set(selected.map(({ spec }) => spec.nodeName ?? ''))
      const known = [...names].flatMap((name) => nodes.get(name) ?? [])
      return {
        service,
        pods: selected,
        nodes: new Map(known.map((node) => [node.metadata.name, node])),
        slices: controlledBy(slices.indexed('owner', uid), uid).filter(
          ({ metadata }) => metadata.labels?.[managedByLabel] === sliceManager,
        ),
      }
    },
    reconcile: reconcileEndpointSlices,
  }
}
