import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Deployment, DeploymentStatus, ReplicaSet } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import { sampleDeployment, sampleNowMs } from '../sample-objects.ts'
import { reconcileDeployment } from './deployment.ts'
import { maxSurge, maxUnavailable, replicasOf } from './deployment-arithmetic.ts'
import { isComplete } from './deployment-status.ts'

/** A world in which pods start, become available and end some time after they were asked for: by chance, as `chances` has it. */
type World = { deployment: Stored<Deployment>; sets: Stored<ReplicaSet>[]; nowMs: number; made: number }

function lookOnce(world: World): void {
  const { deployment, sets, nowMs } = world
  for (const action of reconcileDeployment({ deployment, replicaSets: sets, pods: [], nowMs })) {
    if (action.type === 'create') world.sets.push(created(world, action.object as unknown as Stored<ReplicaSet>))
    if (action.type === 'update') {
      const changed = action.object as unknown as Stored<ReplicaSet>
      world.sets = world.sets.map((set) => (set.metadata.uid === changed.metadata.uid ? changed : set))
    }
    if (action.type === 'updateStatus') {
      world.deployment = { ...world.deployment, status: action.object.status as DeploymentStatus }
    }
    if (action.type === 'delete') world.sets = world.sets.filter(({ metadata }) => metadata.uid !== action.target.uid)
  }
}

function created(world: World, set: Stored<ReplicaSet>): Stored<ReplicaSet> {
  world.made += 1
  const creationTimestamp = new Date(world.nowMs + world.made * 1000).toISOString()
  const metadata = { ...set.metadata, uid: `set-${world.made}`, resourceVersion: '1', creationTimestamp, generation: 1 }
  return { ...set, metadata, status: { replicas: 0 } }
}

/** Pods that are too many go at once, available ones last; of those that are missing and those not ready yet some come. */
function podsMove(world: World, chance: () => number): void {
  world.sets = world.sets.map((set) => {
    const wanted = replicasOf(set)
    const replicas = wanted
    const before = Math.min(set.status.availableReplicas ?? 0, wanted)
    const availableReplicas = before + (chance() % (wanted - before + 1))
    return {
      ...set,
      status: {
        replicas,
        readyReplicas: availableReplicas,
        availableReplicas,
        observedGeneration: 1,
        terminatingReplicas: 0,
      },
    }
  })
}

const amount = fc.oneof(
  fc.integer({ min: 0, max: 6 }),
  fc.integer({ min: 0, max: 100 }).map((percent) => `${percent}%`),
)

describe('a rolling update', () => {
  it('never has too few available pods or too many of all, and ends', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        amount,
        amount,
        fc.array(fc.nat(), { minLength: 5, maxLength: 40 }),
        (replicas, surge, unavailable, chances) => {
          let at = 0
          const chance = () => chances[at++ % chances.length] ?? 0
          const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: surge, maxUnavailable: unavailable } }
          const world: World = {
            deployment: sampleDeployment({ spec: { replicas, strategy } }),
            sets: [],
            nowMs: sampleNowMs,
            made: 0,
          }
          const settle = (check: () => void) => {
            for (let round = 0; round < 400; round++) {
              lookOnce(world)
              check()
              if (
                isComplete(world.deployment, world.deployment.status) &&
                world.sets.filter((set) => replicasOf(set) > 0).length === 1
              )
                return
              podsMove(world, round < 200 ? chance : () => 1_000_003 * (round + 1))
              check()
            }
            expect.fail('the rollout does not end')
          }
          settle(() => {})
          const template = {
            metadata: { labels: { app: 'web' } },
            spec: { containers: [{ name: 'web', image: 'web:2' }] },
          }
          const { deployment } = world
          world.deployment = {
            ...deployment,
            metadata: { ...deployment.metadata, generation: 2 },
            spec: { ...deployment.spec, template },
          }
          const most = replicas + maxSurge(deployment)
          const fewest = replicas - maxUnavailable(deployment)
          settle(() => {
            const total = world.sets.reduce((sum, set) => sum + replicasOf(set), 0)
            const available = world.sets.reduce(
              (sum, set) => sum + Math.min(set.status.availableReplicas ?? 0, replicasOf(set)),
              0,
            )
            expect(total).toBeLessThanOrEqual(most)
            expect(available).toBeGreaterThanOrEqual(fewest)
          })
          expect(world.sets).toHaveLength(2)
        },
      ),
      { numRuns: 150 },
    )
  })
})
