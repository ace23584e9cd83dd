import { fail, ok } from '../../api/result.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Duplex, Streams } from '../../ports/streams.ts'
import { connection } from './pipe.ts'

export type Accept = (connection: Duplex) => void

export interface SimStreams extends Streams {
  /** Stands for a server at the address, inside the given network namespace or in the host's own. */
  accept(at: Readonly<{ host: string; port: number; netnsPath?: string }>, accept: Accept): Readonly<{ close(): void }>
}

export type SimStreamsParts = Readonly<{
  clock: Clock
  latencyMs?: number
  /** Takes the connections to where no server was put up; absent: they are refused. */
  elsewhere?: Accept
}>

/** TCP in memory: connections to servers that a test or a workload model has put up. */
export function simStreams({ clock, latencyMs = 1, elsewhere }: SimStreamsParts): SimStreams {
  const servers = new Map<string, Accept>()
  const keyOf = ({
    host,
    port,
    netnsPath = '',
  }: Readonly<{ host: string; port: number; netnsPath?: string }>): string => `${netnsPath}|${host}:${port}`
  return {
    accept(at, accept) {
      servers.set(keyOf(at), accept)
      return { close: () => void servers.delete(keyOf(at)) }
    },
    async dial(target) {
      await clock.sleep(latencyMs)
      const accept = servers.get(keyOf(target)) ?? elsewhere
      if (accept === undefined)
        return fail({
          code: 'Refused' as const,
          message: `dial tcp4 ${target.host}:${target.port}: connection refused`,
        })
      const [near, far] = connection()
      accept(far)
      return ok(near)
    },
  }
}
