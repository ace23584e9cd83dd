import { fail, ok } from '../../api/result.ts'
import type { StreamListener } from '../../ports/stream-listener.ts'
import type { Duplex } from '../../ports/streams.ts'
import type { SimStreams } from './streams.ts'

const firstEphemeralPort = 32_768

/** Listens on the simulated streams: what is dialled there arrives here. */
export function simStreamListener(streams: SimStreams): StreamListener {
  const ports = new Set<string>()
  let nextPort = firstEphemeralPort
  let nextClient = firstEphemeralPort
  return {
    async listen(wanted, maxConnections, onConnection) {
      const { address } = wanted
      const port = wanted.port === 0 ? nextPort++ : wanted.port
      const key = `${address}:${port}`
      if (ports.has(key))
        return fail({ code: 'AddressInUse' as const, message: `listen ${key}: address already in use` })
      ports.add(key)
      const open = new Set<Duplex>()
      const server = streams.accept({ host: address, port }, (connection) => {
        if (open.size >= maxConnections) {
          connection.destroy()
          return
        }
        const tracked = trackEnd(connection, () => open.delete(tracked))
        open.add(tracked)
        onConnection(tracked, { address: '127.0.0.1', port: nextClient++ })
      })
      const close = async (): Promise<void> => {
        server.close()
        ports.delete(key)
        for (const connection of [...open]) connection.destroy()
      }
      return ok({ address, port, close })
    },
  }
}

function trackEnd(connection: Duplex, ended: () => void): Duplex {
  return {
    ...connection,
    destroy() {
      ended()
      connection.destroy()
    },
  }
}
