import type { container, containerFilter, containerStatus, mount } from '../../api/rpc/cri.generated.ts'
import type { Received, Sent } from '../../api/rpc/message.ts'
import { containerStates, imageMountMessage, mountMessage } from '../cri/pod-messages.ts'
import { resourcesMessage } from '../cri/resource-messages.ts'
import type { ContainerRecord } from '../engine/engine-record.ts'
import { nanoseconds } from './cri-context.ts'
import { labelsPass } from './sandbox-messages.ts'

/** What of a container's image is known now; it may have been removed meanwhile. */
export type ImageNames = Readonly<{ tags: readonly string[]; digests: readonly string[] }>

export function containerMessage(record: ContainerRecord): Sent<typeof container> {
  const { id, sandboxId, spec, state, createdAtMs, imageId, imageRef } = record
  return {
    id,
    podSandboxId: sandboxId,
    metadata: { name: spec.name, attempt: spec.attempt },
    image: { image: spec.image },
    imageRef,
    imageId,
    state: containerStates[state],
    createdAt: nanoseconds(createdAtMs),
    labels: spec.labels,
    annotations: spec.annotations,
  }
}

export type RunsAs = Readonly<{ uid: number; gid: number; additionalGids: readonly number[] }>

export function containerStatusMessage(
  record: ContainerRecord,
  image: ImageNames | undefined,
  user: RunsAs | undefined,
): Sent<typeof containerStatus> {
  const { id, spec, state, startedAtMs = 0, finishedAtMs = 0, imageId, imageRef } = record
  const ended = state === 'exited' || state === 'unknown'
  return {
    id,
    metadata: { name: spec.name, attempt: spec.attempt },
    state: containerStates[state],
    createdAt: nanoseconds(record.createdAtMs),
    startedAt: state === 'created' ? 0 : nanoseconds(startedAtMs),
    finishedAt: ended ? nanoseconds(finishedAtMs) : 0,
    exitCode: record.exitCode,
    // containerd: the tag rather than the id by which a kubelet names it.
    image: { image: image?.tags[0] ?? spec.image, userSpecifiedImage: spec.image },
    imageRef: image?.digests[0] ?? imageRef,
    imageId,
    reason: record.reason,
    message: record.message,
    labels: spec.labels,
    annotations: spec.annotations,
    mounts: mountMessages(record),
    logPath: spec.logPath,
    resources: { linux: resourcesMessage(spec.resources) },
    ...(user === undefined
      ? {}
      : { user: { linux: { uid: user.uid, gid: user.gid, supplementalGroups: user.additionalGids } } }),
  }
}

function mountMessages({ spec }: ContainerRecord): readonly Sent<typeof mount>[] {
  return [...spec.mounts.map((one) => mountMessage(one)), ...(spec.imageMounts ?? []).map(imageMountMessage)]
}

export function containerPasses(
  filter: Received<typeof containerFilter> | undefined,
  { id, sandboxId, state, spec }: ContainerRecord,
): boolean {
  if (filter === undefined) return true
  return (
    id.startsWith(filter.id) &&
    sandboxId.startsWith(filter.podSandboxId) &&
    (filter.state === undefined || filter.state.state === containerStates[state]) &&
    labelsPass(filter.labelSelector, spec.labels)
  )
}
