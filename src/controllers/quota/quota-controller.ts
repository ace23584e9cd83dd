import { isTrue } from '../../api/custom/definition-condition.ts'
import { equalJson } from '../../api/json-value.ts'
import { groupResource, type Kind, kinds } from '../../api/kinds.ts'
import { type ApiObject, objectKey, type Stored } from '../../api/object.ts'
import { countName, evaluatorOf, isQuotaFree } from '../../api/quota/evaluator.ts'
import type { Informers } from '../../client/informers.ts'
import type { ServedKinds } from '../../client/served-kinds.ts'
import type { Clock } from '../../ports/clock.ts'
import { type Controller, type ControllerDeps, changes, type Source } from '../run-controller.ts'
import { type ObservedQuota, reconcileQuota } from './quota.ts'

/** Whose objects quotas may count: everything in namespaces. */
function trackedKinds(served: ServedKinds): readonly Kind[] {
  return served.all().filter((kind) => kind.namespaced && !isQuotaFree(groupResource(kind)))
}

/** Keeps the status of quotas true: admission charges them, here what has gone or changed is given back. */
export function quotaController({
  informers,
  clock,
  served,
}: ControllerDeps & Readonly<{ served: ServedKinds }>): Controller<ObservedQuota> {
  return {
    name: 'resourcequota-controller',
    concurrency: 5,
    sources: [wishes, definedKinds(informers), ...trackedKinds(served).map((kind) => sourceOf(informers, clock, kind))],
    moreSources(follow, forget) {
      served.onCustom((kind, isServed) => {
        if (!isServed) forget(kind)
        else if (kind.namespaced) follow(sourceOf(informers, clock, kind))
      })
    },
    async observe(key) {
      const quota = informers.of(kinds.resourceQuotas).get(key)
      if (quota === undefined) return undefined
      const names = Object.keys(quota.spec.hard ?? {})
      const { namespace = '' } = quota.metadata
      const tracked = trackedKinds(served).filter((kind) => names.some(evaluatorOf(groupResource(kind)).tracks))
      // A kind that has just been defined is counted when its informer knows all there is.
      await Promise.all(tracked.map((kind) => informers.of(kind).whenSynced()))
      const objects = tracked.map((kind) => {
        const list = informers.of(kind).indexed('namespace', namespace)
        return [groupResource(kind), list as unknown as readonly ApiObject[]] as const
      })
      return {
        quota: informers.of(kinds.resourceQuotas).get(key) ?? quota,
        objects: new Map(objects),
        nowMs: clock.nowMs(),
      }
    },
    reconcile: reconcileQuota,
  }
}

/** A kind that begins to be served can be counted: until then creations of it are refused where a quota counts them. */
function definedKinds(informers: Informers): Source {
  return changes(kinds.customResourceDefinitions, (before, after) => {
    if (after === undefined || !isTrue(after, 'Established') || (before && isTrue(before, 'Established'))) return []
    // A definition is named as its resource.
    const counted = countName(after.metadata.name)
    const quotas = informers.of(kinds.resourceQuotas).list()
    return quotas.filter(({ spec }) => spec.hard?.[counted] !== undefined).map(objectKey)
  })
}

/**
 * Not when its status changes: whoever has just been charged may not be seen here yet, and a count without them would give back what they
 * use.
 */
export const wishes = changes(kinds.resourceQuotas, (before, after) =>
  after === undefined || (before !== undefined && equalJson(before.spec.hard ?? {}, after.spec.hard ?? {}))
    ? []
    : [objectKey(after)],
)

/** What has gone gives something back, and what uses less than before. Of what is made or uses more, admission has taken account. */
function sourceOf(informers: Informers, clock: Clock, kind: Kind): Source {
  const evaluator = evaluatorOf(groupResource(kind))
  const isLess = (before: ApiObject, after: ApiObject): boolean => {
    const had = evaluator.usage(before, clock.nowMs())
    const has = evaluator.usage(after, clock.nowMs())
    return [...had].some(([name, amount]) => (has.get(name)?.nano ?? 0n) < amount.nano)
  }
  return changes<unknown>(kind, (before, after) => {
    if (before === undefined) return []
    const { namespace = '' } = before.metadata
    const quotas = informers.of(kinds.resourceQuotas).indexed('namespace', namespace)
    const tracking = quotas.filter(({ status }) => Object.keys(status.hard ?? {}).some(evaluator.tracks))
    if (tracking.length === 0) return []
    const isReason = after === undefined || isLess(plain(before), plain(after))
    return isReason ? tracking.map(objectKey) : []
  })
}

function plain(object: Stored<unknown>): ApiObject {
  return object as unknown as ApiObject
}
