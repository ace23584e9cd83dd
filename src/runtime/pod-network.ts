import type { Result } from '../api/result.ts'
import type { SandboxSpec } from './pod-runtime.ts'

export type NetworkError = Readonly<{ code: 'NoAddress' | 'Failed'; message: string }>

/** What the engine asks of the pod network: the CNI contract, ADD and DEL, as an interface. */
export interface PodNetwork {
  /**
   * Gives the network namespace an interface, a route and an address, and publishes its ports on the host. Asking again for the same
   * sandbox gives the same address; an engine does so after a restart for sandboxes with published ports.
   */
  attach(
    sandboxId: string,
    netnsPath: string,
    portMappings: SandboxSpec['portMappings'],
  ): Promise<Result<Readonly<{ ips: readonly string[] }>, NetworkError>>
  /** Takes them away again; no error when there is nothing. */
  detach(sandboxId: string, netnsPath: string): Promise<Result<void, NetworkError>>
}
