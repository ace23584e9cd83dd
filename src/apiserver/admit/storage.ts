import type { PersistentVolumeClaim, StorageClass } from '../../api/kinds.generated.ts'
import { groupResource, kinds } from '../../api/kinds.ts'
import type { ApiObject, Stored } from '../../api/object.ts'
import {
  attributesClassFinalizer,
  claimFinalizer,
  claimNamesClass,
  classNameOf,
  defaultStorageClass,
  volumeFinalizer,
} from '../../api/persistent-volume.ts'
import { compareQuantities, parseQuantity, type Quantity, zeroQuantity } from '../../api/quantity.ts'
import { ok } from '../../api/result.ts'
import type { Store } from '../../store/store.ts'
import { withMeta } from '../object-meta.ts'
import { objectsIn, storeKey } from '../resource.ts'
import type { Attributes, Mutate, Plugin, Validate } from './admission.ts'
import { forbidden } from './forbidden.ts'

/** A claim that names no class gets the one that is there for such (plugin DefaultStorageClass). */
export function defaultClassOfClaims(store: Store): Plugin {
  const mutate: Mutate = (attributes, object) => {
    if (!isOf(attributes, kinds.persistentVolumeClaims, 'CREATE')) return ok(object)
    if (claimNamesClass(object as PersistentVolumeClaim)) return ok(object)
    const classes = objectsIn<StorageClass>(store, kinds.storageClasses, '') as readonly Stored<StorageClass>[]
    const storageClassName = defaultStorageClass(classes)?.metadata.name
    if (storageClassName === undefined) return ok(object)
    return ok({ ...object, spec: { ...(object.spec as object | undefined), storageClassName } } as ApiObject)
  }
  return { mutate }
}

const finalizers: Readonly<Record<string, string>> = {
  [groupResource(kinds.persistentVolumes)]: volumeFinalizer,
  [groupResource(kinds.persistentVolumeClaims)]: claimFinalizer,
  [groupResource(kinds.volumeAttributesClasses)]: attributesClassFinalizer,
}

const withFinalizer: Mutate = (attributes, object) => {
  const finalizer = finalizers[groupResource(attributes.kind)]
  const had = object.metadata?.finalizers ?? []
  const isNew = attributes.operation === 'CREATE' && attributes.subresource === undefined
  if (finalizer === undefined || !isNew || had.includes(finalizer)) return ok(object)
  return ok(withMeta(object, { finalizers: [...had, finalizer] }))
}

/** Claims and volumes that are in use do not go before they are not (plugin StorageObjectInUseProtection). */
export const storageInUseProtection: Plugin = { mutate: withFinalizer }

/** Only what a class makes and says can grow grows (plugin PersistentVolumeClaimResize). */
export function claimResize(store: Store): Plugin {
  const validate: Validate = (attributes, object) => {
    const { before } = attributes
    if (before === undefined || !isOf(attributes, kinds.persistentVolumeClaims, 'UPDATE')) return undefined
    const [claim, had] = [object as PersistentVolumeClaim, before as PersistentVolumeClaim]
    if (compareQuantities(sizeOf(claim), sizeOf(had)) <= 0) return undefined
    if (had.status?.phase !== 'Bound') {
      return forbidden(attributes, 'Only bound persistent volume claims can be expanded', object)
    }
    if (growsByClass(store, claim, had)) return undefined
    const who = 'only dynamically provisioned pvc can be resized'
    return forbidden(attributes, `${who} and the storageclass that provisions the pvc must support resize`, object)
  }
  return { validate }
}

function growsByClass(store: Store, claim: PersistentVolumeClaim, had: PersistentVolumeClaim): boolean {
  const name = classNameOf(claim)
  if (name === '' || name !== classNameOf(had)) return false
  const found = store.get(storeKey(kinds.storageClasses, '', name))?.object as StorageClass | undefined
  return found?.allowVolumeExpansion === true
}

function sizeOf({ spec }: PersistentVolumeClaim): Quantity {
  const parsed = parseQuantity(spec?.resources?.requests?.storage ?? '0')
  return parsed.ok ? parsed.value : zeroQuantity
}

function isOf(
  { kind, operation, subresource }: Attributes,
  wanted: Attributes['kind'],
  when: Attributes['operation'],
): boolean {
  return groupResource(kind) === groupResource(wanted) && operation === when && subresource === undefined
}
