import type { Pod } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import { objectKey, type Stored } from '../../api/object.ts'
import { isClaimOf, resourceClaimKeysOf } from '../../api/resource-claim.ts'
import { type Controller, type ControllerDeps, source } from '../run-controller.ts'
import { type ObservedClaimUse, reconcileClaimUse } from './claim-use.ts'
import { type ObservedPodClaims, reconcilePodClaims } from './pod-claims.ts'

const name = 'resource-claim-controller'

export function podClaimsController({ informers }: ControllerDeps): Controller<ObservedPodClaims> {
  const pods = informers.of(kinds.pods)
  const claims = informers.of(kinds.resourceClaims)
  const templates = informers.of(kinds.resourceClaimTemplates)
  const inNamespace = <T>(all: readonly Stored<T>[], namespace: string | undefined): readonly Stored<T>[] =>
    all.filter((object) => object.metadata.namespace === namespace)
  const withEntries = (pod: Stored<Pod>): boolean => (pod.spec.resourceClaims ?? []).length > 0
  return {
    name,
    concurrency: 4,
    sources: [
      source(kinds.pods, (pod) => (withEntries(pod) ? [objectKey(pod)] : [])),
      source(kinds.resourceClaims, (claim) =>
        inNamespace(pods.list(), claim.metadata.namespace)
          .filter((pod) => withEntries(pod) && (isClaimOf(claim, pod) || namesClaim(pod, objectKey(claim))))
          .map(objectKey),
      ),
      source(kinds.resourceClaimTemplates, ({ metadata }) =>
        inNamespace(pods.list(), metadata.namespace)
          .filter(({ spec }) =>
            spec.resourceClaims?.some(({ resourceClaimTemplateName }) => resourceClaimTemplateName === metadata.name),
          )
          .map(objectKey),
      ),
    ],
    observe(key) {
      const pod = pods.get(key)
      if (pod === undefined) return undefined
      const { namespace } = pod.metadata
      const own = inNamespace(claims.list(), namespace).filter((claim) => isClaimOf(claim, pod))
      const named = resourceClaimKeysOf(pod).flatMap((claimKey) => claims.get(claimKey) ?? [])
      return {
        pod,
        own,
        named: new Map(named.map((claim) => [claim.metadata.name, claim])),
        templates: new Map(inNamespace(templates.list(), namespace).map((one) => [one.metadata.name, one])),
      }
    },
    reconcile: reconcilePodClaims,
  }
}

function namesClaim(pod: Stored<Pod>, key: string): boolean {
  return resourceClaimKeysOf(pod).includes(key)
}

export function claimUseController({ client, informers }: ControllerDeps): Controller<ObservedClaimUse> {
  const pods = informers.of(kinds.pods)
  const claims = informers.of(kinds.resourceClaims)
  return {
    name,
    concurrency: 4,
    sources: [
      source(kinds.resourceClaims, (claim) => [objectKey(claim)]),
      source(kinds.pods, (pod) => {
        const owned = claims.list().filter((claim) => isClaimOf(claim, pod))
        return [...resourceClaimKeysOf(pod), ...owned.map(objectKey)]
      }),
    ],
    async observe(key) {
      const claim = claims.get(key)
      if (claim === undefined) return undefined
      const { namespace = '', ownerReferences = [] } = claim.metadata
      const known = new Map<string, Stored<Pod>>()
      const references = [...(claim.status?.reservedFor ?? []), ...ownerReferences]
      for (const { name: podName, uid } of references) {
        const pod = pods.get(`${namespace}/${podName}`)
        if (pod?.metadata.uid === uid) known.set(uid, pod)
        else if (pod === undefined) {
          // Devices may be given back for it: the informer could be behind.
          const live = await client.get(kinds.pods, podName, namespace)
          if (live.ok && live.value.metadata.uid === uid) known.set(uid, live.value)
        }
      }
      return { claim, pods: known }
    },
    reconcile: reconcileClaimUse,
  }
}
