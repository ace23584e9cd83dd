import type { Container, Pod, PodSpec, ServiceAccount, Volume } from '../../api/kinds.generated.ts'
import { groupResource, kinds } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import { isMirrorPod, secretNamesOf } from '../../api/pod-references.ts'
import type { Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Random } from '../../ports/random.ts'
import type { Store, StoreEvent } from '../../store/store.ts'
import { randomSuffix } from '../object-meta.ts'
import { storeKey } from '../resource.ts'
import { type Attributes, type Eventual, isNewPod, type Plugin } from './admission.ts'
import { forbidden } from './forbidden.ts'
import { foreignOfContainers, foreignSecret, namesItsSecrets } from './mountable-secrets.ts'

const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount'

export type AccountParts = Readonly<{ store: Store; clock: Clock; random: Random }>

/** Every pod runs as a service account, whose token is mounted into its containers unless somebody opts out (plugin ServiceAccount). */
export function serviceAccountAdmission(parts: AccountParts): Plugin {
  return {
    mutate(attributes, object) {
      if (!isNewPod(attributes)) return ok(object)
      if (isMirrorPod(object)) {
        const fault = mirrorFault(object as Pod)
        return fault === undefined ? ok(object) : fail(forbidden(attributes, fault, object))
      }
      const name = (object as Pod).spec?.serviceAccountName || defaultAccount
      const account = accountNamed(parts, attributes.namespace, name)
      const result = (found: ServiceAccount | undefined): Result<ApiObject, Refusal> =>
        found === undefined ? fail(noAccount(attributes, name, object)) : ok(runningAs(parts.random, object, found))
      return account instanceof Promise ? account.then(result) : result(account)
    },
    validate(attributes, object) {
      const isDebugged = attributes.operation === 'UPDATE' && attributes.subresource === 'ephemeralcontainers'
      const isPod = groupResource(attributes.kind) === 'pods'
      if (!isPod || !(isNewPod(attributes) || isDebugged) || isMirrorPod(object)) return undefined
      const name = (object as Pod).spec?.serviceAccountName ?? ''
      const why = `no service account specified for pod ${attributes.namespace}/${object.metadata.name}`
      if (name === '') return forbidden(attributes, why, object)
      const account = storedAccount(parts.store, attributes.namespace, name)
      if (account === undefined) return noAccount(attributes, name, object)
      if (!namesItsSecrets(account)) return undefined
      const debuggers = (object as Pod).spec?.ephemeralContainers ?? []
      const fault = isDebugged
        ? foreignOfContainers('ephemeral container', debuggers, account)
        : foreignSecret(object as Pod, account)
      return fault === undefined ? undefined : forbidden(attributes, fault, object)
    },
  }
}

function noAccount(attributes: Attributes, name: string, object: ApiObject): Refusal {
  const why = `serviceaccount ${JSON.stringify(name)} not found`
  return forbidden(attributes, `error looking up service account ${attributes.namespace}/${name}: ${why}`, object)
}

const defaultAccount = 'default'
/** As long as the original looks for it on average. */
const defaultAccountMs = 1350

/** A new namespace gets its default account in a moment: that one is waited for. */
function accountNamed(parts: AccountParts, namespace: string, name: string): Eventual<ServiceAccount | undefined> {
  const found = storedAccount(parts.store, namespace, name)
  return found !== undefined || name !== defaultAccount ? found : accountToCome(parts, namespace)
}

function accountToCome({ store, clock }: AccountParts, namespace: string): Promise<ServiceAccount | undefined> {
  return new Promise((resolve) => {
    const settle = (): void => {
      timer.cancel()
      if (watch.ok) watch.value.cancel()
      resolve(storedAccount(store, namespace, defaultAccount))
    }
    const key = storeKey(kinds.serviceAccounts, namespace, defaultAccount)
    const timer = clock.after(defaultAccountMs, settle)
    const settleOnIt = (events: readonly StoreEvent[]): void => {
      if (events.some(({ entry }) => entry.key === key)) settle()
    }
    const watch = store.watch(key, store.revision(), settleOnIt)
  })
}

function storedAccount(store: Store, namespace: string, name: string): ServiceAccount | undefined {
  return store.get(storeKey(kinds.serviceAccounts, namespace, name))?.object as ServiceAccount | undefined
}

function runningAs(random: Random, object: ApiObject, account: ServiceAccount): ApiObject {
  const { spec = { containers: [] } } = object as Pod
  const name = account.metadata?.name ?? ''
  const named: PodSpec = { ...spec, serviceAccountName: name, serviceAccount: name }
  const mounts = named.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true
  const mounted = mounts ? withToken(named, random) : named
  return { ...object, spec: withPullSecrets(mounted, account) } as ApiObject
}

/** A mirror pod is what a kubelet runs by itself: nothing is added to it, and it has nothing of the API. */
function mirrorFault(pod: Pod): string | undefined {
  if (pod.spec?.serviceAccountName) return 'a mirror pod may not reference service accounts'
  if (secretNamesOf(pod).length > 0) return 'a mirror pod may not reference secrets'
  const hasToken = (pod.spec?.volumes ?? []).some(({ projected }) =>
    (projected?.sources ?? []).some(({ serviceAccountToken }) => serviceAccountToken),
  )
  return hasToken ? 'a mirror pod may not use ServiceAccountToken volume projections' : undefined
}

function withPullSecrets(spec: PodSpec, { imagePullSecrets = [] }: ServiceAccount): PodSpec {
  const isStated = (spec.imagePullSecrets ?? []).length > 0
  return isStated || imagePullSecrets.length === 0 ? spec : { ...spec, imagePullSecrets }
}

/** One projected volume for all containers; those that mount something there themselves are left alone. */
function withToken(spec: PodSpec, random: Random): PodSpec {
  const existing = (spec.volumes ?? []).find(({ name }) => name.startsWith('kube-api-access-'))
  const name = existing?.name ?? `kube-api-access-${randomSuffix(random)}`
  const containers = (spec.containers ?? []).map((container) => withMount(container, name))
  const initContainers = spec.initContainers?.map((container) => withMount(container, name))
  const isUsed = [...containers, ...(initContainers ?? [])].some(({ volumeMounts = [] }) =>
    volumeMounts.some((mount) => mount.name === name),
  )
  if (!isUsed) return spec
  const volumes = existing === undefined ? [...(spec.volumes ?? []), tokenVolume(name)] : spec.volumes
  return {
    ...spec,
    containers,
    ...(initContainers === undefined ? {} : { initContainers }),
    ...(volumes && { volumes }),
  }
}

function withMount<T extends Pick<Container, 'volumeMounts'>>(container: T, name: string): T {
  const { volumeMounts = [] } = container
  if (volumeMounts.some((mount) => mount.mountPath === mountPath)) return container
  return { ...container, volumeMounts: [...volumeMounts, { name, readOnly: true, mountPath }] }
}

function tokenVolume(name: string): Volume {
  return {
    name,
    projected: {
      sources: [
        // An hour, and seven seconds by which the token is known as one that was asked for so.
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
      defaultMode: 420,
    },
  }
}
