import type { Pod, PodResourceClaim, ResourceClaimTemplate } from '../../api/kinds.generated.ts'
import { apiVersionOf, kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { type Claim, claimNameFor, isReservedFor, podClaimAnnotation, reservedFor } from '../../api/resource-claim.ts'
import { type Action, create, event, targetOf, updateStatus } from '../action.ts'

export type ObservedPodClaims = Readonly<{
  pod: Stored<Pod>
  /** By name. */
  templates: ReadonlyMap<string, Stored<ResourceClaimTemplate>>
  /** Made for this pod. */
  own: readonly Claim[]
  /** That it names, by name. */
  named: ReadonlyMap<string, Claim>
}>

/** Makes the claims that a pod has templates for, and tells it their names. As the original's resourceclaim controller, for pods. */
export function reconcilePodClaims(observed: ObservedPodClaims): readonly Action[] {
  const { pod } = observed
  if (pod.metadata.deletionTimestamp !== undefined || isPodOver(pod)) return []
  const entries = (pod.spec.resourceClaims ?? []).filter(({ resourceClaimTemplateName }) => resourceClaimTemplateName)
  return [...entries.flatMap((entry) => make(observed, entry)), ...tellNames(observed, entries), ...reserve(observed)]
}

export function isPodOver({ status }: Stored<Pod>): boolean {
  return status.phase === 'Succeeded' || status.phase === 'Failed'
}

function claimOf({ own }: ObservedPodClaims, { name }: PodResourceClaim): Claim | undefined {
  return own.find(({ metadata }) => metadata.annotations?.[podClaimAnnotation] === name)
}

function make(observed: ObservedPodClaims, entry: PodResourceClaim): readonly Action[] {
  const { pod, templates } = observed
  if (claimOf(observed, entry) !== undefined || claimNameFor(pod, entry) !== undefined) return []
  const templateName = entry.resourceClaimTemplateName ?? ''
  const template = templates.get(templateName)
  if (template === undefined) {
    const quoted = JSON.stringify(templateName)
    const message = `PodResourceClaim ${entry.name}: resource claim template ${quoted}: resourceclaimtemplate.resource.k8s.io ${quoted} not found`
    return [event(pod, 'Warning', 'FailedResourceClaimCreation', message)]
  }
  const { labels, annotations } = template.spec.metadata ?? {}
  const { name, namespace = '', uid } = pod.metadata
  const owner = { apiVersion: apiVersionOf(kinds.pods), kind: kinds.pods.kind, name, uid }
  return [
    create(kinds.resourceClaims, {
      metadata: {
        generateName: `${name}-${entry.name}-`,
        namespace,
        ...(labels && { labels }),
        annotations: { ...annotations, [podClaimAnnotation]: entry.name },
        ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: true }],
      },
      spec: template.spec.spec,
    }),
  ]
}

function tellNames(observed: ObservedPodClaims, entries: readonly PodResourceClaim[]): readonly Action[] {
  const { pod } = observed
  const missing = entries.flatMap((entry) => {
    const claim = claimOf(observed, entry)
    if (claim === undefined || claimNameFor(pod, entry) === claim.metadata.name) return []
    return [{ name: entry.name, resourceClaimName: claim.metadata.name }]
  })
  if (missing.length === 0) return []
  const body = { status: { resourceClaimStatuses: missing } }
  return [
    { type: 'patch', target: targetOf(kinds.pods, pod), patch: { type: 'strategic', body }, subresource: 'status' },
  ]
}

/** A pod that was given its node by somebody who knows nothing of claims. */
function reserve({ pod, named }: ObservedPodClaims): readonly Action[] {
  if ((pod.spec.nodeName ?? '') === '') return []
  return [...named.values()]
    .filter((claim) => claim.status?.allocation !== undefined && !isReservedFor(claim, pod.metadata.uid))
    .map((claim) => updateStatus(kinds.resourceClaims, reservedFor(claim, pod)))
}
