import type { Container, Pod, PodSpec, ServiceAccount, Volume } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import { fail, ok } from '../../api/result.ts'
import type { Random } from '../../ports/random.ts'
import type { Store } from '../../store/store.ts'
import { isMirrorPod, secretNamesOf } from '../authorize/pod-references.ts'
import { randomSuffix } from '../object-meta.ts'
import { storeKey } from '../resource.ts'
import type { Mutate, Plugin } from './admission.ts'
import { forbidden } from './forbidden.ts'

const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount'

/** Every pod runs as a service account, whose token is mounted into its containers unless somebody opts out. */
export function serviceAccountAdmission(store: Store, random: Random): Plugin {
  const mutate: Mutate = (attributes, object) => {
    const { kind, operation, namespace, subresource } = attributes
    const isNewPod = kind.plural === 'pods' && kind.group === '' && operation === 'CREATE' && subresource === undefined
    if (!isNewPod) return ok(object)
    if (isMirrorPod(object)) {
      const fault = mirrorFault(object as Pod)
      return fault === undefined ? ok(object) : fail(forbidden(attributes, fault, object))
    }
    const { spec = { containers: [] } } = object as Pod
    const name = spec.serviceAccountName || 'default'
    const account = store.get(storeKey(kinds.serviceAccounts, namespace, name))?.object as ServiceAccount | undefined
    if (account === undefined) {
      const why = `serviceaccount ${JSON.stringify(name)} not found`
      return fail(forbidden(attributes, `error looking up service account ${namespace}/${name}: ${why}`, object))
    }
    const named: PodSpec = { ...spec, serviceAccountName: name, serviceAccount: name }
    const mounts = named.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true
    const mounted = mounts ? withToken(named, random) : named
    return ok({ ...object, spec: withPullSecrets(mounted, account) } as ApiObject)
  }
  return { mutate }
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
