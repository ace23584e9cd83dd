import type { Container, Secret } from '../api/kinds.generated.ts'
import { parseImageReference } from '../runtime/images/image-reference.ts'
import type { Image, RegistryAuth } from '../runtime/pod-runtime.ts'
import { type BackOffEntry, goDuration, nextBackOff } from './back-off-table.ts'
import type { ObjectSource } from './env.ts'
import type { KubeletDeps } from './kubelet-config.ts'
import { makeLimiter } from './limiter.ts'
import type { ImageState } from './pod-actions.ts'
import type { KubeletPod } from './pod-containers.ts'
import type { PodEvents } from './pod-events.ts'
import { pullCredentials } from './pull-credentials.ts'

/** Pulls at a time on this node. */
const pullsAtOnce = 4

/** Pulls images for pods, behind their workers' backs: whoever wants to know asks, and is woken when a pull ends. */
export interface ImagePuller {
  /** Whether the container can start with this attempt. */
  stateOf(pod: KubeletPod, container: Container, attempt: number): Promise<ImageState>
  /** Begins the pull that the attempt needs. Never waits. */
  pull(pod: KubeletPod, container: Container, attempt: number): void
  /** Whether the attempt's image had to be pulled. */
  wasPulled(pod: KubeletPod, container: Container, attempt: number): boolean
  forget(uid: string): void
}

export type ImagePullerDeps = Pick<KubeletDeps, 'runtime' | 'clock'> &
  Readonly<{
    events: PodEvents
    objects: ObjectSource
    /** Called when a pull has ended; failure: what the container's status says until the next try. */
    onDone: (uid: string, container: string, failure: string | undefined) => void
  }>

type Pull = Readonly<{ attempt: number; image: string }> &
  (Readonly<{ type: 'pulling' | 'done' }> | Readonly<{ type: 'failed'; message: string; retryAtMs: number }>)

export function makeImagePuller(deps: ImagePullerDeps): ImagePuller {
  const pulls = new Map<string, Map<string, Pull>>()
  const backOffs = new Map<string, BackOffEntry>()
  const limit = makeLimiter(pullsAtOnce)

  const settle = (pod: KubeletPod, container: Container, attempt: number, failure: string | undefined): void => {
    const { uid } = pod.metadata
    const { name, image = '' } = container
    const own = pulls.get(uid)
    // The pod has gone while its image was on the way.
    if (own === undefined) return
    const key = `${uid} ${image}`
    if (failure === undefined) {
      backOffs.delete(key)
      own.set(name, { type: 'done', attempt, image })
    } else {
      const nowMs = deps.clock.nowMs()
      const entry = nextBackOff(backOffs, key, nowMs, nowMs)
      backOffs.set(key, entry)
      own.set(name, { type: 'failed', attempt, image, message: failure, retryAtMs: nowMs + entry.delayMs })
    }
    deps.onDone(uid, name, failure)
  }
  return {
    async stateOf(pod, container, attempt) {
      const { image = '' } = container
      const name = parseImageReference(image)
      if (!name.ok) return { type: 'refused', reason: 'InvalidImageName', message: invalidName(image, name.error) }
      const pull = pulls.get(pod.metadata.uid)?.get(container.name)
      const current = pull?.image === image ? pull : undefined
      if (current?.type === 'pulling') return { type: 'pulling' }
      const present = (await deps.runtime.imageStatus(image)) !== undefined
      const policy = container.imagePullPolicy ?? 'IfNotPresent'
      if (present && policy !== 'Always') return { type: 'ready' }
      if (policy === 'Never') return { type: 'refused', reason: 'ErrImageNeverPull', message: neverPull(image) }
      if (current?.type === 'done' && current.attempt === attempt && present) return { type: 'ready' }
      if (current?.type !== 'failed') return { type: 'must-pull' }
      return { type: 'failed', message: `ErrImagePull: ${current.message}`, retryAtMs: current.retryAtMs }
    },
    pull(pod, container, attempt) {
      const { uid } = pod.metadata
      const own = pulls.get(uid) ?? new Map<string, Pull>()
      pulls.set(uid, own)
      own.set(container.name, { type: 'pulling', attempt, image: container.image ?? '' })
      void pullOne(deps, limit, pod, container).then((failure) => settle(pod, container, attempt, failure))
    },
    wasPulled(pod, { name, image = '' }, attempt) {
      const pull = pulls.get(pod.metadata.uid)?.get(name)
      return pull?.type === 'done' && pull.attempt === attempt && pull.image === image
    },
    forget(uid) {
      pulls.delete(uid)
      for (const key of backOffs.keys()) if (key.startsWith(`${uid} `)) backOffs.delete(key)
    },
  }
}

function invalidName(image: string, fault: string): string {
  const quoted = JSON.stringify(image)
  return `Failed to apply default image tag ${quoted}: couldn't parse image name ${quoted}: ${fault}`
}

function neverPull(image: string): string {
  return `Container image ${JSON.stringify(image)} is not present with pull policy of Never`
}

/** The failure's message, or undefined. */
async function pullOne(
  deps: ImagePullerDeps,
  limit: ReturnType<typeof makeLimiter>,
  pod: KubeletPod,
  container: Container,
): Promise<string | undefined> {
  const { runtime, clock, events } = deps
  const image = container.image ?? ''
  const quoted = JSON.stringify(image)
  const tell = (type: 'Normal' | 'Warning', reason: string, message: string): void =>
    events.container(pod, container.name, type, reason, message)
  const startedMs = clock.monotonicMs()
  const auths = await credentialsOf(deps.objects, pod, image)
  return limit(async () => {
    // Another pod may have brought it while this one waited for its turn.
    if (container.imagePullPolicy !== 'Always' && (await runtime.imageStatus(image)) !== undefined) {
      tell('Normal', 'Pulled', alreadyPresent(image))
      return undefined
    }
    tell('Normal', 'Pulling', `Pulling image ${quoted}`)
    const pullingMs = clock.monotonicMs()
    const pulled = await runtime.pullImage(image, auths)
    if (!pulled.ok) {
      tell('Warning', 'Failed', `Failed to pull image ${quoted}: ${pulled.error.message}`)
      tell('Warning', 'Failed', 'Error: ErrImagePull')
      return pulled.error.message
    }
    const nowMs = clock.monotonicMs()
    tell('Normal', 'Pulled', pulledMessage(image, pulled.value, nowMs - pullingMs, nowMs - startedMs))
    return undefined
  })
}

function pulledMessage(image: string, { sizeBytes }: Image, tookMs: number, withWaitMs: number): string {
  const took = `${goDuration(Math.floor(tookMs))} (${goDuration(Math.floor(withWaitMs))} including waiting)`
  return `Successfully pulled image ${JSON.stringify(image)} in ${took}. Image size: ${sizeBytes} bytes.`
}

/** What the event says when nothing had to be pulled. */
export function alreadyPresent(image: string): string {
  return `Container image ${JSON.stringify(image)} already present on machine and can be accessed by the pod`
}

async function credentialsOf(objects: ObjectSource, pod: KubeletPod, image: string): Promise<readonly RegistryAuth[]> {
  const secrets: Secret[] = []
  for (const { name = '' } of pod.spec.imagePullSecrets ?? []) {
    const secret = await objects.secret(pod.metadata.namespace ?? '', name)
    // A pull secret that is missing is not an error: the image may be public.
    if (secret.ok) secrets.push(secret.value)
  }
  return pullCredentials(image, secrets)
}
