import { kinds } from '../../api/kinds.ts'
import { objectKey } from '../../api/object.ts'
import { type Controller, type ControllerDeps, changes, source } from '../run-controller.ts'
import { selects, servicesOfChange } from './endpoint-pods.ts'
import {
  endpointsAfterFailure,
  endpointsManagedByLabel,
  endpointsManager,
  type ObservedEndpoints,
  reconcileEndpoints,
} from './endpoints.ts'

export function endpointsController({ informers }: ControllerDeps): Controller<ObservedEndpoints> {
  const services = informers.of(kinds.services)
  const pods = informers.of(kinds.pods)
  const endpoints = informers.of(kinds.endpoints)
  return {
    name: 'endpoint-controller',
    concurrency: 5,
    sources: [
      source(kinds.services, (service) => [objectKey(service)]),
      changes(kinds.pods, (before, after) => servicesOfChange(services, before, after)),
      // Endpoints that somebody else has made, with no Service of their name, are none of ours.
      changes(kinds.endpoints, (before, after) => {
        const object = after ?? before
        const isOurs = object?.metadata.labels?.[endpointsManagedByLabel] === endpointsManager
        return object !== undefined && (isOurs || services.get(objectKey(object))) ? [objectKey(object)] : []
      }),
    ],
    observe(key) {
      const service = services.get(key)
      const known = endpoints.get(key)
      if (service === undefined && known === undefined) return undefined
      const { namespace = '' } = service?.metadata ?? {}
      return {
        ...(service === undefined ? {} : { service }),
        pods: service === undefined ? [] : pods.indexed('namespace', namespace).filter((pod) => selects(service, pod)),
        ...(known === undefined ? {} : { endpoints: known }),
      }
    },
    reconcile: reconcileEndpoints,
    afterFailure: endpointsAfterFailure,
  }
}
