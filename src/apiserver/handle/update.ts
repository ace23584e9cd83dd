import { keepTimestamps } from '../../api/apply/keep-timestamps.ts'
import { trackUpdate } from '../../api/apply/track-update.ts'
import type { BodyType } from '../../api/decode.ts'
import { applyDefaults } from '../../api/defaults/apply-defaults.ts'
import { groupResource, type Kind } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import type { FieldError, Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { judgedKind } from '../../api/versioning.ts'
import { warningsOnStatus, warningsOnUpdate } from '../../api/warnings/warnings.ts'
import { withFields } from '../../api/with-fields.ts'
import type { Entry } from '../../store/store.ts'
import type { Attributes } from '../admit/admission.ts'
import type { Answer, Call } from '../call.ts'
import { withMeta } from '../object-meta.ts'
import { conflict, notFound, objectModified, storeKey } from '../resource.ts'
import { preparedStatus, preparedUpdate, strategyOf } from '../strategy/strategy.ts'
import { toJudged } from '../versions/judged.ts'
import { otherVersions, schemaOf, trackedForm } from '../versions/managed.ts'
import { asShown, storedEntry } from '../versions/shown.ts'
import { decodeRequest } from './body.ts'
import { inNamespace, storeNew } from './create.ts'
import { mended, withOwnersOnce } from './mended.ts'
import { type Overtaken, onNewest } from './newest.ts'
import { writeOptions } from './write-options.ts'
import {
  askedKind,
  type Claim,
  invalid,
  remove,
  replace,
  unstored,
  type WriteParts,
  type Writer,
  writerOf,
} from './writing.ts'

/** How the fields of a request and of the stored object come together, by subresource. */
export type Prepare = (kind: Kind, after: ApiObject, before: ApiObject, nowMs: number) => ApiObject

export type Subresource = Readonly<{
  name: string
  prepare: Prepare
  /** What admission sees in place of the whole object, where that is something else: a Scale. */
  view?: View
}>

/** Part of an object as an object of its own. */
export type View = Readonly<{
  type: BodyType
  of(object: ApiObject): ApiObject
  into(object: ApiObject, seen: ApiObject): ApiObject
}>

export const statusSubresource: Subresource = { name: 'status', prepare: preparedStatus }

export async function updateObject(
  parts: WriteParts,
  kind: Kind,
  call: Call,
  subresource?: Subresource,
): Promise<Result<Answer, Refusal>> {
  const options = writeOptions(call, 'UpdateOptions')
  if (!options.ok) return options
  const decoded = await decodeRequest(call, kind, options.value.fieldValidation)
  if (!decoded.ok) return decoded
  const { name, namespace } = call.info
  const wrongName = nameRefusal(decoded.value, name)
  if (wrongName !== undefined) return fail(wrongName)
  const writer = writerOf(call, kind, options.value, subresource?.name)
  const scoped = inNamespace(writer, decoded.value)
  if (!scoped.ok) return scoped
  return onNewest(parts, writer, storeKey(kind, namespace, name), async (before) => {
    if (before === undefined) return createInstead(parts, writer, scoped.value, name)
    const wanted = withOwnersOnce(applyDefaults(kind, scoped.value), writer.warn)
    const after = trackedChange(parts, writer, before, wanted)
    const stored = await storeChanged(parts, writer, before, after, subresource)
    return stored.ok ? ok({ type: 'entry', status: 200, kind, entry: stored.value }) : stored
  })
}

async function createInstead(
  parts: WriteParts,
  writer: Writer,
  object: ApiObject,
  name: string,
): Promise<Result<Answer, Refusal | Overtaken>> {
  const { kind, subresource } = writer
  const mayCreate = strategyOf(judgedKind(kind)).createsOnUpdate === true && subresource === undefined
  if (!mayCreate) return fail(notFound(kind, name))
  const { resourceVersion = '', uid = '' } = object.metadata
  if (resourceVersion !== '') return fail(notFound(kind, name))
  if (uid !== '') return fail(uidConflict(kind, object, uid, ''))
  const created = await storeNew(parts, writer, object)
  return created.ok
    ? ok({ type: 'entry', status: 201, kind, entry: created.value })
    : fail(updateInstead(created.error))
}

/** What was not there is there by now. */
export function updateInstead(refusal: Refusal): Refusal | Overtaken {
  return refusal.reason === 'AlreadyExists' ? { reason: 'Overtaken' } : refusal
}

/** A PUT or patch names the object that its path names. */
export function nameRefusal(object: ApiObject, name: string): Refusal | undefined {
  const given = object.metadata.name ?? ''
  if (given === name) return undefined
  const message =
    given === ''
      ? `the name of the object (${name} based on URL) was undeterminable: name must be provided`
      : `the name of the object (${given}) does not match the name on the URL (${name})`
  return { reason: 'BadRequest', message }
}

export function trackedChange(parts: WriteParts, writer: Writer, before: Entry, after: ApiObject): ApiObject {
  const { kind, subresource } = writer
  const entries = trackUpdate({
    schema: schemaOf(parts, kind),
    kind,
    others: otherVersions(parts, kind),
    before: before.object,
    after: trackedForm(kind, after),
    manager: writer.fieldManager,
    nowMs: parts.clock.nowMs(),
    ...(subresource === undefined ? {} : { subresource }),
  })
  const { managedFields: _, ...metadata } = after.metadata
  return { ...after, metadata: entries === undefined ? metadata : withFields(metadata, { managedFields: entries }) }
}

/** From a changed object, its managed fields tracked, to a stored one: as apiserver's registry Store.Update. */
export async function storeChanged(
  parts: WriteParts,
  writer: Writer,
  before: Entry,
  after: ApiObject,
  subresource?: Subresource,
): Promise<Result<Entry, Refusal | Overtaken>> {
  const { kind } = writer
  if (judgedKind(kind) !== kind) {
    const judged = await toJudged(writer, after)
    if (!judged.ok) return judged
    return storeChanged(parts, judged.value.writer, storedEntry(before), judged.value.object, subresource)
  }
  const name = before.object.metadata.name ?? ''
  const other = uidRefusal(askedKind(writer), after, before)
  if (other !== undefined) return fail(other)
  const { view } = subresource ?? {}
  const seen = (object: ApiObject): ApiObject => view?.of(object) ?? object
  const type = view === undefined ? {} : { body: view.type }
  const change = { operation: 'UPDATE', name, before: seen(before.object) } as const
  const attributes: Attributes = Object.assign(withFields(writer, change), type)
  const mutating = parts.admission.mutate(attributes, seen(after))
  const mutated = mutating instanceof Promise ? await mutating : mutating
  if (!mutated.ok) return mutated
  const admitted = view?.into(after, mutated.value) ?? mended(after, mutated.value, writer.warn)
  const claim = changedObject(parts, writer, admitted, before, subresource)
  if (!claim.ok) return claim
  const errors = parts.validateUpdate(kind, claim.value.object, before.object, subresource?.name, writer.requested)
  const validating =
    errors.length > 0 ? invalid(kind, name, errors) : parts.admission.validate(attributes, seen(claim.value.object))
  const refusal = validating instanceof Promise ? await validating : validating
  if (refusal !== undefined) {
    claim.value.undo()
    return fail(refusal)
  }
  for (const warning of changeWarnings(kind, claim.value.object, before.object, subresource)) writer.warn(warning)
  if (isDeletionComplete(claim.value.object, before.object))
    return removeAtLast(parts, writer, before, claim.value.object)
  return replace(parts, writer, before, claim.value)
}

function changeWarnings(kind: Kind, after: ApiObject, before: ApiObject, subresource: Subresource | undefined) {
  if (subresource === undefined) return warningsOnUpdate(kind, after, before)
  return subresource.name === 'status' ? warningsOnStatus(kind, after) : []
}

/** What an admitted change makes of the stored version, if it is about that version. */
function changedObject(
  parts: WriteParts,
  writer: Writer,
  after: ApiObject,
  before: Entry,
  subresource: Subresource | undefined,
): Result<Claim, Refusal> {
  const { kind, dryRun } = writer
  const mismatch = versionRefusal(writer, after, before)
  if (mismatch !== undefined) return fail(mismatch)
  const { resourceVersion = '' } = before.object.metadata
  const prepare = subresource?.prepare ?? preparedUpdate
  const prepared = withSystemMeta(
    prepare(kind, withMeta(after, { resourceVersion }), before.object, parts.clock.nowMs()),
    before.object,
  )
  return parts.claims(kind, keepTimestamps(before.object, prepared), before.object, dryRun)
}

/** Watchers see the object go as it was stored, who took the last finalizer off sees it without, under its last version. */
async function removeAtLast(
  parts: WriteParts,
  writer: Writer,
  before: Entry,
  after: ApiObject,
): Promise<Result<Entry, Refusal | Overtaken>> {
  const removed = await remove(parts, writer, before, before.object)
  return removed.ok ? ok(asShown(writer.kind, unstored(before.key, after, before.revision))) : removed
}

/** The request must be about the object that is there, … */
function uidRefusal(kind: Kind, after: ApiObject, { object: before }: Entry): Refusal | undefined {
  const { uid = '' } = after.metadata
  const isSame = uid === '' || uid === before.metadata.uid
  return isSame ? undefined : uidConflict(kind, after, uid, before.metadata.uid ?? '')
}

/** … and about this version of it if it names one. */
function versionRefusal(writer: Writer, after: ApiObject, { object: before }: Entry): Refusal | undefined {
  const { kind } = writer
  const { resourceVersion = '', name = '' } = after.metadata
  const isAny = resourceVersion === '' || resourceVersion === '0'
  if (!isAny && !/^\d+$/.test(resourceVersion)) return versionUnread(resourceVersion)
  if (isAny && strategyOf(kind).needsVersion === true) {
    const field = 'metadata.resourceVersion'
    const error: FieldError = {
      reason: 'FieldValueInvalid',
      field,
      message: 'Invalid value: 0: must be specified for an update',
    }
    return { reason: 'Invalid', group: kind.group, kind: kind.plural, name, errors: [error] }
  }
  const isSame = isAny || resourceVersion === before.metadata.resourceVersion
  return isSame ? undefined : conflict(askedKind(writer), name, objectModified)
}

/** An error without a reason of its own, as kube-apiserver answers what it cannot parse deep inside. */
export function versionUnread(text: string, prefix = ''): Refusal {
  const message = `${prefix}strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`
  const head = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' } as const
  return { reason: 'Passed', status: { ...head, message, code: 500 } }
}

/** Where kube-apiserver stores the kinds whose folder is not their plural: error messages name it. */
const storagePrefixes: Readonly<Record<string, string>> = {
  nodes: 'minions',
  replicationcontrollers: 'controllers',
  services: 'services/specs',
  endpoints: 'services/endpoints',
  'ingresses.networking.k8s.io': 'ingress',
}

/** As the storage layer words it that an object is another one by now. */
export function uidConflict(kind: Kind, object: Pick<ApiObject, 'metadata'>, uid: string, actual: string): Refusal {
  const { name = '', namespace = '' } = object.metadata
  const key = `/registry/${storagePrefixes[groupResource(kind)] ?? kind.plural}/${kind.namespaced ? `${namespace}/` : ''}${name}`
  const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${actual}`
  const message = `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`
  return conflict(kind, name, message)
}

/** What no update changes, whatever it says, as apiserver's rest.BeforeUpdate; validation refuses what else is new. */
function withSystemMeta(after: ApiObject, { metadata: before }: ApiObject): ApiObject {
  const { selfLink: _, uid = '', ...metadata } = after.metadata
  const { creationTimestamp, deletionTimestamp } = before
  const graceSeconds = metadata.deletionGracePeriodSeconds ?? before.deletionGracePeriodSeconds
  return withMeta(
    { ...after, metadata },
    {
      uid: uid === '' ? (before.uid ?? '') : uid,
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
      ...(graceSeconds === undefined ? {} : { deletionGracePeriodSeconds: graceSeconds }),
    },
  )
}

/** The last finalizer is gone from an object whose time is over: it goes, too. */
export function isDeletionComplete(after: ApiObject, before: ApiObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = before.metadata
  if (deletionTimestamp === undefined || (after.metadata.finalizers ?? []).length > 0) return false
  // A namespace goes when its content is gone: its finalizers are in spec.
  const spec = after.kind === 'Namespace' ? (after.spec as { finalizers?: readonly string[] } | undefined) : undefined
  return deletionGracePeriodSeconds === 0 && (spec?.finalizers ?? []).length === 0
}
