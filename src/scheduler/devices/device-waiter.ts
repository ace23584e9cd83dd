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
  /** Resolves when the informer shows that the claim has its devices, or when that takes too long. */
  shown(claim: Claim): Promise<void>
  stop(): void
}

const timedOut = 'device binding timeout'
/** The original: AssumeExtendedResourceTimeoutDefaultSeconds. */
const showTimeoutMs = 120_000

export function makeDeviceWaiter(clock: Clock, known: Informer<ResourceV1ResourceClaim>): DeviceWaiter {
  const waiting = new Set<() => void>()
  let isStopped = false
  const lookAll = (): void => {
    for (const look of [...waiting]) look()
  }
  known.onChange(lookAll)
  const until = (outcome: () => Outcome, timeoutMs: number): Promise<string | undefined> =>
    new Promise((resolve) => {
      const finish = (said: string | undefined): void => {
        waiting.delete(look)
        timer.cancel()
        resolve(said)
      }
      const look = (): void => {
        const said = isStopped ? 'the scheduler stops' : outcome()
        if (said !== 'pending') finish(said)
      }
      const timer = clock.after(timeoutMs, () => finish(timedOut))
      waiting.add(look)
      look()
    })
  return {
    wait: (claims) => until(() => outcomeOf(claims, known, clock.nowMs()), bindingTimeoutMs),
    async shown(claim) {
      const isShown = (): boolean => known.get(objectKey(claim))?.status?.allocation !== undefined
      await until(() => (isShown() ? undefined : 'pending'), showTimeoutMs)
    },
    stop() {
      isStopped = true
      lookAll()
    },
  }
}

type Outcome = string | 'pending' | undefined

function outcomeOf(claims: readonly Claim[], known: Informer<ResourceV1ResourceClaim>, nowMs: number): Outcome {
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
