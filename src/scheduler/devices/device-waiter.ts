import type { ResourceV1ResourceClaim } from '../../api/kinds.generated.ts'
import { objectKey } from '../../api/object.ts'
import type { Claim } from '../../api/resource-claim.ts'
import type { Informer } from '../../client/informer.ts'
import type { Clock } from '../../ports/clock.ts'
import { bindingTimeoutMs, readinessOf } from './binding-conditions.ts'

/** Waits until drivers have made devices ready for their node. */
export interface DeviceWaiter {
  /** Resolves with undefined when all devices of the claims are ready, or with why they will not be. */
  wait(claims: readonly Claim[]): Promise<string | undefined>
  stop(): void
}

const timedOut = 'device binding timeout'

export function makeDeviceWaiter(clock: Clock, known: Informer<ResourceV1ResourceClaim>): DeviceWaiter {
  const waiting = new Set<() => void>()
  let isStopped = false
  const lookAll = (): void => {
    for (const look of [...waiting]) look()
  }
  known.onChange(lookAll)
  return {
    wait: (claims) =>
      new Promise((resolve) => {
        const finish = (outcome: string | undefined): void => {
          waiting.delete(look)
          timer.cancel()
          resolve(outcome)
        }
        const look = (): void => {
          const outcome = isStopped ? 'the scheduler stops' : outcomeOf(claims, known, clock.nowMs())
          if (outcome !== 'pending') finish(outcome)
        }
        const timer = clock.after(bindingTimeoutMs, () => finish(timedOut))
        waiting.add(look)
        look()
      }),
    stop() {
      isStopped = true
      lookAll()
    },
  }
}

function outcomeOf(
  claims: readonly Claim[],
  known: Informer<ResourceV1ResourceClaim>,
  nowMs: number,
): string | 'pending' | undefined {
  let isPending = false
  for (const own of claims) {
    const claim = known.get(objectKey(own))
    if (claim === undefined || claim.metadata.uid !== own.metadata.uid)
      return `resourceclaim ${JSON.stringify(own.metadata.name)} not found`
    // The informer may not show yet what has just been written.
    const readiness = readinessOf(claim.status?.allocation === undefined ? own : claim, nowMs)
    if (readiness.type === 'failed') return readiness.message
    if (readiness.type === 'timed-out') return `${timedOut}: claim=${own.metadata.name}`
    if (readiness.type === 'pending') isPending = true
  }
  return isPending ? 'pending' : undefined
}
