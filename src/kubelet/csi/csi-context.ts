import { decodeBase64 } from '../../api/base64.ts'
import { attachmentName } from '../../api/csi.ts'
import type { CSIDriverSpec, SecretReference, VolumeAttachment } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { Client } from '../../client/client.ts'
import type { KubeletPod } from '../pod-containers.ts'
import type { TokenSource } from '../volumes/service-account-token.ts'
import type { CsiVolume } from './csi-source.ts'

type Attributes = Readonly<Record<string, string>>

/** What the cluster's administrator says of a driver. */
export type DriverPolicy = Readonly<{ isKnown: boolean; spec: CSIDriverSpec }>

export async function driverPolicy(client: Client, driver: string): Promise<Result<DriverPolicy, string>> {
  const found = await client.get(kinds.csiDrivers, driver)
  if (found.ok) return ok({ isKnown: true, spec: found.value.spec })
  return found.error.code === 404 ? ok({ isKnown: false, spec: {} }) : fail(found.error.message ?? 'refused')
}

/** Only an administrator may let a driver serve volumes that pods describe themselves. */
export function lifecycleFault({ driver, lifecycle }: CsiVolume, { isKnown, spec }: DriverPolicy): string | undefined {
  const modes = spec.volumeLifecycleModes ?? ['Persistent']
  if (isKnown ? modes.includes(lifecycle) : lifecycle === 'Persistent') return undefined
  const why = isKnown ? `only supports [${modes.map((mode) => JSON.stringify(mode)).join(' ')}]` : 'no CSIDriver object'
  return `mounter.SetupAt failed to check volume lifecycle mode: volume mode ${JSON.stringify(lifecycle)} not supported by driver ${driver} (${why})`
}

/** What the attacher said about the volume on this node; nothing where volumes need not be attached. */
export async function publishContext(
  client: Client,
  nodeName: string,
  { driver, handle, lifecycle }: CsiVolume,
  { spec }: DriverPolicy,
): Promise<Result<Attributes, string>> {
  if (lifecycle === 'Ephemeral' || spec.attachRequired === false) return ok({})
  const name = attachmentName(handle, driver, nodeName)
  const found = await client.get<VolumeAttachment>(kinds.volumeAttachments, name)
  if (!found.ok)
    return fail(`volume ${handle} has GET error for volume attachment ${name}: ${found.error.message ?? 'refused'}`)
  const { attached = false, attachError, attachmentMetadata = {} } = found.value.status ?? {}
  if (attached && found.value.metadata.deletionTimestamp === undefined) return ok(attachmentMetadata)
  return fail(attachError?.message ?? `volume ${handle} is not attached for volume attachment ${name}`)
}

export async function secretOf(
  client: Client,
  reference: SecretReference | undefined,
): Promise<Result<Attributes, string>> {
  if (reference === undefined) return ok({})
  const { name = '', namespace = '' } = reference
  const found = await client.get(kinds.secrets, name, namespace)
  if (!found.ok) return fail(`fetching secret ${namespace}/${name} failed: ${found.error.message ?? 'refused'}`)
  const text = new TextDecoder()
  const data = Object.entries(found.value.data ?? {})
  return ok(Object.fromEntries(data.map(([key, value]) => [key, text.decode(decodeBase64(value))])))
}

/** Tokens of the pod's service account for the audiences that the driver wants. */
export async function tokenAttributes(
  tokens: TokenSource,
  pod: KubeletPod,
  { spec }: DriverPolicy,
): Promise<Result<Attributes, string>> {
  const requests = spec.tokenRequests ?? []
  if (requests.length === 0) return ok({})
  const issued: Record<string, Readonly<{ token: string; expirationTimestamp: string }>> = {}
  for (const { audience, expirationSeconds } of requests) {
    const token = await tokens.issued(pod, {
      audience,
      ...(expirationSeconds === undefined ? {} : { expirationSeconds }),
    })
    if (!token.ok) return fail(`mounter.SetUpAt failed to get service accoount token attributes: ${token.error}`)
    issued[audience] = token.value
  }
  return ok({ 'csi.storage.k8s.io/serviceAccount.tokens': JSON.stringify(issued) })
}
