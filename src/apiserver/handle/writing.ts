import { equalJson } from '../../api/json-value.ts'
import type { Kind } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import type { FieldError, Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { Schema } from '../../api/schema.ts'
import { withFields } from '../../api/with-fields.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import type { Random } from '../../ports/random.ts'
import type { Committed, Entry, Store, WriteError } from '../../store/store.ts'
import type { Admission } from '../admit/admission.ts'
import type { Call, User } from '../call.ts'
import { stamped } from '../object-meta.ts'
import { asShown, convertOne, type Shown, storedEntry } from '../versions/shown.ts'
import type { Overtaken } from './newest.ts'
import type { WriteOptions } from './write-options.ts'

/**
 * Something held for an object until its write has succeeded or not: a Service's addresses. `keep` stores what goes with it, right before
 * the object itself is stored; `undo` takes back both.
 */
export type Claim = Readonly<{ object: ApiObject; undo(): void; keep?(): void }>

/** Reserves what an object needs from a pool, and fills it in. */
export type Claims = (
  kind: Kind,
  after: ApiObject,
  before: ApiObject | undefined,
  dryRun: boolean,
) => Result<Claim, Refusal>

export type WriteParts = Readonly<{
  store: Store
  clock: Clock
  random: Random
  schema: Schema
  log: Log
  admission: Admission
  claims: Claims
  /** Why what has that key cannot be stored now; absent: nothing stands against it. */
  storageRefusal?: ((key: string) => string | undefined) | undefined
  /** Gives up what a claim held for an object that is no more. */
  release: (kind: Kind, object: ApiObject) => void
  /** All versions in which what the kind stores is served. */
  versionsOf: (kind: Kind) => readonly Kind[]
  /** `requested`: the version that the request is for, where that is another. */
  validateCreate: (kind: Kind, object: ApiObject, requested?: Kind) => readonly FieldError[]
  validateUpdate: (
    kind: Kind,
    after: ApiObject,
    before: ApiObject,
    subresource?: string,
    requested?: Kind,
  ) => readonly FieldError[]
}>

/** Who writes what, for admission and field managers. */
export type Writer = Readonly<{
  user: User
  kind: Kind
  /** The version that the request is for, where what is written is judged in another. */
  requested?: Kind
  namespace: string
  fieldManager: string
  dryRun: boolean
  subresource?: string
  /** The request's CreateOptions, UpdateOptions or DeleteOptions, as they were given. */
  options: Readonly<Record<string, unknown>>
  /** When the request must have been answered. */
  deadlineMs: number
  /** Told to the client besides the answer. */
  warn(message: string): void
  /** Noted with the request's audit event. */
  annotate(key: string, value: string): void
  outside(ms: number): void
}>

export function writerOf(
  call: Call,
  kind: Kind,
  { fieldManager, dryRun, stated }: Pick<WriteOptions, 'fieldManager' | 'dryRun' | 'stated'>,
  subresource?: string,
): Writer {
  const { user, info, deadlineMs, annotate, outside } = call
  const warn = (message: string): void => void call.warnings.push(message)
  const told = { warn, annotate, outside }
  const writer = { user, kind, namespace: info.namespace, fieldManager, dryRun, options: stated, deadlineMs, ...told }
  return subresource === undefined ? writer : withFields(writer, { subresource })
}

export function invalid(kind: Kind, name: string, errors: readonly FieldError[]): Refusal {
  return { reason: 'Invalid', group: kind.group, kind: kind.kind, name, errors }
}

/** The kind by whose name errors speak of what is written: that of the request. */
export function askedKind({ kind, requested }: Pick<Writer, 'kind' | 'requested'>): Kind {
  return requested ?? kind
}

type WriteOf = Pick<Writer, 'kind' | 'requested' | 'dryRun'>

/** Commits and waits until it is durable: nobody hears of a write before. Under dry run nothing is stored. */
export async function create(
  parts: WriteParts,
  writer: WriteOf,
  key: string,
  claim: Claim,
): Promise<Result<Entry, Refusal>> {
  const { kind, dryRun } = writer
  if (dryRun) {
    claim.undo()
    const there = parts.store.head(key)
    if (there !== undefined) return fail(alreadyExists(askedKind(writer), there, claim.object))
    return ok(asShown(kind, unstored(key, claim.object, 0)))
  }
  const eventual = toStored(kind, claim.object)
  const stored = eventual instanceof Promise ? await eventual : eventual
  if (!stored.ok) return undone(claim, stored.error)
  const refusal = parts.storageRefusal?.(key)
  if (refusal !== undefined) return undone(claim, { reason: 'InternalError', message: refusal })
  claim.keep?.()
  const ttl = kind.ttlSeconds === undefined ? {} : { ttlSeconds: kind.ttlSeconds }
  const committed = parts.store.commit({
    type: 'create',
    key,
    stamp: (revision) => stamped(stored.value, revision),
    ...ttl,
  })
  if (committed.ok) return settle(parts, claim, asCommitted(kind, committed.value))
  claim.undo()
  return fail(alreadyExists(askedKind(writer), parts.store.head(key), claim.object))
}

/** A write that changes nothing is none: the stored version is the answer. */
export async function replace(
  parts: WriteParts,
  { kind, dryRun }: WriteOf,
  before: Entry,
  claim: Claim,
): Promise<Result<Entry, Refusal | Overtaken>> {
  const eventual = toStored(kind, claim.object)
  const stored = eventual instanceof Promise ? await eventual : eventual
  if (!stored.ok) return undone(claim, stored.error)
  if (isUnchanged(storedEntry(before).object, stored.value)) {
    claim.undo()
    await parts.store.flushed()
    return ok(before)
  }
  if (dryRun) {
    claim.undo()
    return ok(asShown(kind, unstored(before.key, claim.object, before.revision)))
  }
  const refusal = parts.storageRefusal?.(before.key)
  if (refusal !== undefined) return undone(claim, { reason: 'InternalError', message: refusal })
  claim.keep?.()
  const ttl = kind.ttlSeconds === undefined ? {} : { ttlSeconds: kind.ttlSeconds }
  const committed = parts.store.commit({
    type: 'update',
    key: before.key,
    revision: before.revision,
    stamp: (revision) => stamped(stored.value, revision),
    ...ttl,
  })
  return settleOn(parts, kind, claim, committed)
}

export async function remove(
  parts: WriteParts,
  { kind, dryRun }: WriteOf,
  before: Entry,
  last: ApiObject,
): Promise<Result<Entry, Refusal | Overtaken>> {
  if (dryRun) return ok(asShown(kind, unstored(before.key, last, before.revision)))
  const eventual = toStored(kind, last)
  const stored = eventual instanceof Promise ? await eventual : eventual
  if (!stored.ok) return stored
  const committed = parts.store.commit({
    type: 'delete',
    key: before.key,
    revision: before.revision,
    stamp: (revision) => stamped(stored.value, revision),
  })
  if (committed.ok) parts.release(kind, last)
  return settleOn(parts, kind, { object: last, undo() {} }, committed)
}

/** Of a write to what was there: it is there no more, or in another version. */
function settleOn(
  parts: WriteParts,
  kind: Kind,
  claim: Claim,
  committed: Result<Committed, WriteError>,
): Promise<Result<Entry, Refusal>> | Result<never, Overtaken> {
  if (committed.ok) return settle(parts, claim, asCommitted(kind, committed.value))
  claim.undo()
  return fail({ reason: 'Overtaken' })
}

function undone(claim: Claim, refusal: Refusal): Result<never, Refusal> {
  claim.undo()
  return fail(refusal)
}

/** The object as it is stored: Kubernetes' own kinds are written in that form already. */
function toStored({ versioning }: Kind, object: ApiObject): Shown<ApiObject> {
  return versioning?.judgedAs === 'served' ? convertOne(versioning.toStored, object) : ok(object)
}

/** What has just been written in the stored version needs no second look when it is shown. */
function asCommitted(kind: Kind, committed: Committed): Committed {
  if (kind.versioning?.stored.version === kind.version) asShown(kind, committed.entry)
  return committed
}

async function settle(parts: WriteParts, claim: Claim, { entry, durable }: Committed): Promise<Result<Entry, Refusal>> {
  try {
    await durable
    return ok(entry)
  } catch (error) {
    claim.undo()
    const message = error instanceof Error ? error.message : String(error)
    parts.log.error('a write could not be made durable', { key: entry.key, error: message })
    return fail({ reason: 'InternalError', message: `the write could not be stored: ${message}` })
  }
}

function alreadyExists({ group, plural }: Kind, there: Entry | undefined, { metadata }: ApiObject): Refusal {
  const isLeaving = there?.object.metadata.deletionTimestamp !== undefined
  const refusal = { reason: 'AlreadyExists', group, resource: plural, name: metadata.name ?? '' } as const
  return isLeaving ? { ...refusal, isLeaving } : refusal
}

function isUnchanged(before: ApiObject, after: ApiObject): boolean {
  const { metadata: metaBefore, ...restBefore } = before
  const { metadata: metaAfter, ...restAfter } = after
  const { resourceVersion: _before, ...keptBefore } = metaBefore
  const { resourceVersion: _after, ...keptAfter } = metaAfter
  return equalJson(keptBefore, keptAfter) && equalJson(restBefore, restAfter)
}

const encoder = new TextEncoder()

/** How an object would be after a write that is only tried. A new one has no resourceVersion. */
export function unstored(key: string, object: ApiObject, revision: number): Entry {
  const whole = stamped(object, revision)
  const { resourceVersion: _, ...metadata } = whole.metadata
  const shown = revision === 0 ? { ...whole, metadata } : whole
  return { key, object: shown, json: encoder.encode(JSON.stringify(shown)), revision, createRevision: revision }
}
