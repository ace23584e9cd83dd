import type { ContainerExtendedResourceRequest, Pod } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { allocationFinalizer, type Claim, extendedClaimAnnotation } from '../../api/resource-claim.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { Client } from '../../client/client.ts'

/** Whether the claim was made for the extended resources of a pod. */
export function isExtended({ metadata }: Claim): boolean {
  return metadata.annotations?.[extendedClaimAnnotation] === 'true'
}

/** Makes what has been decided of a pod's extended resources a claim that everybody sees. */
export async function createClaim(client: Client, { metadata, spec }: Claim): Promise<Result<Claim, string>> {
  const { generateName = '', namespace = '', annotations = {}, ownerReferences = [] } = metadata
  const draft = { metadata: { generateName, namespace, annotations, ownerReferences }, spec }
  const made = await client.create(kinds.resourceClaims, draft)
  return made.ok ? ok(made.value) : fail(`create claim for extended resources: ${made.error.message ?? 'refused'}`)
}

/** The kubelet finds there which devices each container has. Undefined, or what went wrong. */
export async function tellPod(
  client: Client,
  { metadata: { name, namespace = '', uid } }: Stored<Pod>,
  claim: Claim,
  requestMappings: readonly ContainerExtendedResourceRequest[],
): Promise<string | undefined> {
  const extendedResourceClaimStatus = { requestMappings, resourceClaimName: claim.metadata.name }
  const body = { metadata: { uid }, status: { extendedResourceClaimStatus } }
  const told = await client.patch(kinds.pods, name, namespace, { type: 'strategic', body }, 'status')
  if (told.ok) return undefined
  return `update pod ${namespace}/${name} ExtendedResourceClaimStatus: ${told.error.message ?? 'refused'}`
}

/** Nobody uses it: what keeps it from going is taken away first. */
export async function removeClaim(client: Client, { metadata }: Claim): Promise<void> {
  const { name, namespace, uid, finalizers = [] } = metadata
  const body = { metadata: { uid, finalizers: finalizers.filter((one) => one !== allocationFinalizer) } }
  await client.patch(kinds.resourceClaims, name, namespace, { type: 'merge', body })
  await client.delete(kinds.resourceClaims, name, namespace, { preconditions: { uid } })
}
