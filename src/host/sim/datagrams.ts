import { fail, ok } from '../../api/result.ts'
import type { Clock } from '../../ports/clock.ts'
import type { DatagramPeer, DatagramSocket, Datagrams } from '../../ports/datagrams.ts'
import type { Random } from '../../ports/random.ts'

/** What may go wrong, to be changed while the network is in use. */
export type DatagramFaults = {
  /** One datagram in so many is lost; 0 or absent: none. */
  loseOneIn?: number
  /** One in so many arrives twice. */
  repeatOneIn?: number
  /** Each takes up to this long, so they may overtake each other. Default 1. */
  latencyMs?: number
}

export type SimDatagramsParts = Readonly<{
  clock: Clock
  random: Random
  faults?: DatagramFaults
  /** The source that datagrams of sockets bound to 0.0.0.0 show. */
  hostAddress?: string
}>

type Bound = Readonly<{ at: DatagramPeer; onDatagram: (datagram: Uint8Array, from: DatagramPeer) => void }>

const firstEphemeralPort = 32_768
const largestBytes = 65_507

/** UDP in memory: late, lossy and out of order, as told. */
export function simDatagrams({ clock, random, faults = {}, hostAddress = '127.0.0.1' }: SimDatagramsParts): Datagrams {
  const sockets = new Map<string, Bound>()
  let nextPort = firstEphemeralPort

  const freePort = (): number => {
    while ([...sockets.values()].some(({ at }) => at.port === nextPort)) nextPort++
    return nextPort++
  }
  const deliver = (datagram: Uint8Array, from: DatagramPeer, to: DatagramPeer): void => {
    const delayMs = random.below((faults.latencyMs ?? 1) + 1)
    clock.after(delayMs, () => {
      const socket = sockets.get(`${to.address}:${to.port}`) ?? sockets.get(`0.0.0.0:${to.port}`)
      socket?.onDatagram(datagram, from)
    })
  }
  const oneIn = (count = 0): boolean => count > 0 && random.below(count) === 0
  const send = (from: DatagramPeer, datagram: Uint8Array, to: DatagramPeer): boolean => {
    if (datagram.length > largestBytes) return false
    if (oneIn(faults.loseOneIn)) return true
    const bytes = Uint8Array.from(datagram)
    deliver(bytes, from, to)
    if (oneIn(faults.repeatOneIn)) deliver(bytes, from, to)
    return true
  }
  return {
    async bind(wanted, onDatagram) {
      await clock.sleep(0)
      const at = { address: wanted.address, port: wanted.port === 0 ? freePort() : wanted.port }
      const rivals = [...sockets.values()].filter((other) => other.at.port === at.port)
      if (rivals.some((other) => isWildcard(at) || isWildcard(other.at) || other.at.address === at.address)) {
        return fail({ code: 'AddressInUse' as const, message: `bind ${at.address}:${at.port}: address already in use` })
      }
      const key = `${at.address}:${at.port}`
      const own: Bound = { at, onDatagram }
      sockets.set(key, own)
      const source = { address: isWildcard(at) ? hostAddress : at.address, port: at.port }
      const socket: DatagramSocket = {
        ...at,
        send: async (datagram, to) => sockets.get(key) === own && send(source, datagram, to),
        close: async () => {
          if (sockets.get(key) === own) sockets.delete(key)
        },
      }
      return ok(socket)
    },
  }
}

function isWildcard({ address }: DatagramPeer): boolean {
  return address === '0.0.0.0'
}
