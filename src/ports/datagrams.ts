import type { Result } from '../api/result.ts'

export type BindError = Readonly<{
  code: 'AddressInUse' | 'AddressNotAvailable' | 'PermissionDenied' | 'Other'
  message: string
}>

export type DatagramPeer = Readonly<{ address: string; port: number }>

export interface DatagramSocket {
  readonly address: string
  /** The port in use, when 0 was asked for. */
  readonly port: number
  /** Datagrams may be lost, reordered and repeated: false when the host refused it at once. Never throws. */
  send(datagram: Uint8Array, to: DatagramPeer): Promise<boolean>
  close(): Promise<void>
}

/** UDP over IPv4. */
export interface Datagrams {
  bind(
    at: DatagramPeer,
    onDatagram: (datagram: Uint8Array, from: DatagramPeer) => void,
  ): Promise<Result<DatagramSocket, BindError>>
}
