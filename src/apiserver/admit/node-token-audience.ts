import type { PersistentVolume, PersistentVolumeClaim, Pod, Volume } from '../../api/kinds.generated.ts'
import type { Store } from '../../store/store.ts'
import type { Authorizer } from '../authorize/decision.ts'
import { kindPrefix } from '../resource.ts'
import type { Attributes } from './admission.ts'

type Parts = Readonly<{ store: Store; authorizer: Authorizer; attributes: Attributes }>

/** Why a node may not have a token for these audiences: the pod names none of them, and nobody has allowed it besides. */
export async function tokenAudienceFault(
  parts: Parts,
  audiences: readonly string[],
  pod: Pod,
): Promise<string | undefined> {
  if (audiences.length > 1) return 'node may only request 0 or 1 audiences'
  const audience = audiences[0] ?? ''
  if ((pod.spec?.volumes ?? []).some((volume) => isReferred(parts.store, pod, volume, audience))) return undefined
  const { user, namespace, name } = parts.attributes
  const { verdict, error } = await parts.authorizer.authorize(user, {
    isResource: true,
    verb: 'request-serviceaccounts-token-audience',
    group: '',
    version: 'v1',
    resource: audience,
    subresource: '',
    name,
    namespace,
    path: '',
  })
  if (verdict === 'allow') return undefined
  const missing = `audience ${JSON.stringify(audience)} not found in pod spec volume`
  if (error !== undefined) {
    return `${missing}, error authorizing ${user.name} to request tokens for this audience: ${error}`
  }
  return `${missing}, ${user.name} is not authorized to request tokens for this audience`
}

function isReferred(store: Store, pod: Pod, volume: Volume, audience: string): boolean {
  const isProjected = (volume.projected?.sources ?? []).some(
    ({ serviceAccountToken }) => serviceAccountToken && (serviceAccountToken.audience ?? '') === audience,
  )
  if (isProjected) return true
  const driver = driverOf(store, pod, volume)
  const found = driver === undefined ? undefined : read(store, `${prefixes.drivers}${driver}`)
  const { tokenRequests = [] } = (found?.spec ?? {}) as Readonly<{ tokenRequests?: readonly { audience: string }[] }>
  return tokenRequests.some((request) => request.audience === audience)
}

const prefixes = {
  drivers: kindPrefix({ group: 'storage.k8s.io', plural: 'csidrivers' }),
  claims: kindPrefix({ group: '', plural: 'persistentvolumeclaims' }),
  volumes: kindPrefix({ group: '', plural: 'persistentvolumes' }),
}

/** The CSI driver that the volume comes from, directly or by its claim. */
function driverOf(store: Store, { metadata }: Pod, volume: Volume): string | undefined {
  if (volume.csi) return volume.csi.driver
  const claimName = volume.ephemeral ? `${metadata?.name}-${volume.name}` : volume.persistentVolumeClaim?.claimName
  if (claimName === undefined) return undefined
  const claim = read(store, `${prefixes.claims}${metadata?.namespace}/${claimName}`) as
    | PersistentVolumeClaim
    | undefined
  const bound = read(store, `${prefixes.volumes}${claim?.spec?.volumeName ?? ''}`) as PersistentVolume | undefined
  return bound?.spec?.csi?.driver
}

function read(store: Store, key: string): Readonly<Record<string, unknown>> | undefined {
  return store.get(key)?.object
}
