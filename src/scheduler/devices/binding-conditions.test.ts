import { describe, expect, it } from 'vitest'
import type { ResourceV1ResourceClaim } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import type { Claim } from '../../api/resource-claim.ts'
import { testInformer } from '../../client/test-informer.ts'
import { simRun } from '../../host/contract/sim-run.ts'
import { simClock } from '../../host/sim/clock.ts'
import { simRandom } from '../../host/sim/random.ts'
import { scheduleOne } from '../decide.ts'
import { podInfoOf } from '../pod-info.ts'
import { viewOf as clusterOf, testNode } from '../test-cluster.ts'
import { bindingTimeoutMs, readinessOf } from './binding-conditions.ts'
import { makeDeviceWaiter } from './device-waiter.ts'
import { claimOf, driver, pod, viewOf } from './test-devices.ts'

const allocatedAt = '2026-01-01T00:00:00Z'
const atMs = Date.parse(allocatedAt)

/** A claim with a device that has to be attached first; what its driver has told of it, as conditions that hold. */
function claimed(told?: Readonly<Record<string, boolean>>, users: readonly string[] = []): Claim {
  const place = { driver, pool: 'p', device: 'f0' }
  const conditions = Object.entries(told ?? {}).map(([type, holds]) => ({
    type,
    status: holds ? 'True' : 'False',
    reason: 'Told',
    message: 'so it is',
    lastTransitionTime: allocatedAt,
  }))
  return claimOf(
    {},
    {
      allocation: {
        allocationTimestamp: allocatedAt,
        devices: {
          results: [
            { request: 'r', ...place, bindingConditions: ['Attached', 'Clean'], bindingFailureConditions: ['Broken'] },
          ],
        },
      },
      ...(told && { devices: [{ ...place, conditions }] }),
      reservedFor: users.map((uid) => ({ resource: 'pods', name: uid, uid })),
    },
  )
}

const broken = 'device binding failed: claim=mine, reason=Told, message="so it is"'

describe('a device that has to be made ready', () => {
  it.each<[string, Claim, number, string]>([
    ['is not, as long as nobody says so', claimed(), 0, 'pending'],
    ['is not, before all is done', claimed({ Attached: true, Clean: false }), 0, 'pending'],
    ['is, then', claimed({ Attached: true, Clean: true }), 0, 'ready'],
    ['is, whatever the time', claimed({ Attached: true, Clean: true }), bindingTimeoutMs + 1, 'ready'],
    ['will not be, when its driver says so', claimed({ Attached: true, Clean: true, Broken: true }), 0, broken],
    ['may yet be, when its driver says so', claimed({ Broken: false }), 0, 'pending'],
    ['is not waited for without end', claimed(), bindingTimeoutMs + 1, 'timed-out'],
  ])('%s', (_, claim, afterMs, expected) => {
    const readiness = readinessOf(claim, atMs + afterMs)
    expect(readiness.type === 'failed' ? readiness.message : readiness.type).toBe(expected)
  })

  it.each<[string, Claim, string]>([
    ['lets its pod go ahead while it may yet be', claimed(), 'bind'],
    ['is given back when it will not', claimed({ Broken: true }, [pod.metadata.uid]), 'x/mine freed'],
    ['is not given back while others have it', claimed({ Broken: true }, ['other']), 'nothing freed'],
  ])('%s', (_, claim, expected) => {
    const devices = viewOf(claim, {})
    const view = clusterOf([testNode('n1')], [], { devices: { ...devices, nowMs: () => atMs } })
    const decision = scheduleOne({ pod: podInfoOf(pod), view, random: simRandom(1) })
    if (decision.type === 'bind') return expect(decision.type).toBe(expected)
    const { message, claimToFree } = decision
    expect(claimToFree === undefined ? 'nothing freed' : 'x/mine freed').toBe(expected)
    const note = claimToFree === undefined ? 'still not schedulable' : 'deallocation of ResourceClaim completed'
    expect(message).toContain(`1 resourceclaim not available on the node. ${note}, preemption: `)
  })
})

describe('whoever waits for devices', () => {
  async function waited(
    change: (claims: { set(claim: Stored<ResourceV1ResourceClaim>): void; remove(key: string): void }) => void,
  ) {
    const clock = simClock()
    const claims = testInformer<ResourceV1ResourceClaim>()
    claims.set(claimed())
    const outcome = makeDeviceWaiter(clock, claims).wait([claimed()])
    change(claims)
    return simRun(clock)(outcome)
  }

  it('goes on when they are ready, will not be, are gone, or take too long', async () => {
    expect(await waited((claims) => claims.set(claimed({ Attached: true, Clean: true })))).toBeUndefined()
    expect(await waited((claims) => claims.set(claimed({ Broken: true })))).toBe(broken)
    expect(await waited((claims) => claims.remove('x/mine'))).toBe('resourceclaim "mine" not found')
    expect(await waited(() => {})).toBe('device binding timeout')
  })
})
