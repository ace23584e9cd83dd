import { createServer, type Socket } from 'node:net'
import { fail, ok } from '../../api/result.ts'
import type { StreamListener } from '../../ports/stream-listener.ts'
import { bindError } from './datagrams.ts'
import { duplexOf } from './duplex.ts'

export function linuxStreamListener(): StreamListener {
  return {
    listen: (at, maxConnections, onConnection) =>
      new Promise((resolve) => {
        const sockets = new Set<Socket>()
        const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
          sockets.add(socket)
          socket.once('close', () => sockets.delete(socket))
          const { remoteAddress = '', remotePort = 0 } = socket
          onConnection(duplexOf(socket), { address: remoteAddress, port: remotePort })
        })
        server.maxConnections = maxConnections
        server.on('error', (error) => resolve(fail(bindError(error))))
        server.listen({ host: at.address, port: at.port, exclusive: true }, () => {
          const bound = server.address()
          const port = typeof bound === 'object' && bound !== null ? bound.port : at.port
          const close = (): Promise<void> =>
            new Promise((closed) => {
              server.close(() => closed())
              for (const socket of sockets) socket.destroy()
            })
          resolve(ok({ address: at.address, port, close }))
        })
      }),
  }
}
