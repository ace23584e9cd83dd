import type { Result } from '../api/result.ts'

export type NamespaceError = Readonly<{
  code: 'Exists' | 'InvalidSysctl' | 'PermissionDenied' | 'Unavailable' | 'Other'
  message: string
}>

/** Users and groups of the machine, by number, that a user namespace knows as 0, 1, 2 … */
export type IdRange = Readonly<{ firstId: number; count: number }>

export type NamespaceRequest = Readonly<{
  /** Unique on the machine: letters, digits and dashes. */
  name: string
  /** Of the new UTS namespace; ignored when the host's is shared. */
  hostname: string
  /** Shares the host's network and UTS namespaces: none of these is made. */
  hostNetwork: boolean
  /** Shares the host's IPC namespace. */
  hostIpc: boolean
  /** Makes a process namespace, whose first process waits, and takes in what others leave behind. */
  processes: boolean
  /** Makes a user namespace that owns all the others: its root is nobody outside. Network and IPC are its own then. */
  users?: IdRange
  /** Set inside the new namespaces: 'net.core.somaxconn'. */
  sysctls: Readonly<Record<string, string>>
}>

/** Files that keep the namespaces alive without a process in them, and by which others enter. */
export type PinnedNamespaces = Readonly<{
  netPath?: string
  utsPath?: string
  ipcPath?: string
  pidPath?: string
  userPath?: string
}>

/** Network, UTS, IPC, process and user namespaces that a pod's containers share. They outlive this process. */
export interface Namespaces {
  /** The network namespace has its loopback up. Exists: the name is taken. */
  pin(request: NamespaceRequest): Promise<Result<PinnedNamespaces, NamespaceError>>
  /** Names of what is pinned whose name begins so, sorted; half-made ones too. */
  list(prefix: string): Promise<readonly string[]>
  /** Undefined when nothing, or not all of it, is pinned under the name. */
  find(name: string): Promise<PinnedNamespaces | undefined>
  /** No error when there is none. */
  unpin(name: string): Promise<Result<void, NamespaceError>>
}
