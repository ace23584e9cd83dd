import { equalJson } from '../../api/json-value.ts'
import type { ConfigMap, Secret } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { type Action, requeue, update } from '../action.ts'
import { type Controller, type ControllerDeps, source } from '../run-controller.ts'
import { isBootstrapToken, readBootstrapToken } from './bootstrap-token.ts'

/** A detached JWS of the content by HMAC: who holds the token knows that the content is the cluster's. */
export type SignDetached = (content: string, keyId: string, secret: string) => string

export type ObservedClusterInfo = Readonly<{
  configMap: Stored<ConfigMap>
  secrets: readonly Stored<Secret>[]
  nowMs: number
  sign: SignDetached
}>

const [namespace, name] = ['kube-public', 'cluster-info']
const signaturePrefix = 'jws-kubeconfig-'

/** The kubeconfig in kube-public/cluster-info is signed by every token that may, and by no other. */
export function reconcileClusterInfo({ configMap, secrets, nowMs, sign }: ObservedClusterInfo): readonly Action[] {
  const { data = {} } = configMap
  const content = data.kubeconfig
  if (content === undefined) return []
  const tokens = secrets.map(readBootstrapToken).filter(({ maySign, endMs }) => maySign && (endMs ?? nowMs + 1) > nowMs)
  const kept = Object.entries(data).filter(([key]) => !key.startsWith(signaturePrefix))
  const signed = tokens.map(({ id, secret }) => [`${signaturePrefix}${id}`, sign(content, id, secret)] as const)
  const wanted = Object.fromEntries([...kept, ...signed])
  const ends = tokens.flatMap(({ endMs }) => (endMs === undefined ? [] : [requeue(endMs - nowMs)]))
  return equalJson(data, wanted) ? ends : [update(kinds.configMaps, { ...configMap, data: wanted }), ...ends]
}

export function bootstrapSigner(
  { informers, clock }: ControllerDeps,
  sign: SignDetached,
): Controller<ObservedClusterInfo> {
  const secrets = informers.of(kinds.secrets)
  const configMaps = informers.of(kinds.configMaps)
  const key = `${namespace}/${name}`
  return {
    name: 'bootstrap-signer',
    concurrency: 1,
    sources: [
      source(kinds.secrets, (secret) => (isBootstrapToken(secret) ? [key] : [])),
      source(kinds.configMaps, ({ metadata }) =>
        metadata.name === name && metadata.namespace === namespace ? [key] : [],
      ),
    ],
    observe() {
      const configMap = configMaps.get(key)
      const tokens = secrets.indexed('namespace', 'kube-system').filter(isBootstrapToken)
      return configMap && { configMap, secrets: tokens, nowMs: clock.nowMs(), sign }
    },
    reconcile: reconcileClusterInfo,
  }
}
