import { trackUpdate } from '../../api/apply/track-update.ts'
import type { Pod, ResourceQuota } from '../../api/kinds.generated.ts'
import { groupResource, kinds } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import { evaluatorOf, isQuotaFree } from '../../api/quota/evaluator.ts'
import { resourceList } from '../../api/resource-amounts.ts'
import type { Schema } from '../../api/schema.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Entry, Store } from '../../store/store.ts'
import { stamped } from '../object-meta.ts'
import { scopePrefix } from '../resource.ts'
import type { Attributes, Plugin } from './admission.ts'
import { forbidden } from './forbidden.ts'
import { type Charged, chargeQuotas } from './quota-check.ts'

export type QuotaParts = Readonly<{ store: Store; clock: Clock; schema: Schema }>

/**
 * Nothing is made beyond what the quotas of its namespace allow (plugin ResourceQuota). What an object will use is written down in
 * their status before it is stored, in the same synchronous step as the check, so that two requests never share what is left; the quota
 * controller gives back what came to nothing.
 */
export function resourceQuota(parts: QuotaParts): Plugin {
  return {
    validate(attributes, object) {
      const { namespace, before, subresource, dryRun } = attributes
      if (namespace === '' || !attributes.kind.namespaced || !isCharged(attributes, object)) return undefined
      const entries = quotasOf(parts.store, namespace)
      if (entries.length === 0) return undefined
      const charged = chargeQuotas(
        entries.map(({ object: quota }) => quota as ResourceQuota),
        {
          evaluator: evaluatorOf(groupResource(attributes.kind)),
          object,
          ...(before === undefined ? {} : { before }),
          isStatus: subresource === 'status',
          nowMs: parts.clock.nowMs(),
        },
      )
      if (!charged.ok) return forbidden(attributes, charged.error, object)
      if (!dryRun) for (const one of charged.value) writeDown(parts, entries, one)
      return undefined
    },
  }
}

/** Requests that can use up a quota: most resources only by being made. */
function isCharged({ kind, operation, subresource, before }: Attributes, object: ApiObject): boolean {
  const resource = groupResource(kind)
  if (isQuotaFree(resource)) return false
  const isWritten = operation === 'CREATE' || operation === 'UPDATE'
  switch (resource) {
    case 'pods':
      if (subresource === 'resize') return operation === 'UPDATE'
      if (subresource !== undefined) return false
      return operation === 'CREATE' || (operation === 'UPDATE' && endsOtherwise(object as Pod, before as Pod))
    case 'services':
    case 'resourceclaims.resource.k8s.io':
      return isWritten && subresource === undefined
    case 'persistentvolumeclaims':
      return isWritten && (subresource === undefined || subresource === 'status')
    default:
      return operation === 'CREATE' && subresource === undefined
  }
}

function endsOtherwise({ spec }: Pod, before: Pod | undefined): boolean {
  return (spec?.activeDeadlineSeconds === undefined) !== (before?.spec?.activeDeadlineSeconds === undefined)
}

/** In their newest versions: others may have been charged a moment ago. */
function quotasOf(store: Store, namespace: string): readonly Entry[] {
  const answer = store.range({ prefix: scopePrefix(kinds.resourceQuotas, namespace) })
  return answer.ok ? answer.value.entries.flatMap(({ key }) => store.head(key) ?? []) : []
}

function writeDown({ store, clock, schema }: QuotaParts, entries: readonly Entry[], { quota, used }: Charged): void {
  const entry = entries.find(({ object }) => object === (quota as ApiObject))
  if (entry === undefined) return
  const status = { ...quota.status, used: resourceList(used) }
  const after = { ...entry.object, status } as ApiObject
  const managedFields = trackUpdate({
    schema,
    kind: kinds.resourceQuotas,
    before: entry.object,
    after,
    manager: 'kube-apiserver',
    nowMs: clock.nowMs(),
    subresource: 'status',
  })
  const metadata = { ...after.metadata, ...(managedFields && { managedFields }) }
  store.commit({
    type: 'update',
    key: entry.key,
    revision: entry.revision,
    stamp: (revision) => stamped({ ...after, metadata }, revision),
  })
}
