import type { Pod } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import { objectKey, type Stored } from '../../api/object.ts'
import { type Claim, claimNameFor, isClaimOf } from '../../api/resource-claim.ts'
import { type Controller, type ControllerDeps, source } from '../run-controller.ts'
import { isDoomed, type ObservedDeviceUser, reconcileDeviceUser } from './device-taints.ts'

/** Keys are those of pods that name claims. */
export function deviceTaintController({ informers, clock }: ControllerDeps): Controller<ObservedDeviceUser> {
  const pods = informers.of(kinds.pods)
  const claims = informers.of(kinds.resourceClaims)
  const slices = informers.of(kinds.resourceSlices)
  /** Pods that are to go some time, by key, with their uids; bounded by the number of those pods. */
  const doomed = new Map<string, string>()
  const usersOf = ({ metadata, status }: Claim): readonly string[] =>
    (status?.reservedFor ?? []).map(({ name }) => `${metadata.namespace}/${name}`)
  const claimsOf = (pod: Stored<Pod>): readonly Claim[] =>
    (pod.spec.resourceClaims ?? []).flatMap((entry) => {
      const claim = claims.get(`${pod.metadata.namespace}/${claimNameFor(pod, entry) ?? ''}`)
      const isStrangers = claim !== undefined && entry.resourceClaimTemplateName !== undefined && !isClaimOf(claim, pod)
      return claim === undefined || isStrangers ? [] : [claim]
    })
  return {
    name: 'device-taint-eviction-controller',
    concurrency: 8,
    sources: [
      source(kinds.pods, (pod) => ((pod.spec.resourceClaims ?? []).length > 0 ? [objectKey(pod)] : [])),
      source(kinds.resourceClaims, usersOf),
      source(kinds.resourceSlices, ({ spec }) =>
        claims
          .list()
          .filter(({ status }) =>
            status?.allocation?.devices?.results?.some(
              ({ driver, pool }) => driver === spec.driver && pool === spec.pool.name,
            ),
          )
          .flatMap(usersOf),
      ),
    ],
    observe(key) {
      const pod = pods.get(key)
      const uid = pod?.metadata.uid
      const wasDoomed = uid !== undefined && doomed.get(key) === uid
      const own = pod === undefined ? [] : claimsOf(pod)
      const isNow = own.some((claim) => isDoomed(claim, slices.list()))
      if (uid !== undefined && isNow) doomed.set(key, uid)
      else doomed.delete(key)
      if (pod === undefined || (!isNow && !wasDoomed)) return undefined
      return { nowMs: clock.nowMs(), pod, claims: own, slices: slices.list(), wasDoomed }
    },
    reconcile: reconcileDeviceUser,
  }
}
