import type { PinnedNamespaces } from '../../ports/namespaces.ts'
import type { Container, ContainerSpec, Sandbox, SandboxSpec } from '../pod-runtime.ts'

/** What outlives this process, a small JSON file each. The kernel's own word is added to it on every start. */
export type SandboxRecord = Readonly<{
  id: string
  spec: SandboxSpec
  state: 'ready' | 'not-ready'
  createdAtMs: number
  ips: readonly string[]
  namespaces: PinnedNamespaces
}>

export type ContainerRecord = Readonly<{
  id: string
  sandboxId: string
  spec: ContainerSpec
  imageId: string
  /** Digest reference where the image has one. */
  imageRef: string
  /** Layers it stands on, for as long as it exists. */
  diffIds: readonly string[]
  /** As the image names it: 'SIGTERM', '15' or empty. */
  stopSignal: string
  state: Container['state']
  createdAtMs: number
  startedAtMs?: number
  finishedAtMs?: number
  exitCode?: number
  reason?: string
  message?: string
}>

/** Records are our own writing; one that does not parse was torn by a crash of the machine, and what it told of is gone. */
export function parseRecord<T extends SandboxRecord | ContainerRecord>(text: string): T | undefined {
  try {
    const parsed = JSON.parse(text) as T
    return typeof parsed === 'object' && parsed !== null && typeof parsed.id === 'string' ? parsed : undefined
  } catch {
    return undefined
  }
}

export function sandboxOf({ id, spec, state, createdAtMs, ips }: SandboxRecord): Sandbox {
  return { id, pod: spec.pod, attempt: spec.attempt, state, createdAtMs, ips, hostNetwork: spec.hostNetwork }
}

export function containerOf(record: ContainerRecord, pod: Container['pod']): Container {
  const { id, sandboxId, spec, imageRef, state, createdAtMs, startedAtMs, finishedAtMs, exitCode, reason, message } =
    record
  return {
    id,
    sandboxId,
    pod,
    name: spec.name,
    attempt: spec.attempt,
    image: spec.image,
    imageId: imageRef,
    state,
    createdAtMs,
    ...(startedAtMs === undefined ? {} : { startedAtMs }),
    ...(finishedAtMs === undefined ? {} : { finishedAtMs }),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
    logPath: spec.logPath,
    tty: spec.tty,
    stdin: spec.stdin,
    labels: spec.labels,
  }
}
