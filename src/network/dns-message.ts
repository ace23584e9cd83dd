import * as dns from 'dns-packet'
import type { DnsRecord, Question } from './dns-answer.ts'

export type Rcode = 'NOERROR' | 'FORMERR' | 'SERVFAIL' | 'NXDOMAIN' | 'NOTIMP' | 'REFUSED'

export type Query = Readonly<{
  id: number
  question: Question
  recursionDesired: boolean
  /** Bytes of UDP payload that the client takes (EDNS); absent: it speaks no EDNS, so 512. */
  udpPayloadBytes?: number
}>

/** What a message that is no query of ours deserves: nothing at all, or an error that echoes its id. */
export type Unanswerable = Readonly<{ type: 'ignore' } | { type: 'error'; id: number; rcode: Rcode }>

export type Reply = Readonly<{
  rcode: Rcode
  /** From our own zone, and not from elsewhere. */
  authoritative: boolean
  answers: readonly (DnsRecord | dns.Answer)[]
  authorities: readonly (DnsRecord | dns.Answer)[]
  additionals: readonly (DnsRecord | dns.Answer)[]
}>

const rcodes: Readonly<Record<Rcode, number>> = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
}
const headerBytes = 12
/** What passes every path unfragmented (DNS flag day 2020). */
const largestUdpBytes = 1232
export const largestTcpBytes = 65_535

export function parseQuery(
  message: Uint8Array,
): Readonly<{ ok: true; query: Query }> | Readonly<{ ok: false; why: Unanswerable }> {
  if (message.length < headerBytes) return { ok: false, why: { type: 'ignore' } }
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength)
  const [id, flags, questions] = [view.getUint16(0), view.getUint16(2), view.getUint16(4)]
  const error = (rcode: Rcode) => ({ ok: false, why: { type: 'error', id, rcode } }) as const
  // Answering an answer would let two servers talk for ever.
  if ((flags & 0x8000) !== 0) return { ok: false, why: { type: 'ignore' } }
  if ((flags & 0x7800) !== 0) return error('NOTIMP')
  if (questions !== 1) return error('FORMERR')
  const packet = decode(message)
  const [question] = packet?.questions ?? []
  if (packet === undefined || question === undefined) return error('FORMERR')
  const options = packet.additionals?.find((record) => record.type === 'OPT')
  const udpPayloadBytes = options?.type === 'OPT' ? options.udpPayloadSize : undefined
  return {
    ok: true,
    query: {
      id,
      question: { name: question.name === '.' ? '' : question.name, type: question.type },
      recursionDesired: (flags & dns.RECURSION_DESIRED) !== 0,
      ...(udpPayloadBytes === undefined ? {} : { udpPayloadBytes }),
    },
  }
}

/** Undefined for anything that is not a well-formed message. */
export function decode(message: Uint8Array): dns.DecodedPacket | undefined {
  try {
    return dns.decode(Buffer.from(message.buffer, message.byteOffset, message.byteLength))
  } catch {
    return undefined
  }
}

export function encodeQuery(id: number, { name, type }: Question): Uint8Array {
  return dns.encode({
    type: 'query',
    id,
    flags: dns.RECURSION_DESIRED,
    questions: [{ name, type: type as dns.RecordType, class: 'IN' }],
    additionals: [edns(largestUdpBytes)],
  })
}

/** Where the reply does not fit into the limit, an empty one with the TC bit: the client asks again over TCP. */
export function encodeReply(query: Query, reply: Reply, transport: 'udp' | 'tcp'): Uint8Array {
  const limitBytes = transport === 'tcp' ? largestTcpBytes : udpLimitBytes(query)
  const whole = encodeWhole(query, reply, 0)
  if (whole.length <= limitBytes) return whole
  const bare = encodeWhole(query, { ...reply, additionals: [] }, 0)
  if (bare.length <= limitBytes) return bare
  return encodeWhole(query, { ...empty, authoritative: reply.authoritative }, dns.TRUNCATED_RESPONSE)
}

const empty: Reply = { rcode: 'NOERROR', authoritative: false, answers: [], authorities: [], additionals: [] }

export function encodeError(id: number, rcode: Rcode): Uint8Array {
  return dns.encode({ type: 'response', id, flags: rcodes[rcode] })
}

/** The bytes of someone else's reply under another id; an empty one with the TC bit where they do not fit. */
export function relabel(message: Uint8Array, query: Query, transport: 'udp' | 'tcp'): Uint8Array {
  if (transport === 'udp' && message.length > udpLimitBytes(query))
    return encodeWhole(query, empty, dns.TRUNCATED_RESPONSE)
  const copy = Uint8Array.from(message)
  new DataView(copy.buffer).setUint16(0, query.id)
  return copy
}

function udpLimitBytes({ udpPayloadBytes = 512 }: Query): number {
  return Math.min(Math.max(512, udpPayloadBytes), largestUdpBytes)
}

function encodeWhole(query: Query, reply: Reply, extraFlags: number): Uint8Array {
  const { name, type } = query.question
  const flags =
    extraFlags |
    rcodes[reply.rcode] |
    (reply.authoritative ? dns.AUTHORITATIVE_ANSWER : 0) |
    (query.recursionDesired ? dns.RECURSION_DESIRED : 0) |
    dns.RECURSION_AVAILABLE
  const records = (list: Reply['answers']): dns.Answer[] =>
    list.map((record) => ({ class: 'IN', ...record }) as dns.Answer)
  const options = query.udpPayloadBytes === undefined ? [] : [edns(largestUdpBytes)]
  return dns.encode({
    type: 'response',
    id: query.id,
    flags,
    questions: [{ name, type: type as dns.RecordType, class: 'IN' }],
    answers: records(reply.answers),
    authorities: records(reply.authorities),
    additionals: [...records(reply.additionals), ...options],
  })
}

function edns(udpPayloadSize: number): dns.OptAnswer {
  return {
    type: 'OPT',
    name: '.',
    udpPayloadSize,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  }
}
