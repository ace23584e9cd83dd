/**
 * What a kind's strategy makes of an object that is about to be created, beyond its defaults: clients have no say in the status of a new
 * object, and a namespace is given the finalizer that empties it.
 */

import { newWalk, readStruct } from '../decode-walk.ts'
import type { JsonObject } from '../json-value.ts'
import type { Kind } from '../kinds.ts'
import type { ApiObject } from '../object.ts'
import { podQosClass } from '../pod-qos.ts'
import { applyDefaults } from './apply-defaults.ts'
import { structAt } from './rule.ts'

/** The kubelet registers a node with its status; these kinds keep what they come with. */
const keepsStatus = new Set(['Node'])

/** `object` has its defaults already. Pure. */
export function asNewObject(kind: Pick<Kind, 'kind' | 'group' | 'typeName' | 'status'>, object: ApiObject): ApiObject {
  const named = kind.group === '' && kind.kind === 'Namespace' ? withFinalizer(object) : object
  if (!kind.status || keepsStatus.has(kind.kind)) return named
  const { status: _, ...rest } = named
  const empty = readStruct(kind.typeName, {}, newWalk()).status
  const fresh = applyDefaults(kind, { ...rest, status: newStatus(kind.kind, named, empty) } as ApiObject)
  return fresh
}

function newStatus(kind: string, object: ApiObject, empty: unknown): unknown {
  return kind === 'Pod' ? { phase: 'Pending', qosClass: podQosClass(structAt(object, 'spec')) } : empty
}

/** Kubernetes adds its finalizer in behind the client's own. */
function withFinalizer(object: ApiObject): ApiObject {
  const spec = structAt(object, 'spec')
  const finalizers: readonly unknown[] = Array.isArray(spec.finalizers) ? spec.finalizers : []
  if (finalizers.includes('kubernetes')) return object
  const withOurs: JsonObject = { ...spec, finalizers: [...finalizers, 'kubernetes'] }
  return { ...object, spec: withOurs }
}
