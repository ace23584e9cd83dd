import { kinds } from '../../api/kinds.ts'
import { objectKey } from '../../api/object.ts'
import { type Controller, type ControllerDeps, source } from '../run-controller.ts'
import { mirrorManager, type ObservedMirror, reconcileMirror } from './endpoint-slice-mirroring.ts'
import { managedByLabel, serviceNameLabel } from './endpoint-slices.ts'

export function endpointSliceMirroringController({ informers }: ControllerDeps): Controller<ObservedMirror> {
  const services = informers.of(kinds.services)
  const endpoints = informers.of(kinds.endpoints)
  const slices = informers.of(kinds.endpointSlices)
  return {
    name: 'endpoint-slice-mirroring-controller',
    concurrency: 5,
    sources: [
      source(kinds.endpoints, (object) => [objectKey(object)]),
      source(kinds.services, (service) => [objectKey(service)]),
      source(kinds.endpointSlices, ({ metadata: { namespace, labels = {} } }) =>
        labels[managedByLabel] === mirrorManager ? [`${namespace}/${labels[serviceNameLabel]}`] : [],
      ),
    ],
    observe(key) {
      const [namespace = '', name] = key.split('/')
      const service = services.get(key)
      const known = endpoints.get(key)
      const own = slices
        .indexed('namespace', namespace)
        .filter(
          ({ metadata: { labels = {} } }) =>
            labels[managedByLabel] === mirrorManager && labels[serviceNameLabel] === name,
        )
      if (known === undefined && own.length === 0) return undefined
      return {
        ...(service === undefined ? {} : { service }),
        ...(known === undefined ? {} : { endpoints: known }),
        slices: own,
      }
    },
    reconcile: reconcileMirror,
  }
}
