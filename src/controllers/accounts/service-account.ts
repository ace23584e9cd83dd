import type { Namespace, ServiceAccount } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { type Action, create } from '../action.ts'
import { type Controller, type ControllerDeps, source } from '../run-controller.ts'

export type ObservedServiceAccounts = Readonly<{
  namespace: Stored<Namespace>
  /** The ServiceAccount 'default' of the namespace. */
  serviceAccount?: Stored<ServiceAccount>
}>

const name = 'default'

/** Every active namespace has the ServiceAccount 'default'. */
export function reconcileServiceAccounts(observed: ObservedServiceAccounts): readonly Action[] {
  const { namespace, serviceAccount } = observed
  if (serviceAccount !== undefined || !isActive(namespace)) return []
  return [create(kinds.serviceAccounts, { metadata: { name, namespace: namespace.metadata.name } })]
}

export function isActive({ metadata, status }: Stored<Namespace>): boolean {
  return metadata.deletionTimestamp === undefined && status.phase !== 'Terminating'
}

export function serviceAccountController({ informers }: ControllerDeps): Controller<ObservedServiceAccounts> {
  const namespaces = informers.of(kinds.namespaces)
  const serviceAccounts = informers.of(kinds.serviceAccounts)
  return {
    name: 'service-account-controller',
    concurrency: 1,
    sources: [
      source(kinds.namespaces, ({ metadata }) => [metadata.name]),
      source(kinds.serviceAccounts, ({ metadata }) => (metadata.name === name ? [metadata.namespace ?? ''] : [])),
    ],
    observe(key) {
      const namespace = namespaces.get(key)
      const serviceAccount = serviceAccounts.get(`${key}/${name}`)
      return namespace && { namespace, ...(serviceAccount === undefined ? {} : { serviceAccount }) }
    },
    reconcile: reconcileServiceAccounts,
  }
}
