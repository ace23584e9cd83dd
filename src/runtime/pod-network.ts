import type { Result } from '../api/result.ts'

export type NetworkError = Readonly<{ code: 'NoAddress' | 'Failed'; message: string }>

/** What the engine asks of the pod network: the CNI contract, ADD and DEL, as an interface. */
export interface PodNetwork {
  /** Gives the network namespace an interface, a route and an address. Asking again for the same sandbox gives the same address. */
  attach(sandboxId: string, netnsPath: string): Promise<Result<Readonly<{ ips: readonly string[] }>, NetworkError>>
  /** Takes them away again; no error when there is nothing. */
  detach(sandboxId: string, netnsPath: string): Promise<Result<void, NetworkError>>
}
