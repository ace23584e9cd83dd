import type { Container, Pod, PodSpec, ServiceAccount, Volume } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import { fail, ok } from '../../api/result.ts'
import type { Random } from '../../ports/random.ts'
import type { Store } from '../../store/store.ts'
import { randomSuffix } from '../object-meta.ts'
import { storeKey } from '../resource.ts'
import type { Mutate, Plugin } from './admission.ts'
import { forbidden } from './forbidden.ts'

const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount'
const mirrorAnnotation = 'kubernetes.io/config.mirror'

/** Every pod runs as a service account, whose token is mounted into its containers unless somebody opts out. */
export function serviceAccountAdmission(store: Store, random: Random): Plugin {
  const mutate: Mutate = (attributes, object) => {
    const { kind, operation, namespace, subresource } = attributes
    const isNewPod = kind.plural === 'pods' && kind.group === '' && operation === 'CREATE' && subresource === undefined
    if (!isNewPod || object.metadata.annotations?.[mirrorAnnotation] !== undefined) return ok(object)
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
