import { groupResource, type Kind } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { judgedKind } from '../../api/versioning.ts'
import { timestampOf } from '../../api/wire-time.ts'
import { withFields } from '../../api/with-fields.ts'
import type { Entry } from '../../store/store.ts'
import type { Admission, Attributes, Eventual } from '../admit/admission.ts'
import { throughBoth } from '../admit/chain.ts'
import type { Answer, Call, StatusObject } from '../call.ts'
import { withMeta } from '../object-meta.ts'
import { conflict, notFound, storeKey } from '../resource.ts'
import { strategyOf } from '../strategy/strategy.ts'
import { type DeleteOptions, deleteOptions } from './delete-options.ts'
import { type Overtaken, onNewest } from './newest.ts'
import { askedKind, remove, replace, type WriteParts, type Writer, writerOf } from './writing.ts'

export async function deleteObject(parts: WriteParts, requested: Kind, call: Call): Promise<Result<Answer, Refusal>> {
  const kind = judgedKind(requested)
  const options = await deleteOptions(call)
  if (!options.ok) return options
  const { name, namespace } = call.info
  warnOfDependents(kind, call, options.value)
  const { dryRun, stated } = options.value
  const writer = writerOf(call, kind, { fieldManager: '', dryRun, stated })
  const deletion = { operation: 'DELETE', name } as const
  const attributes: Attributes = withFields(writer, kind === requested ? deletion : { ...deletion, requested })
  const judged = judgedDelete(parts.admission, attributes)
  const deleted = await deleteNewest(parts, attributes, storeKey(kind, namespace, name), options.value, judged)
  if (!deleted.ok) return deleted
  const { entry, isGone } = deleted.value
  // An object that stays for now, or whose kind says so, is the answer; else a Status that names it.
  const showsObject = !isGone || strategyOf(kind).deleteReturnsObject === true
  if (!showsObject) return ok({ type: 'object', status: 200, object: successOf(requested, entry.object) })
  return ok({ type: 'entry', status: 200, kind, entry })
}

export function warnOfDependents(kind: Kind, { warnings }: Call, options: DeleteOptions): void {
  const { deleteWarning } = strategyOf(kind)
  const isSaid = options.propagationPolicy !== undefined || options.orphanDependents !== undefined
  if (deleteWarning !== undefined && !isSaid) warnings.push(deleteWarning)
}

/** Why the object may not go, if so. */
export type Judge = (object: ApiObject) => Eventual<Refusal | undefined>

export function judgedDelete(admission: Admission, attributes: Attributes): Judge {
  return (object) => throughBoth(admission, withFields(attributes, { before: object }), object)
}

/** Deletes what is there now. */
export function deleteNewest(
  parts: WriteParts,
  attributes: Attributes,
  key: string,
  options: DeleteOptions,
  judge: Judge,
): Promise<Result<Deleted, Refusal>> {
  const { kind, name } = attributes
  return onNewest(parts, attributes, key, async (before) => {
    if (before === undefined) return fail(notFound(askedKind(attributes), name))
    const mismatch = preconditionRefusal(kind, before.object, options)
    if (mismatch !== undefined) return fail(mismatch)
    const eventual = judge(before.object)
    const refusal = eventual instanceof Promise ? await eventual : eventual
    return refusal === undefined ? deleteStored(parts, attributes, before, options) : fail(refusal)
  })
}

function successOf(kind: Kind, { metadata }: ApiObject): StatusObject {
  const group = kind.group === '' ? {} : { group: kind.group }
  const details = { name: metadata.name, ...group, kind: kind.plural, uid: metadata.uid }
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details } as StatusObject
}

export type Deleted = Readonly<{ entry: Entry; isGone: boolean }>

/** As apiserver's registry Store.Delete: at once, after a grace period, or when the last finalizer is gone. */
async function deleteStored(
  parts: WriteParts,
  writer: Pick<Writer, 'kind' | 'requested' | 'dryRun'>,
  before: Entry,
  options: DeleteOptions,
): Promise<Result<Deleted, Refusal | Overtaken>> {
  const { kind } = writer
  const next = afterDelete(kind, before.object, options, parts.clock.nowMs())
  switch (next.type) {
    case 'pending':
      await parts.store.flushed()
      return ok({ entry: before, isGone: false })
    case 'stays': {
      const stored = await replace(parts, writer, before, { object: next.object, undo() {} })
      return stored.ok ? ok({ entry: stored.value, isGone: false }) : stored
    }
    case 'goes': {
      const removed = await remove(parts, writer, before, next.object)
      return removed.ok ? ok({ entry: removed.value, isGone: true }) : removed
    }
  }
}

export function preconditionRefusal(
  kind: Kind,
  { metadata }: ApiObject,
  { preconditions }: DeleteOptions,
): Refusal | undefined {
  const { uid, resourceVersion } = preconditions ?? {}
  // The original names the kind here, not the resource.
  const subject = { group: kind.group, plural: kind.kind }
  const isWordedByStorage = ['namespaces', 'customresourcedefinitions.apiextensions.k8s.io'].includes(
    groupResource(kind),
  )
  if (isWordedByStorage) return namespacePrecondition(kind, metadata, { uid, resourceVersion })
  if (uid !== undefined && uid !== metadata.uid) {
    const message = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`
    return conflict(subject, metadata.name ?? '', message)
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const message = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`
    return conflict(subject, metadata.name ?? '', message)
  }
  return undefined
}

/** Namespaces and definitions are deleted by storages of their own, which word it as the storage layer does. */
function namespacePrecondition(
  kind: Kind,
  { name = '', uid, resourceVersion }: ApiObject['metadata'],
  wanted: Readonly<{ uid: string | undefined; resourceVersion: string | undefined }>,
): Refusal | undefined {
  if (wanted.uid !== undefined && wanted.uid !== uid) {
    const message = `Precondition failed: UID in precondition: ${wanted.uid}, UID in object meta: ${uid}`
    return conflict(kind, name, message)
  }
  if (wanted.resourceVersion === undefined || wanted.resourceVersion === resourceVersion) return undefined
  const versions = `ResourceVersion in precondition: ${wanted.resourceVersion}, ResourceVersion in object meta: ${resourceVersion}`
  return conflict(kind, name, `Precondition failed: ${versions}`)
}

export type AfterDelete = Readonly<
  | { type: 'pending' }
  /** With its deletion written down: something has to happen before it goes. */
  | { type: 'stays'; object: ApiObject }
  | { type: 'goes'; object: ApiObject }
>

/** What a delete makes of an object. Pure. */
export function afterDelete(kind: Kind, object: ApiObject, options: DeleteOptions, nowMs: number): AfterDelete {
  const marked = strategyOf(kind).markDeleted?.(object, nowMs)
  if (marked !== undefined) return { type: 'stays', object: marked }
  const finalizers = finalizersFor(kind, object, options)
  if (kind.plural === 'namespaces' && kind.group === '') return namespaceAfterDelete(object, finalizers, nowMs)
  const asked = options.gracePeriodSeconds
  const graceful = gracefully(kind, object, asked === undefined || asked >= 0 ? asked : 1, nowMs)
  if (graceful === 'pending') return { type: 'pending' }
  if (graceful !== undefined) {
    const marked = withFinalizers(graceful, finalizers)
    const waits = finalizers.length > 0 || (graceful.metadata.deletionGracePeriodSeconds ?? 0) > 0
    return waits ? { type: 'stays', object: marked } : { type: 'goes', object: marked }
  }
  if (finalizers.length === 0) return { type: 'goes', object: withFinalizers(object, finalizers) }
  return { type: 'stays', object: markedAsDeleting(withFinalizers(object, finalizers), nowMs) }
}

/** undefined: the kind knows no grace period, or the object's is over. */
function gracefully(
  kind: Kind,
  object: ApiObject,
  asked: number | undefined,
  nowMs: number,
): ApiObject | 'pending' | undefined {
  const { gracePeriodSeconds } = strategyOf(kind)
  if (gracePeriodSeconds === undefined) return undefined
  const { deletionTimestamp, deletionGracePeriodSeconds: had = 0, generation } = object.metadata
  if (deletionTimestamp === undefined) {
    const seconds = gracePeriodSeconds(object, asked)
    const bumped = generation === undefined ? {} : { generation: generation + 1 }
    const due = timestampOf(nowMs + seconds * 1000)
    return withMeta(object, { deletionTimestamp: due, deletionGracePeriodSeconds: seconds, ...bumped })
  }
  if (had === 0) return undefined
  if (asked === undefined || asked >= had) return 'pending'
  const shortenedMs = Date.parse(deletionTimestamp) - had * 1000 + asked * 1000
  const isPast = shortenedMs < nowMs
  const seconds = isPast && asked !== 0 ? 1 : asked
  const due = timestampOf(isPast ? nowMs : shortenedMs)
  return withMeta(object, { deletionTimestamp: due, deletionGracePeriodSeconds: seconds })
}

function markedAsDeleting(object: ApiObject, nowMs: number): ApiObject {
  const { deletionTimestamp, generation } = object.metadata
  const isFirst = deletionTimestamp === undefined
  const isLater = isFirst || Date.parse(deletionTimestamp) > nowMs
  return withMeta(object, {
    deletionGracePeriodSeconds: 0,
    ...(isLater ? { deletionTimestamp: timestampOf(nowMs) } : {}),
    ...(isFirst && generation !== undefined ? { generation: generation + 1 } : {}),
  })
}

/** A namespace terminates first; its content is removed, then its finalizer, then itself. */
function namespaceAfterDelete(object: ApiObject, finalizers: readonly string[], nowMs: number): AfterDelete {
  const { finalizers: contents = [] } = (object.spec ?? {}) as { finalizers?: readonly string[] }
  if (object.metadata.deletionTimestamp === undefined) {
    const status = { ...(object.status as object | undefined), phase: 'Terminating' }
    const marked = withMeta(withFinalizers({ ...object, status }, finalizers), {
      deletionTimestamp: timestampOf(nowMs),
    })
    return { type: 'stays', object: marked }
  }
  if (contents.length > 0) return { type: 'pending' }
  return finalizers.length > 0 ? { type: 'pending' } : { type: 'goes', object }
}

const orphan = 'orphan'
const foreground = 'foregroundDeletion'

/** The finalizers that the garbage collector answers to come and go with the propagation policy; others stay. */
function finalizersFor(kind: Kind, object: ApiObject, options: DeleteOptions): readonly string[] {
  const had = object.metadata.finalizers ?? []
  const wanted = collectorFinalizer(kind, had, options)
  const others = had.filter((finalizer) => finalizer !== orphan && finalizer !== foreground)
  const after = wanted === undefined ? others : [...others, wanted]
  const isSame = after.length === had.length && had.every((finalizer) => after.includes(finalizer))
  return isSame ? had : after
}

function collectorFinalizer(
  kind: Kind,
  had: readonly string[],
  { orphanDependents, propagationPolicy }: DeleteOptions,
): string | undefined {
  // Events are never collected.
  if (groupResource(kind) === 'events') return undefined
  if (orphanDependents !== undefined) return orphanDependents ? orphan : undefined
  if (propagationPolicy !== undefined) {
    return { Orphan: orphan, Foreground: foreground, Background: undefined }[propagationPolicy]
  }
  if (had.includes(orphan)) return orphan
  if (had.includes(foreground)) return foreground
  return strategyOf(kind).orphansByDefault === true ? orphan : undefined
}

function withFinalizers(object: ApiObject, finalizers: readonly string[]): ApiObject {
  if (finalizers === object.metadata.finalizers) return object
  const { finalizers: _, ...metadata } = object.metadata
  return { ...object, metadata: finalizers.length === 0 ? metadata : { ...metadata, finalizers } }
}
