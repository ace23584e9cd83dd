import type { ManagedFieldsEntry, ObjectMeta, OwnerReference } from '../kinds.generated.ts'
import { labelKeyErrors } from '../label-syntax.ts'
import {
  child,
  type Errors,
  entriesOf,
  forbidden,
  immutable,
  index,
  invalid,
  invalidEach,
  nonNegative,
  required,
  tooLong,
} from './field-error.ts'
import { validateLabels } from './labels.ts'
import { asPrefix, dnsLabelErrors } from './names.ts'

export type NameRule = (name: string) => readonly string[]

const path = 'metadata'
const annotationsBytes = 256 * 1024

/** How long the text is in UTF-8. */
export function utf8Bytes(text: string): number {
  let bytes = text.length
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    // Two bytes to U+07FF, three to U+FFFF; the two halves of a pair make four.
    if (unit > 0x7f) bytes += unit > 0x7ff && !isPairHead(text, at) && !isPairTail(text, at) ? 2 : 1
  }
  return bytes
}

function isPairHead(text: string, at: number): boolean {
  return isWithin(text.charCodeAt(at), 0xd800) && isWithin(text.charCodeAt(at + 1), 0xdc00)
}

function isPairTail(text: string, at: number): boolean {
  return at > 0 && isPairHead(text, at - 1)
}

/** One of the 1,024 surrogates from the first. */
function isWithin(unit: number, first: number): boolean {
  return unit >= first && unit < first + 0x400
}

/** metadata of a new object of Kubernetes' own kinds, the name already generated where it was to be. */
export function validateNewMeta(meta: ObjectMeta, namespaced: boolean, nameErrors: NameRule): Errors {
  return [
    ...validateAnyNewMeta(meta, namespaced, nameErrors),
    ...validateFinalizerDomains(child(path, 'finalizers'), meta.finalizers ?? []),
  ]
}

/** The rules that hold for the metadata of every kind. */
export function validateAnyNewMeta(meta: ObjectMeta, namespaced: boolean, nameErrors: NameRule): Errors {
  const { name = '', generateName = '' } = meta
  return [
    ...(generateName === ''
      ? []
      : invalidEach(child(path, 'generateName'), generateName, nameErrors(asPrefix(generateName)))),
    ...(name === ''
      ? [required(child(path, 'name'), 'name or generateName is required')]
      : invalidEach(child(path, 'name'), name, nameErrors(name))),
    ...validateNamespace(meta.namespace ?? '', namespaced),
    ...nonNegative(child(path, 'generation'), meta.generation),
    ...validateLabels(child(path, 'labels'), meta.labels),
    ...validateAnnotations(child(path, 'annotations'), meta.annotations),
    ...validateOwners(child(path, 'ownerReferences'), meta.ownerReferences ?? []),
    ...validateFinalizers(child(path, 'finalizers'), meta.finalizers ?? []),
    ...validateManagedFields(child(path, 'managedFields'), meta.managedFields ?? []),
  ]
}

/** What may not change in metadata; which other rules hold for it, besides. */
export function validateMetaUpdate(meta: ObjectMeta, old: ObjectMeta): Errors {
  return [
    ...validateAnyMetaUpdate(meta, old),
    ...validateFinalizerDomains(child(path, 'finalizers'), meta.finalizers ?? []),
  ]
}

/** The rules that hold for the metadata of every kind, before those of its own. */
export function validateAnyMetaUpdate(meta: ObjectMeta, old: ObjectMeta): Errors {
  const { resourceVersion = '', generation = 0 } = meta
  return [
    ...(old.deletionTimestamp === undefined ? [] : validateNoNewFinalizers(meta, old)),
    ...(resourceVersion === '' ? [invalid(child(path, 'resourceVersion'), '', 'must be specified for an update')] : []),
    ...(generation < (old.generation ?? 0)
      ? [invalid(child(path, 'generation'), generation, 'must not be decremented')]
      : []),
    ...immutable(child(path, 'name'), meta.name ?? '', old.name ?? ''),
    ...immutable(child(path, 'namespace'), meta.namespace ?? '', old.namespace ?? ''),
    ...immutable(child(path, 'uid'), meta.uid ?? '', old.uid ?? ''),
    ...immutable(child(path, 'creationTimestamp'), meta.creationTimestamp, old.creationTimestamp),
    ...immutable(child(path, 'deletionTimestamp'), meta.deletionTimestamp, old.deletionTimestamp),
    ...immutable(
      child(path, 'deletionGracePeriodSeconds'),
      meta.deletionGracePeriodSeconds,
      old.deletionGracePeriodSeconds,
    ),
    ...validateLabels(child(path, 'labels'), meta.labels),
    ...validateAnnotations(child(path, 'annotations'), meta.annotations),
    ...validateOwners(child(path, 'ownerReferences'), meta.ownerReferences ?? []),
    ...validateManagedFields(child(path, 'managedFields'), meta.managedFields ?? []),
  ]
}

/** Of what is made from a template: labels and annotations, in the order of Go's fields. */
export function validateTemplateMeta(field: string, meta: ObjectMeta): Errors {
  const others = Object.keys(meta).filter((key) => !['labels', 'annotations'].includes(key))
  const isSet = (value: unknown): boolean => value !== undefined && value !== null && value !== '' && value !== 0
  return [
    ...validateAnnotations(child(field, 'annotations'), meta.annotations),
    ...validateLabels(child(field, 'labels'), meta.labels),
    ...others.flatMap((key) =>
      isSet(meta[key as keyof ObjectMeta]) ? [forbidden(child(field, key), 'cannot be set')] : [],
    ),
  ]
}

function validateNamespace(namespace: string, namespaced: boolean): Errors {
  const field = child(path, 'namespace')
  if (!namespaced) return namespace === '' ? [] : [forbidden(field, 'not allowed on this type')]
  return namespace === '' ? [required(field)] : invalidEach(field, namespace, dnsLabelErrors(namespace))
}

export function validateAnnotations(field: string, annotations: Readonly<Record<string, string>> | undefined): Errors {
  const entries = entriesOf(annotations)
  const sizeBytes = entries.reduce((sum, [key, value]) => sum + utf8Bytes(key) + utf8Bytes(value), 0)
  return [
    ...entries.flatMap(([key]) => invalidEach(field, key, labelKeyErrors(key.toLowerCase()))),
    ...(sizeBytes > annotationsBytes ? [tooLong(field, annotationsBytes)] : []),
  ]
}

function validateOwners(field: string, owners: readonly OwnerReference[]): Errors {
  const errors: Errors[] = []
  let controller: string | undefined
  for (const owner of owners) {
    errors.push(validateOwner(field, owner))
    if (owner.controller !== true) continue
    const name = `${owner.kind}/${owner.name}`
    if (controller === undefined) controller = name
    else {
      const detail = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${name}`
      errors.push([invalid(field, owners.map(asGoOwner), detail)])
    }
  }
  return errors.flat()
}

/** In the order of Go's fields. */
function asGoOwner({ apiVersion, kind, name, uid, controller, blockOwnerDeletion }: OwnerReference): OwnerReference {
  return {
    apiVersion,
    kind,
    name,
    uid,
    ...(controller === undefined ? {} : { controller }),
    ...(blockOwnerDeletion === undefined ? {} : { blockOwnerDeletion }),
  }
}

function validateOwner(field: string, owner: OwnerReference): Errors {
  const { apiVersion = '', kind = '', name = '', uid = '' } = owner
  const empty = 'must not be empty'
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1)
  return [
    ...(version === '' ? [invalid(child(field, 'apiVersion'), apiVersion, 'version must not be empty')] : []),
    ...(kind === '' ? [invalid(child(field, 'kind'), kind, empty)] : []),
    ...(name === '' ? [invalid(child(field, 'name'), name, empty)] : []),
    ...(uid === '' ? [invalid(child(field, 'uid'), uid, empty)] : []),
    ...(apiVersion === 'v1' && kind === 'Event'
      ? [invalid(field, asGoOwner(owner), '/v1, Kind=Event is disallowed from being an owner')]
      : []),
  ]
}

function validateFinalizers(field: string, finalizers: readonly string[]): Errors {
  const both = finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')
  return [
    ...finalizers.flatMap((finalizer) => invalidEach(field, finalizer, labelKeyErrors(finalizer))),
    ...(both ? [invalid(field, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set')] : []),
  ]
}

const standardFinalizers = ['kubernetes', 'orphan', 'foregroundDeletion']

export function validateFinalizerDomain(field: string, finalizer: string): Errors {
  if (finalizer.includes('/') || standardFinalizers.includes(finalizer)) return []
  return [invalid(field, finalizer, 'name is neither a standard finalizer name nor is it fully qualified')]
}

function validateFinalizerDomains(field: string, finalizers: readonly string[]): Errors {
  return finalizers.flatMap((finalizer, at) => validateFinalizerDomain(index(field, at), finalizer))
}

function validateNoNewFinalizers(meta: ObjectMeta, old: ObjectMeta): Errors {
  const extra = (meta.finalizers ?? []).filter((finalizer) => old.finalizers?.includes(finalizer) !== true)
  if (extra.length === 0) return []
  const list = [...new Set(extra)].sort().map((finalizer) => JSON.stringify(finalizer))
  return [
    forbidden(
      child(path, 'finalizers'),
      `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list.join(', ')}}`,
    ),
  ]
}

function validateManagedFields(field: string, entries: readonly ManagedFieldsEntry[]): Errors {
  return entries.flatMap(({ operation = '', fieldsType = '', manager = '', subresource = '' }, at) => [
    ...(operation === 'Apply' || operation === 'Update'
      ? []
      : [invalid(child(index(field, at), 'operation'), operation, 'must be `Apply` or `Update`')]),
    ...(fieldsType === '' || fieldsType === 'FieldsV1'
      ? []
      : [invalid(child(index(field, at), 'fieldsType'), fieldsType, 'must be `FieldsV1`')]),
    ...validateFieldManager(child(index(field, at), 'manager'), manager),
    ...(utf8Bytes(subresource) > 256 ? [tooLong(child(index(field, at), 'subresource'), 256)] : []),
  ])
}

/** Also for the query parameter fieldManager. */
export function validateFieldManager(field: string, manager: string): Errors {
  const errors = utf8Bytes(manager) > 128 ? [tooLong(field, 128)] : []
  if (!/[\p{C}\p{Zl}\p{Zp}]/u.test(manager)) return errors
  let position = 0
  for (const char of manager) {
    if (/[\p{C}\p{Zl}\p{Zp}]/u.test(char)) {
      const code = (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
      errors.push(invalid(field, manager, `invalid character U+${code} (at position ${position})`))
    }
    position += utf8Bytes(char)
  }
  return errors
}
