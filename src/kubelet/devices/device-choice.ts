import { fail, ok, type Result } from '../../api/result.ts'

export type DeviceDemand = Readonly<{
  resource: string
  count: number
  healthy: readonly string[]
  inUse: ReadonlySet<string>
  /** Given to an init container of the pod that will have ended: to be taken first. */
  reusable: ReadonlySet<string>
  /** Those that are rather to be taken. */
  isNear?: (id: string) => boolean
}>

/** What is sure, and what the plugin may choose the rest from. */
export type DeviceOffer = Readonly<{ chosen: readonly string[]; available: readonly string[]; missing: number }>

/** Errors are worded as the original's devicesToAllocate. */
export function offerDevices(demand: DeviceDemand): Result<DeviceOffer, string> {
  const { resource, count, healthy, inUse, reusable, isNear = () => false } = demand
  if (healthy.length === 0) return fail(`no healthy devices present; cannot allocate unhealthy devices ${resource}`)
  const chosen = [...reusable].sort().slice(0, count)
  const missing = count - chosen.length
  const available = missing === 0 ? [] : healthy.filter((id) => !inUse.has(id)).sort()
  if (available.length >= missing) {
    const near = available.filter(isNear)
    if (missing <= near.length) return ok({ chosen, available: near, missing })
    const far = available.filter((id) => !isNear(id))
    return ok({ chosen: [...chosen, ...near], available: far, missing: missing - near.length })
  }
  return fail(
    `requested number of devices unavailable for ${resource}. Requested: ${missing}, Available: ${available.length}`,
  )
}

/** The plugin's wishes first, as far as they can be had; then the next that are free. */
export function takeDevices(
  { chosen, available, missing }: DeviceOffer,
  preferred: readonly string[],
): readonly string[] {
  const wished = preferred.filter((id) => available.includes(id))
  const rest = available.filter((id) => !wished.includes(id))
  return [...chosen, ...[...new Set(wished), ...rest].slice(0, missing)]
}
