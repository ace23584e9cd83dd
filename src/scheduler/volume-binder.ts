import type { PersistentVolume, PersistentVolumeClaim, Status } from '../api/kinds.generated.ts'
import { kinds } from '../api/kinds.ts'
import { objectKey, type Stored } from '../api/object.ts'
import { boundByController, isBoundTo, isFullyBound, selectedNode } from '../api/persistent-volume.ts'
import type { Result } from '../api/result.ts'
import type { Client } from '../client/client.ts'
import type { Informer } from '../client/informer.ts'
import type { Clock } from '../ports/clock.ts'
import type { VolumeChoice } from './volume-binding.ts'

export type VolumeBinderParts = Readonly<{ client: Client; clock: Clock; claims: Informer<PersistentVolumeClaim> }>

/** Has the chosen volumes bound and made before the pod is (kube-scheduler's VolumeBinding, PreBind). */
export interface VolumeBinder {
  /** Resolves when all claims have their volumes, with undefined, or with what went wrong. */
  bind(choice: VolumeChoice, nodeName: string): Promise<string | undefined>
  stop(): void
}

/** VolumeBindingArgs.bindTimeoutSeconds. */
const bindTimeoutMs = 600_000

/** Undefined: not yet; a text: never. */
type Outcome = 'bound' | Readonly<{ failed: string }> | undefined

export function makeVolumeBinder({ client, clock, claims }: VolumeBinderParts): VolumeBinder {
  const waiting = new Set<() => void>()
  let isStopped = false
  const lookAll = (): void => {
    for (const look of [...waiting]) look()
  }
  claims.onChange(lookAll)

  const whenBound = (choice: VolumeChoice, nodeName: string): Promise<string | undefined> =>
    new Promise((resolve) => {
      const finish = (outcome: string | undefined): void => {
        waiting.delete(look)
        timer.cancel()
        resolve(outcome)
      }
      const look = (): void => {
        const outcome = outcomeOf(claims, choice, nodeName)
        if (isStopped) finish('the scheduler stops')
        else if (outcome !== undefined) finish(outcome === 'bound' ? undefined : outcome.failed)
      }
      const timer = clock.after(bindTimeoutMs, () => finish('context deadline exceeded'))
      waiting.add(look)
      look()
    })
  return {
    async bind(choice, nodeName) {
      for (const { claim, volume } of choice.toBind) {
        const refused = refusal(await bindVolume(client, volume, claim))
        if (refused !== undefined) return refused
      }
      for (const claim of choice.toProvision) {
        const refused = refusal(await selectNode(client, claim, nodeName))
        if (refused !== undefined) return refused
      }
      return whenBound(choice, nodeName)
    },
    stop() {
      isStopped = true
      lookAll()
    },
  }
}

function outcomeOf(claims: Informer<PersistentVolumeClaim>, choice: VolumeChoice, nodeName: string): Outcome {
  let isComplete = true
  for (const chosen of choice.claims) {
    const claim = claims.get(objectKey(chosen))
    const { name, uid } = chosen.metadata
    if (claim === undefined || claim.metadata.uid !== uid)
      return { failed: `persistentvolumeclaim ${JSON.stringify(name)} not found` }
    if (isFullyBound(claim)) continue
    isComplete = false
    // Who provisions volumes takes the node away where it cannot make one there: it is for us to find another.
    const isRefused =
      choice.toProvision.includes(chosen) &&
      isNewer(claim, chosen) &&
      claim.metadata.annotations?.[selectedNode] !== nodeName
    if (isRefused) return { failed: `provisioning failed for PVC ${JSON.stringify(name)}` }
  }
  return isComplete ? 'bound' : undefined
}

/** Whether the informer shows a version after the one that was decided on, and after the one that names the node. */
function isNewer(shown: Stored<PersistentVolumeClaim>, chosen: Stored<PersistentVolumeClaim>): boolean {
  return shown.metadata.resourceVersion !== chosen.metadata.resourceVersion
}

function bindVolume(
  client: Client,
  volume: Stored<PersistentVolume>,
  claim: Stored<PersistentVolumeClaim>,
): Promise<Result<unknown, Status>> {
  const { name, namespace = '', uid, resourceVersion } = claim.metadata
  const { annotations } = volume.metadata
  const marks = isBoundTo(volume, claim) ? annotations : { ...annotations, [boundByController]: 'yes' }
  return client.update<PersistentVolume>(kinds.persistentVolumes, {
    ...volume,
    metadata: { ...volume.metadata, ...(marks && { annotations: marks }) },
    spec: {
      ...volume.spec,
      claimRef: { kind: 'PersistentVolumeClaim', namespace, name, uid, apiVersion: 'v1', resourceVersion },
    },
  })
}

function selectNode(
  client: Client,
  { metadata }: Stored<PersistentVolumeClaim>,
  nodeName: string,
): Promise<Result<unknown, Status>> {
  const { name, namespace, uid, annotations } = metadata
  if (annotations?.[selectedNode] === nodeName) return Promise.resolve({ ok: true, value: undefined })
  const body = { metadata: { uid, annotations: { [selectedNode]: nodeName } } }
  return client.patch(kinds.persistentVolumeClaims, name, namespace, { type: 'merge', body })
}

function refusal(answer: Result<unknown, Status>): string | undefined {
  return answer.ok ? undefined : (answer.error.message ?? answer.error.reason ?? 'refused')
}
