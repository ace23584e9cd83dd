import type { Container, PodRuntime, Sandbox } from '../runtime/pod-runtime.ts'

/** What the runtime has of one pod, newest first. */
export type ObservedPod = Readonly<{ sandboxes: readonly Sandbox[]; containers: readonly Container[] }>

/** The uid names the pod: a pod made anew under the same name has nothing to do with the old one. */
export function observePod(runtime: PodRuntime, uid: string): ObservedPod {
  return {
    sandboxes: runtime
      .sandboxes()
      .filter(({ pod }) => pod.uid === uid)
      .sort((a, b) => b.createdAtMs - a.createdAtMs || b.attempt - a.attempt),
    containers: runtime
      .containers()
      .filter(({ pod }) => pod.uid === uid)
      .sort((a, b) => b.createdAtMs - a.createdAtMs || b.attempt - a.attempt),
  }
}

export function latestContainer({ containers }: ObservedPod, name: string): Container | undefined {
  return containers.find((container) => container.name === name)
}

/** The newest one that has ended: what a back-off is counted from. */
export function latestExited({ containers }: ObservedPod, name: string): Container | undefined {
  return containers.find((container) => container.name === name && container.state === 'exited')
}

export function runningContainers({ containers }: ObservedPod): readonly Container[] {
  return containers.filter(({ state }) => state === 'running' || state === 'unknown')
}

/** The sandbox that new containers go into. */
export function readySandbox({ sandboxes }: ObservedPod): Sandbox | undefined {
  return sandboxes.find(({ state }) => state === 'ready')
}

export type SandboxNeed = Readonly<{ needed: boolean; attempt: number; sandboxId: string | undefined }>

/**
 * Whether a new sandbox must be made, and with which attempt: none is there, the newest is not ready, several are ready, it shares
 * another network than the pod wants, or has no address.
 */
export function sandboxNeed({ sandboxes }: ObservedPod, hostNetwork: boolean): SandboxNeed {
  const newest = sandboxes[0]
  if (newest === undefined) return { needed: true, attempt: 0, sandboxId: undefined }
  const again = { needed: true, attempt: newest.attempt + 1, sandboxId: newest.id }
  if (sandboxes.filter(({ state }) => state === 'ready').length > 1 || newest.state !== 'ready') return again
  if (newest.hostNetwork !== hostNetwork) return { ...again, sandboxId: undefined }
  if (!hostNetwork && newest.ips.length === 0) return again
  return { needed: false, attempt: newest.attempt, sandboxId: newest.id }
}
