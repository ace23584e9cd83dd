import type { AllocationResult, CapacityRequirements, Device, DeviceCapacity } from '../../api/kinds.generated.ts'
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  type Quantity,
  quantity,
  quantityOfUnits,
  quantityUnits,
  subtractQuantities,
  zeroQuantity,
} from '../../api/quantity.ts'

/** Of devices that several claims may have at once: how much of each capacity they have taken, by 'device capacity'. */
export type CapacityUse = Map<string, Quantity>

/** As claims tell it: 'memory' → '4Gi'. */
export type ConsumedCapacity = Readonly<Record<string, string>>

export function isShared({ allowMultipleAllocations }: Device): boolean {
  return allowMultipleAllocations === true
}

/** What a request takes of each of the device's capacities (GetConsumedCapacityFromRequest). */
export function consumedCapacity({ capacity = {} }: Device, wanted: CapacityRequirements = {}): ConsumedCapacity {
  const { requests = {} } = wanted
  return Object.fromEntries(
    Object.entries(capacity).map(([name, one]) => [name, formatQuantity(consumed(requests[name], one))]),
  )
}

/** Without a policy as much as is wanted, or all; with one, what it gives for that: the next larger step or value. */
function consumed(wanted: string | undefined, { value, requestPolicy = {} }: DeviceCapacity): Quantity {
  if (wanted === undefined) return quantity(requestPolicy.default ?? value)
  const amount = quantity(wanted)
  const { validRange, validValues } = requestPolicy
  if (validRange !== undefined) return inRange(amount, quantity(validRange.min), validRange.step)
  return validValues?.map(quantity).find((valid) => compareQuantities(amount, valid) <= 0) ?? amount
}

function inRange(amount: Quantity, min: Quantity, step: string | undefined): Quantity {
  if (compareQuantities(amount, min) < 0) return min
  if (step === undefined) return amount
  const [first, each] = [quantityUnits(min), quantityUnits(quantity(step))]
  const steps = (quantityUnits(amount) - first + each - 1n) / each
  return quantityOfUnits(first + steps * each, 'BinarySI')
}

function isAllowed(amount: Quantity, { requestPolicy = {} }: DeviceCapacity): boolean {
  const { default: usual, validRange, validValues = [] } = requestPolicy
  if (usual !== undefined && compareQuantities(amount, quantity(usual)) === 0) return true
  if (validRange?.max !== undefined && compareQuantities(amount, quantity(validRange.max)) > 0) return false
  return validValues.length === 0 || validValues.some((valid) => compareQuantities(amount, quantity(valid)) === 0)
}

/** Whether the device has what a request wants, besides what others have taken of it (CmpRequestOverCapacity). */
export function hasRoomFor(id: string, device: Device, wanted: CapacityRequirements | undefined, used: CapacityUse) {
  const { capacity = {} } = device
  const { requests = {} } = wanted ?? {}
  if (Object.keys(requests).some((name) => capacity[name] === undefined)) return false
  return Object.entries(capacity).every(([name, one]) => {
    const amount = consumed(requests[name], one)
    const total = addQuantities(amount, used.get(`${id} ${name}`) ?? zeroQuantity)
    return isAllowed(amount, one) && compareQuantities(total, quantity(one.value)) <= 0
  })
}

export function addCapacity(used: CapacityUse, id: string, amounts: ConsumedCapacity, sign: 1 | -1): void {
  const change = sign === 1 ? addQuantities : subtractQuantities
  for (const [name, amount] of Object.entries(amounts)) {
    const key = `${id} ${name}`
    used.set(key, change(used.get(key) ?? zeroQuantity, quantity(amount)))
  }
}

/** What claims have of devices that they share; those who only look at devices take nothing. */
export function capacityInUse(
  allocations: Iterable<AllocationResult>,
  idOf: (driver: string, pool: string, device: string) => string,
): CapacityUse {
  const used: CapacityUse = new Map()
  for (const { devices } of allocations)
    for (const { driver, pool, device, adminAccess, shareID, consumedCapacity: amounts } of devices?.results ?? [])
      if (adminAccess !== true && shareID !== undefined) addCapacity(used, idOf(driver, pool, device), amounts ?? {}, 1)
  return used
}
