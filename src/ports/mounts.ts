import type { Result } from '../api/result.ts'

export type MountError = Readonly<{
  /** TooLong: the layers' names do not fit into what mount(2) takes. */
  code: 'NotFound' | 'PermissionDenied' | 'TooLong' | 'Unsupported' | 'Unavailable' | 'Other'
  message: string
}>

/** Paths are absolute, targets exist. */
export type MountRequest =
  | Readonly<{
      type: 'overlay'
      target: string
      /** Names within lowerDirectory, the topmost first: short, for all of them together must fit into 4096 bytes. */
      lower: readonly string[]
      lowerDirectory: string
      upper: string
      work: string
    }>
  | Readonly<{ type: 'tmpfs'; target: string; sizeBytes: number; mode: number }>
  | Readonly<{ type: 'bind'; source: string; target: string; readOnly: boolean }>
  /** Shows the source (without what is mounted below it) with the owners that a user namespace has for it. Unsupported: the file system cannot. */
  | Readonly<{ type: 'idmapped'; source: string; target: string; userNamespace: string }>
  /** Makes the target a mount of itself: what is mounted below it is seen wherever it is shown, and the other way round. */
  | Readonly<{ type: 'shared'; target: string }>

/** The host's mount table. Mounts outlive this process. */
export interface Mounts {
  /** Mounts in order; when one fails those before it are undone. */
  mount(requests: readonly MountRequest[]): Promise<Result<void, MountError>>
  /** Everything mounted on each target and below it; what is busy is detached and goes when its last user does. No error when nothing is mounted. */
  unmount(targets: readonly string[]): Promise<Result<void, MountError>>
  /** Mount points at and below a folder, deepest first. */
  list(folder: string): Promise<readonly string[]>
}
