import { equalJson } from '../../api/json-value.ts'
import type { ConfigMap, Namespace } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { type Action, create, update } from '../action.ts'
import { type Controller, type ControllerDeps, source } from '../run-controller.ts'
import { isActive } from './service-account.ts'

export type ObservedRootCa = Readonly<{
  namespace: Stored<Namespace>
  /** The ConfigMap kube-root-ca.crt of the namespace. */
  configMap?: Stored<ConfigMap>
  rootCaPem: string
}>

const name = 'kube-root-ca.crt'
const annotations = {
  'kubernetes.io/description':
    'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
}

/** Every active namespace has the cluster's CA in the ConfigMap kube-root-ca.crt. */
export function reconcileRootCa({ namespace, configMap, rootCaPem }: ObservedRootCa): readonly Action[] {
  if (!isActive(namespace)) return []
  const data = { 'ca.crt': rootCaPem }
  if (configMap === undefined) {
    return [create(kinds.configMaps, { metadata: { name, namespace: namespace.metadata.name, annotations }, data })]
  }
  const known = configMap.metadata.annotations ?? {}
  const isDescribed = Object.entries(annotations).every(([key, text]) => known[key] === text)
  if (equalJson(configMap.data, data) && isDescribed) return []
  const metadata = { ...configMap.metadata, annotations: { ...known, ...annotations } }
  return [update(kinds.configMaps, { ...configMap, metadata, data })]
}

export function rootCaPublisher({ informers }: ControllerDeps, rootCaPem: string): Controller<ObservedRootCa> {
  const namespaces = informers.of(kinds.namespaces)
  const configMaps = informers.of(kinds.configMaps)
  return {
    name: 'root-ca-cert-publisher',
    concurrency: 1,
    sources: [
      source(kinds.namespaces, ({ metadata }) => [metadata.name]),
      source(kinds.configMaps, ({ metadata }) => (metadata.name === name ? [metadata.namespace ?? ''] : [])),
    ],
    observe(key) {
      const namespace = namespaces.get(key)
      const configMap = configMaps.get(`${key}/${name}`)
      return namespace && { namespace, rootCaPem, ...(configMap === undefined ? {} : { configMap }) }
    },
    reconcile: reconcileRootCa,
  }
}
