import { createSocket } from 'node:dgram'
import { fail, ok } from '../../api/result.ts'
import type { BindError, DatagramSocket, Datagrams } from '../../ports/datagrams.ts'

export function linuxDatagrams(): Datagrams {
  return {
    bind: (at, onDatagram) =>
      new Promise((resolve) => {
        const socket = createSocket({ type: 'udp4', reuseAddr: false })
        let open = true
        socket.on('message', (message, { address, port }) => {
          onDatagram(new Uint8Array(message.buffer, message.byteOffset, message.byteLength), { address, port })
        })
        // After binding, errors are about single datagrams (an unreachable peer): UDP promises nothing.
        socket.on('error', (error: NodeJS.ErrnoException) => resolve(fail(bindError(error))))
        socket.bind({ address: at.address, port: at.port, exclusive: true }, () => {
          const { address, port } = socket.address()
          const bound: DatagramSocket = {
            address,
            port,
            send: (datagram, to) =>
              new Promise((sent) => {
                if (open) socket.send(datagram, to.port, to.address, (error) => sent(error === null))
                else sent(false)
              }),
            close: () =>
              new Promise((closed) => {
                if (open) socket.close(() => closed())
                else closed()
                open = false
              }),
          }
          resolve(ok(bound))
        })
      }),
  }
}

export function bindError({ code, message }: NodeJS.ErrnoException): BindError {
  switch (code) {
    case 'EADDRINUSE':
      return { code: 'AddressInUse', message }
    case 'EADDRNOTAVAIL':
      return { code: 'AddressNotAvailable', message }
    case 'EACCES':
    case 'EPERM':
      return { code: 'PermissionDenied', message }
    default:
      return { code: 'Other', message }
  }
}
