import type { PersistentVolumeClaim, PersistentVolumeClaimSpec, TypedObjectReference } from '../kinds.generated.ts'
import { labelKeyErrors } from '../label-syntax.ts'
import { betaClassAnnotation } from '../persistent-volume.ts'
import { compareQuantities, formatQuantity, quantityUnits, zeroQuantity } from '../quantity.ts'
import {
  child,
  type Errors,
  entriesOf,
  forbidden,
  immutable,
  invalid,
  invalidEach,
  keyed,
  notSupported,
  required,
  sameValue,
} from './field-error.ts'
import { validateLabelSelector } from './labels.ts'
import { dnsLabelErrors, dnsSubdomainErrors } from './names.ts'
import { validateMetaUpdate, validateNewMeta } from './object-meta.ts'
import { validateVersion } from './resource-quota.ts'
import { parsed, validateQuantity } from './resources.ts'
import { unifiedDiff } from './unified-diff.ts'

type Spec = PersistentVolumeClaimSpec

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']
export const volumeModes = ['Block', 'Filesystem']

export function validateAccessModes(field: string, modes: readonly string[]): Errors {
  const mixed =
    modes.includes('ReadWriteOncePod') &&
    modes.some((mode) => mode !== 'ReadWriteOncePod' && accessModes.includes(mode))
  return [
    ...modes.filter((mode) => !accessModes.includes(mode)).map((mode) => notSupported(field, mode, accessModes)),
    ...(mixed ? [forbidden(field, 'may not use ReadWriteOncePod with other access modes')] : []),
  ]
}

export function validateClaim({ metadata = {}, spec = {} }: PersistentVolumeClaim): Errors {
  return [...validateNewMeta(metadata, true, dnsSubdomainErrors), ...validateClaimSpec('spec', spec)]
}

/** Also of the claims that a stateful set makes. */
export function validateClaimSpec(field: string, spec: Spec): Errors {
  const { accessModes: modes = [], selector, storageClassName = '', volumeMode, volumeAttributesClassName = '' } = spec
  const modesPath = child(field, 'accessModes')
  return [
    ...(modes.length === 0 ? [required(modesPath, 'at least 1 access mode is required')] : []),
    ...(selector === undefined ? [] : validateLabelSelector(child(field, 'selector'), selector)),
    ...validateAccessModes(modesPath, modes),
    ...validateStorage(keyed(child(field, 'resources'), 'storage'), spec.resources?.requests?.storage),
    ...(storageClassName === ''
      ? []
      : invalidEach(child(field, 'storageClassName'), storageClassName, dnsSubdomainErrors(storageClassName))),
    ...(volumeMode === undefined || volumeModes.includes(volumeMode)
      ? []
      : [notSupported(child(field, 'volumeMode'), volumeMode, volumeModes)]),
    ...validateSources(field, spec),
    ...(volumeAttributesClassName === ''
      ? []
      : invalidEach(
          child(field, 'volumeAttributesClassName'),
          volumeAttributesClassName,
          dnsSubdomainErrors(volumeAttributesClassName),
        )),
  ]
}

function validateStorage(field: string, text: string | undefined): Errors {
  if (text === undefined) return [required(field)]
  const amount = parsed(text)
  return compareQuantities(amount, zeroQuantity) <= 0
    ? [invalid(field, formatQuantity(amount), 'must be greater than zero')]
    : validateQuantity(field, 'storage', text)
}

function validateSources(field: string, { dataSource, dataSourceRef }: Spec): Errors {
  const namespace = dataSourceRef?.namespace ?? ''
  const isSame =
    dataSource?.apiGroup === dataSourceRef?.apiGroup &&
    dataSource?.kind === dataSourceRef?.kind &&
    dataSource?.name === dataSourceRef?.name
  const path = child(field, 'dataSource')
  const both = dataSource !== undefined && dataSourceRef !== undefined
  return [
    ...(dataSource === undefined ? [] : validateSource(path, dataSource)),
    ...(dataSourceRef === undefined ? [] : validateSource(child(field, 'dataSourceRef'), dataSourceRef)),
    ...(both && namespace !== ''
      ? [invalid(field, {}, 'may not be specified when dataSourceRef.namespace is specified')]
      : []),
    ...(both && namespace === '' && !isSame ? [invalid(field, {}, 'must match dataSourceRef')] : []),
  ]
}

function validateSource(field: string, source: Partial<TypedObjectReference>): Errors {
  const { name = '', kind = '', apiGroup = '', namespace = '' } = source
  const namespacePath = child(field, 'namespace')
  return [
    ...(name === '' ? [required(child(field, 'name'))] : []),
    ...(kind === '' ? [required(child(field, 'kind'))] : []),
    ...(apiGroup === '' && kind !== 'PersistentVolumeClaim'
      ? [invalid(field, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup")]
      : []),
    ...(apiGroup === '' ? [] : invalidEach(child(field, 'apiGroup'), apiGroup, dnsSubdomainErrors(apiGroup))),
    ...(namespace === '' ? [] : invalidEach(namespacePath, namespace, dnsLabelErrors(namespace))),
  ]
}

const fixed =
  'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'

export function validateClaimUpdate(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): Errors {
  const { spec = {} } = claim
  const before = old.spec ?? {}
  const [size, oldSize] = [spec, before].map(({ resources }) => parsed(resources?.requests?.storage ?? '0'))
  const statusSize = parsed(old.status?.capacity?.storage ?? '0')
  const shrinks = size !== undefined && oldSize !== undefined && compareQuantities(size, oldSize) < 0
  const sizePath = 'spec.resources.requests.storage'
  return [
    ...validateMetaUpdate(claim.metadata ?? {}, old.metadata ?? {}),
    ...validateClaim(claim),
    ...validateClassChange(claim, old),
    ...(isUnchanged(claim, old) ? [] : [forbidden('spec', `${fixed}\n${changes(before, spec)}`)]),
    ...(shrinks && compareQuantities(size, statusSize) <= 0
      ? [forbidden(sizePath, 'field can not be less than status.capacity')]
      : []),
    ...immutable('volumeMode', spec.volumeMode, before.volumeMode),
    ...validateAttributesChange(spec, old),
  ]
}

function changes(before: object, now: object): string {
  return unifiedDiff(JSON.stringify(before, null, 1), JSON.stringify(now, null, 1))
}

/** Volume names and classes may be set once; a bound claim may ask for another size and other attributes. */
function isUnchanged({ spec = {}, status }: PersistentVolumeClaim, old: PersistentVolumeClaim): boolean {
  const before = old.spec ?? {}
  const volumeName = (before.volumeName ?? '') === '' ? spec.volumeName : before.volumeName
  const storageClassName = mayTakeClass(spec, old) ? before.storageClassName : spec.storageClassName
  const isBound = status?.phase === 'Bound'
  const requests = { ...spec.resources?.requests, storage: before.resources?.requests?.storage }
  const now = {
    ...spec,
    storageClassName,
    ...(isBound
      ? {
          resources: { ...spec.resources, requests },
          volumeAttributesClassName: before.volumeAttributesClassName,
        }
      : {}),
  }
  return sameValue(now, { ...before, volumeName })
}

function mayTakeClass({ storageClassName: name }: Spec, old: PersistentVolumeClaim): boolean {
  const annotated = old.metadata?.annotations?.[betaClassAnnotation]
  return (
    name !== undefined && old.spec?.storageClassName === undefined && (annotated === undefined || annotated === name)
  )
}

function validateClassChange({ metadata }: PersistentVolumeClaim, old: PersistentVolumeClaim): Errors {
  const [now = '', before = ''] = [metadata, old.metadata].map((meta) => meta?.annotations?.[betaClassAnnotation])
  const field = keyed('metadata.annotations', betaClassAnnotation)
  return now === before ? [] : [invalid(field, now, 'field is immutable')]
}

function validateAttributesChange({ volumeAttributesClassName: name }: Spec, old: PersistentVolumeClaim): Errors {
  const field = 'spec.volumeAttributesClassName'
  if (name === old.spec?.volumeAttributesClassName || old.status?.currentVolumeAttributesClassName === undefined)
    return []
  const whileCurrent = 'is forbidden when status.currentVolumeAttributesClassName is not nil'
  if (name === undefined) return [forbidden(field, `update to nil ${whileCurrent}`)]
  return name === '' ? [forbidden(field, `update to empty string ${whileCurrent}`)] : []
}

const resizeStatuses = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
  'NodeResizePending',
].sort()

export function validateClaimStatusUpdate(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): Errors {
  const { metadata = {}, spec, status = {} } = claim
  const allocated = 'status.allocatedResources'
  const statuses = 'status.allocatedResourceStatuses'
  return [
    ...validateMetaUpdate(metadata, old.metadata ?? {}),
    ...validateVersion(metadata),
    ...((spec?.accessModes ?? []).length === 0 ? [required('Spec.accessModes')] : []),
    ...entriesOf(status.capacity).flatMap(([name, text]) => validateBasic(keyed('status.capacity', name), text)),
    ...entriesOf(status.allocatedResourceStatuses).flatMap(([name, value]) => [
      ...validateResourceKey(statuses, name),
      ...(resizeStatuses.includes(value) ? [] : [notSupported(statuses, name, resizeStatuses)]),
    ]),
    ...entriesOf(status.allocatedResources).flatMap(([name, text]) => {
      const errors = validateResourceKey(allocated, name)
      if (errors.length > 0) return errors
      const basic = validateBasic(keyed(allocated, name), text)
      return basic.length > 0 ? basic : validateQuantity(keyed(allocated, name), 'storage', text)
    }),
  ]
}

export function validateBasic(field: string, text: string): Errors {
  const units = quantityUnits(parsed(text))
  return units < 0n ? [invalid(field, Number(units), 'must be a valid resource quantity')] : []
}

function validateResourceKey(field: string, name: string): Errors {
  const errors = invalidEach(field, name, labelKeyErrors(name))
  const isNative = !name.includes('/') || name.includes('kubernetes.io/')
  if (errors.length > 0 || !isNative || name === 'storage') return errors
  return [notSupported(field, name, ['storage'])]
}
