import type { Condition, IPAddress, ServiceCIDR } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { isWithin, parseCidr, parseIp } from '../../api/validation/ip.ts'
import { timestampOf } from '../../api/wire-time.ts'
import { type Action, requeue, targetOf, updateStatus } from '../action.ts'

export type ObservedServiceCidr = Readonly<{
  range: Stored<ServiceCIDR>
  /** All ServiceCIDRs, this one among them. */
  ranges: readonly Stored<ServiceCIDR>[]
  /** Those that the API server's allocator holds for Services. */
  addresses: readonly Stored<IPAddress>[]
  nowMs: number
}>

const finalizer = 'networking.k8s.io/service-cidr-finalizer'
/** By then every API server knows that no more addresses come from a range that is going away. */
const deletionDelayMs = 10_000

const ready = { type: 'Ready', status: 'True', reason: '', message: 'Kubernetes Service CIDR is ready' } as const
const terminating = {
  type: 'Ready',
  status: 'False',
  reason: 'Terminating',
  message: 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
} as const

/** kube-controller-manager's service-cidr-controller: a range stays until no address needs it. */
export function reconcileServiceCidr(observed: ObservedServiceCidr): readonly Action[] {
  const { range, nowMs } = observed
  const { deletionTimestamp, finalizers = [] } = range.metadata
  const target = targetOf(kinds.serviceCidrs, range)
  if (deletionTimestamp === undefined) {
    const body = { metadata: { finalizers: [finalizer] } }
    const guarded: readonly Action[] = finalizers.includes(finalizer)
      ? []
      : [{ type: 'patch', target, patch: { type: 'strategic', body } }]
    return [...guarded, ...conditionActions(observed, ready)]
  }
  if (isNeeded(observed)) return conditionActions(observed, terminating)
  const leftMs = deletionDelayMs - (nowMs - Date.parse(deletionTimestamp))
  if (leftMs > 0) return [requeue(leftMs)]
  if (!finalizers.includes(finalizer)) return []
  const body = { metadata: { '$deleteFromPrimitiveList/finalizers': [finalizer] } }
  return [{ type: 'patch', target, patch: { type: 'strategic', body } }]
}

function conditionActions(
  { range, nowMs }: ObservedServiceCidr,
  wanted: Omit<Condition, 'lastTransitionTime'>,
): readonly Action[] {
  const conditions = range.status.conditions ?? []
  const known = conditions.find(({ type }) => type === wanted.type)
  // The API server itself words its own range's condition.
  const isSame = known?.status === wanted.status && known.reason === wanted.reason
  if (isSame) return []
  const lastTransitionTime = known?.status === wanted.status ? known.lastTransitionTime : timestampOf(nowMs)
  const others = conditions.filter(({ type }) => type !== wanted.type)
  const status = { ...range.status, conditions: [...others, { ...wanted, lastTransitionTime }] }
  return [updateStatus(kinds.serviceCidrs, { ...range, status })]
}

/** Whether an address would be in no range any more. */
function isNeeded({ range, ranges, addresses }: ObservedServiceCidr): boolean {
  const others = ranges.filter(({ metadata }) => metadata.name !== range.metadata.name)
  const cidrs = range.spec.cidrs ?? []
  if (cidrs.every((cidr) => others.some((other) => holdsRange(other, cidr)))) return false
  return addresses.some(
    ({ metadata: { name } }) => holdsAddress(range, name) && !others.some((other) => holdsAddress(other, name)),
  )
}

function holdsRange({ spec }: Stored<ServiceCIDR>, cidr: string): boolean {
  const part = parseCidr(cidr)
  return (spec.cidrs ?? []).some((own) => {
    const whole = parseCidr(own)
    return own === cidr || (part !== undefined && whole !== undefined && isWithin(part, whole))
  })
}

export function holdsAddress({ spec }: Stored<ServiceCIDR>, address: string): boolean {
  const ip = parseIp(address)
  if (ip === undefined) return false
  const part = { ip, bits: ip.bytes.length * 8 + 1, hasLeadingZeros: false }
  return (spec.cidrs ?? []).some((cidr) => {
    const whole = parseCidr(cidr)
    return whole !== undefined && isWithin(part, whole)
  })
}
