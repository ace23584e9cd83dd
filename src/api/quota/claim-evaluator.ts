import type { PersistentVolumeClaim } from '../kinds.generated.ts'
import { classNameOf } from '../persistent-volume.ts'
import { parseQuantity, type Quantity, quantityOfUnits, quantityUnits } from '../quantity.ts'
import { largerQuantity } from '../resource-amounts.ts'
import type { Evaluator } from './evaluator.ts'
import { meetsRequirement } from './scope.ts'

const count = 'persistentvolumeclaims'
const storage = 'requests.storage'
/** Quotas of one class: 'gold.storageclass.storage.k8s.io/requests.storage'. */
const ofClass = '.storageclass.storage.k8s.io/'

export const claimEvaluator: Evaluator = {
  tracks: (name) =>
    [`count/${count}`, count, storage].includes(name) ||
    name.endsWith(`${ofClass}${count}`) ||
    name.endsWith(`${ofClass}${storage}`),
  matchesScope(requirement, object) {
    if (requirement.scopeName !== 'VolumeAttributesClass') return false
    return meetsRequirement(requirement, attributesClasses(object as PersistentVolumeClaim))
  },
  usage(object) {
    const claim = object as PersistentVolumeClaim
    const one = quantityOfUnits(1)
    const amounts = new Map([
      [count, one],
      [`count/${count}`, one],
    ])
    const name = classNameOf(claim)
    const asked = storageOf(claim)
    if (name !== '') amounts.set(`${name}${ofClass}${count}`, one)
    if (asked !== undefined) amounts.set(storage, asked)
    if (asked !== undefined && name !== '') amounts.set(`${name}${ofClass}${storage}`, asked)
    return amounts
  },
}

/** Whole bytes; what has been allocated where that is more than what is asked for by now. */
function storageOf({ spec, status }: PersistentVolumeClaim): Quantity | undefined {
  const asked = wholeBytes(spec?.resources?.requests?.storage)
  const allocated = wholeBytes(status?.allocatedResources?.storage)
  return asked === undefined || allocated === undefined ? asked : largerQuantity(asked, allocated)
}

function wholeBytes(text: string | undefined): Quantity | undefined {
  const parsed = text === undefined ? undefined : parseQuantity(text)
  if (parsed === undefined || !parsed.ok) return undefined
  const whole = quantityOfUnits(quantityUnits(parsed.value), parsed.value.format)
  return whole.nano === parsed.value.nano ? parsed.value : whole
}

function attributesClasses({ spec, status }: PersistentVolumeClaim): readonly string[] {
  const names = [
    spec?.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ]
  return [...new Set(names.filter((name): name is string => name !== undefined && name !== ''))]
}
