import { fail, ok, type Result } from '../api/result.ts'
import type { Clock } from '../ports/clock.ts'
import type { Datagrams } from '../ports/datagrams.ts'
import type { Disk } from '../ports/disk.ts'
import type { Random } from '../ports/random.ts'
import type { Streams } from '../ports/streams.ts'
import { parseAddress } from './address.ts'
import type { Question } from './dns-answer.ts'
import { decode, encodeQuery } from './dns-message.ts'
import { frame, readFrames } from './dns-stream.ts'

export type UpstreamError = Readonly<{ code: 'NoUpstream' | 'TooMany' | 'NoAnswer'; message: string }>

/** Asks other name servers. The answer is the message as it came. */
export type AskUpstream = (question: Question, transport: 'udp' | 'tcp') => Promise<Result<Uint8Array, UpstreamError>>

export type UpstreamParts = Readonly<{
  datagrams: Datagrams
  streams: Streams
  clock: Clock
  random: Random
  upstreams: readonly string[]
}>

const dnsPort = 53
const maxUnderWay = 1000
const attemptTimeoutMs = 2_000
/** resolv.conf(5): no more than three are used. */
const maxUpstreams = 3

/**
 * Tries one server after the other. Each UDP question has a port and an id of its own, and an answer counts only from the server that
 * was asked and to the question that was asked: what a forger would have to guess.
 */
export function askUpstream({ datagrams, streams, clock, random, upstreams }: UpstreamParts): AskUpstream {
  let underWay = 0
  const attempt = (server: string, question: Question, transport: 'udp' | 'tcp'): Promise<Uint8Array | undefined> =>
    transport === 'udp'
      ? askByDatagram(datagrams, clock, random, server, question)
      : askByStream(streams, random, server, question)
  return async (question, transport) => {
    if (upstreams.length === 0) return fail({ code: 'NoUpstream', message: 'there is no upstream name server' })
    if (underWay >= maxUnderWay) return fail({ code: 'TooMany', message: `${maxUnderWay} questions are under way` })
    underWay++
    try {
      for (const server of upstreams) {
        const answer = await attempt(server, question, transport)
        if (answer !== undefined) return ok(answer)
      }
      return fail({ code: 'NoAnswer', message: `no answer from ${upstreams.join(', ')}` })
    } finally {
      underWay--
    }
  }
}

/** The name servers of a resolv.conf(5): IPv4 ones, without our own address, which would answer itself for ever. */
export function parseUpstreams(text: string, ownAddress: string): readonly string[] {
  const servers = text.split('\n').flatMap((line) => {
    const [keyword, address] = line.trim().split(/\s+/)
    return keyword === 'nameserver' && address !== undefined && parseAddress(address) !== undefined ? [address] : []
  })
  return [...new Set(servers)].filter((address) => address !== ownAddress).slice(0, maxUpstreams)
}

/** None when the host has no such file. */
export async function readUpstreams(
  disk: Disk,
  ownAddress: string,
  path = '/etc/resolv.conf',
): Promise<readonly string[]> {
  // Often a link into /run, which stat would not follow.
  try {
    return parseUpstreams(new TextDecoder().decode(await disk.readFile(path)), ownAddress)
  } catch {
    return []
  }
}

async function askByDatagram(
  datagrams: Datagrams,
  clock: Clock,
  random: Random,
  server: string,
  question: Question,
): Promise<Uint8Array | undefined> {
  const id = random.below(65_536)
  let settle: (answer: Uint8Array | undefined) => void = () => {}
  const answered = new Promise<Uint8Array | undefined>((resolve) => {
    settle = resolve
  })
  const bound = await datagrams.bind({ address: '0.0.0.0', port: 0 }, (datagram, from) => {
    if (from.address === server && from.port === dnsPort && isAnswerTo(datagram, id, question)) settle(datagram)
  })
  if (!bound.ok) return undefined
  const timer = clock.after(attemptTimeoutMs, () => settle(undefined))
  if (!(await bound.value.send(encodeQuery(id, question), { address: server, port: dnsPort }))) settle(undefined)
  const answer = await answered
  timer.cancel()
  await bound.value.close()
  return answer
}

async function askByStream(
  streams: Streams,
  random: Random,
  server: string,
  question: Question,
): Promise<Uint8Array | undefined> {
  const id = random.below(65_536)
  const dialled = await streams.dial({ host: server, port: dnsPort, timeoutMs: attemptTimeoutMs })
  if (!dialled.ok) return undefined
  const connection = dialled.value
  try {
    await connection.write(frame(encodeQuery(id, question)))
    for await (const message of readFrames(connection.readable)) if (isAnswerTo(message, id, question)) return message
    return undefined
  } catch {
    return undefined
  } finally {
    connection.destroy()
  }
}

function isAnswerTo(message: Uint8Array, id: number, { name, type }: Question): boolean {
  const packet = decode(message)
  const [echoed] = packet?.questions ?? []
  if (packet?.type !== 'response' || packet.id !== id || echoed === undefined) return false
  return echoed.type === type && echoed.name.toLowerCase() === (name === '' ? '.' : name.toLowerCase())
}
