import type { EndpointSlice, Namespace, Service } from '../api/kinds.generated.ts'
import { objectKey, type Stored } from '../api/object.ts'
import type { Informer } from '../client/informer.ts'
import type { Clock } from '../ports/clock.ts'
import type { DatagramPeer, DatagramSocket, Datagrams } from '../ports/datagrams.ts'
import type { Log } from '../ports/log.ts'
import type { Random } from '../ports/random.ts'
import type { ListeningStream, StreamListener } from '../ports/stream-listener.ts'
import type { Duplex, Streams } from '../ports/streams.ts'
import { encodeError, encodeReply, parseQuery } from './dns-message.ts'
import { type DnsRecords, makeDnsRecords } from './dns-records.ts'
import { makeResolver, type Resolver } from './dns-resolver.ts'
import { frame, readFrames } from './dns-stream.ts'
import { askUpstream } from './dns-upstream.ts'

export type DnsConfig = Readonly<{
  /** 'cluster.local' */
  zone: string
  /** Address of the Service kube-dns: what `ns.dns.ZONE` resolves to. */
  serverIp: string
  /** Where to listen: the bridge's address. */
  address: string
  /** Default 53. */
  port?: number
  /** Name servers for everything outside the zone, tried in order; none: SERVFAIL. See readUpstreams. */
  upstreams: readonly string[]
}>

export type DnsParts = Readonly<{
  informers: Readonly<{
    services: Informer<Service>
    endpointSlices: Informer<EndpointSlice>
    namespaces: Informer<Namespace>
  }>
  datagrams: Datagrams
  listener: StreamListener
  streams: Streams
  clock: Clock
  random: Random
  log: Log
  config: DnsConfig
}>

export type DnsServer = Readonly<{ port: number; stop(): Promise<void> }>

const maxConnections = 128
/** Questions being answered at once over UDP; more are dropped, and asked again by their clients. */
const maxUnderWay = 2000
const idleTimeoutMs = 10_000

/** Cluster DNS on UDP and TCP. Throws when the port cannot be had. */
export async function startDns(parts: DnsParts): Promise<DnsServer> {
  const { informers, datagrams, listener, random, clock, log, config } = parts
  const records = makeDnsRecords()
  followAll(records, informers)
  const resolver = makeResolver({
    view: records,
    config,
    ask: askUpstream({ ...parts, upstreams: config.upstreams }),
    random,
  })
  let underWay = 0
  const onDatagram = async (message: Uint8Array, from: DatagramPeer): Promise<void> => {
    if (underWay >= maxUnderWay) return
    underWay++
    try {
      const reply = await answer(resolver, message, 'udp', log)
      if (reply !== undefined) await socket?.send(reply, from)
    } finally {
      underWay--
    }
  }
  let socket: DatagramSocket | undefined
  const at = { address: config.address, port: config.port ?? 53 }
  const bound = await datagrams.bind(at, (message, from) => void onDatagram(message, from))
  if (!bound.ok) throw new Error(`dns: cannot listen on udp ${at.address}:${at.port}: ${bound.error.message}`)
  socket = bound.value
  const accepted = await listener.listen({ ...at, port: socket.port }, maxConnections, (connection) => {
    void serveConnection(resolver, connection, clock, log)
  })
  if (!accepted.ok) {
    await socket.close()
    throw new Error(`dns: cannot listen on tcp ${at.address}:${at.port}: ${accepted.error.message}`)
  }
  const tcp: ListeningStream = accepted.value
  return {
    port: socket.port,
    stop: async () => {
      await Promise.all([bound.value.close(), tcp.close()])
    },
  }
}

/** Undefined: better no reply at all. */
async function answer(
  resolver: Resolver,
  message: Uint8Array,
  transport: 'udp' | 'tcp',
  log: Log,
): Promise<Uint8Array | undefined> {
  const parsed = parseQuery(message)
  if (!parsed.ok) return parsed.why.type === 'ignore' ? undefined : encodeError(parsed.why.id, parsed.why.rcode)
  try {
    return await resolver(parsed.query, transport)
  } catch (error) {
    // One name that cannot be put into a message must not end the server.
    log.error('cannot answer a DNS query', { name: parsed.query.question.name, error: String(error) })
    return encodeReply(
      parsed.query,
      { rcode: 'SERVFAIL', authoritative: false, answers: [], authorities: [], additionals: [] },
      transport,
    )
  }
}

/** Questions of one connection in order; it is dropped when idle. */
async function serveConnection(resolver: Resolver, connection: Duplex, clock: Clock, log: Log): Promise<void> {
  let timer = clock.after(idleTimeoutMs, () => connection.destroy())
  try {
    for await (const message of readFrames(connection.readable)) {
      timer.cancel()
      timer = clock.after(idleTimeoutMs, () => connection.destroy())
      const reply = await answer(resolver, message, 'tcp', log)
      if (reply === undefined) break
      await connection.write(frame(reply))
    }
    await connection.end()
  } catch {
    // The client has gone: nobody is left to tell.
  } finally {
    timer.cancel()
    connection.destroy()
  }
}

function followAll(records: DnsRecords, informers: DnsParts['informers']): void {
  follow(informers.namespaces, (key, namespace) => records.setNamespace(key, namespace !== undefined))
  follow(informers.services, records.setService)
  follow(informers.endpointSlices, records.setSlice)
}

function follow<T>(informer: Informer<T>, set: (key: string, object: Stored<T> | undefined) => void): void {
  for (const object of informer.list()) set(objectKey(object), object)
  informer.onChange((before, after) => {
    const object = after ?? before
    if (object !== undefined) set(objectKey(object), after)
  })
}
