import type { Result } from '../api/result.ts'
import type { BindError, DatagramPeer } from './datagrams.ts'
import type { Duplex } from './streams.ts'

export interface ListeningStream {
  readonly address: string
  /** The port in use, when 0 was asked for. */
  readonly port: number
  /** Takes no more connections; those that are open are dropped. */
  close(): Promise<void>
}

/** TCP connections inward. */
export interface StreamListener {
  /** Connections beyond maxConnections at a time are refused. */
  listen(
    at: DatagramPeer,
    maxConnections: number,
    onConnection: (connection: Duplex, from: DatagramPeer) => void,
  ): Promise<Result<ListeningStream, BindError>>
}
