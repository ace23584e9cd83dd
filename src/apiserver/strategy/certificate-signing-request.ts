import type { CertificateSigningRequest, CertificateSigningRequestCondition } from '../../api/kinds.generated.ts'
import type { ApiObject } from '../../api/object.ts'
import { timestampOf } from '../../api/wire-time.ts'
import type { Strategy, Writing } from './strategy.ts'

type Condition = CertificateSigningRequestCondition

/** Who asks is told by the server; nothing but the approval and the certificate changes afterwards. */
export const certificateSigningRequestStrategy: Strategy = {
  prepareCreate: (object, { user }) => ({ ...object, spec: withRequester(object, user), status: {} }),
  prepareUpdate: (after, before) => ({ ...after, spec: before.spec }),
  prepareStatus(after, before, nowMs) {
    const kept = ['Approved', 'Denied'].reduce(
      (conditions, type) => keptAs(type, conditions, conditionsOf(before)),
      [...conditionsOf(after)],
    )
    return withConditions(after, timed(kept, conditionsOf(before), nowMs))
  },
}

/** Through .../approval: conditions only. */
export function preparedApproval(after: ApiObject, before: ApiObject, nowMs: number): ApiObject {
  const { managedFields, resourceVersion, ...given } = after.metadata
  const metadata = { ...given, managedFields, resourceVersion, generation: before.metadata.generation }
  const conditions = timed(conditionsOf(after), conditionsOf(before), nowMs)
  return withConditions({ ...before, metadata } as ApiObject, conditions)
}

function withRequester(object: ApiObject, user: Writing['user']): object {
  const { username: _1, uid: _2, groups: _3, extra: _4, ...asked } = (object as CertificateSigningRequest).spec
  const { name, uid = '', groups, extra = {} } = user
  return {
    ...asked,
    username: name,
    ...(uid === '' ? {} : { uid }),
    groups,
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  }
}

function conditionsOf(object: ApiObject): readonly Condition[] {
  return (object as CertificateSigningRequest).status?.conditions ?? []
}

function withConditions(object: ApiObject, conditions: readonly Condition[]): ApiObject {
  const { conditions: _, ...status } = (object as CertificateSigningRequest).status ?? {}
  return { ...object, status: conditions.length === 0 ? status : { ...status, conditions } }
}

/** Where as many conditions of the type come as there were, the old ones stand; more or fewer are for validation to refuse. */
function keptAs(type: string, now: Condition[], before: readonly Condition[]): Condition[] {
  const had = before.filter((condition) => condition.type === type)
  if (had.length !== now.filter((condition) => condition.type === type).length) return now
  let next = 0
  return now.map((condition) => (condition.type === type ? (had[next++] ?? condition) : condition))
}

/** Times that are missing: the update's is now, the transition's that of the same condition before. */
function timed(now: readonly Condition[], before: readonly Condition[], nowMs: number): readonly Condition[] {
  const time = timestampOf(nowMs)
  return now.map((condition) => {
    const { lastUpdateTime, lastTransitionTime } = condition
    const same = before.find(({ type, status }) => type === condition.type && status === condition.status)
    return {
      ...condition,
      lastUpdateTime: lastUpdateTime ?? time,
      lastTransitionTime: lastTransitionTime ?? same?.lastTransitionTime ?? time,
    }
  })
}
