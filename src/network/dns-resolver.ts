import { unreachable } from '../api/assert.ts'
import type { Random } from '../ports/random.ts'
import { answerQuery, type DnsRecord, type Question, type ZoneConfig } from './dns-answer.ts'
import { decode, encodeReply, type Query, type Rcode, type Reply, relabel } from './dns-message.ts'
import type { DnsView } from './dns-records.ts'
import type { AskUpstream } from './dns-upstream.ts'

/** The whole reply to a query, ready to be sent. */
export type Resolver = (query: Query, transport: 'udp' | 'tcp') => Promise<Uint8Array>

export type ResolverParts = Readonly<{ view: DnsView; config: ZoneConfig; ask: AskUpstream; random: Random }>

/** Aliases followed before giving up: two ExternalName services may point at each other. */
const maxAliases = 8

/** Answers from the cluster's records, follows their aliases, and forwards what is not ours. */
export function makeResolver({ view, config, ask, random }: ResolverParts): Resolver {
  const resolve = async (question: Question, transport: 'udp' | 'tcp', depth: number): Promise<Reply> => {
    if (depth > maxAliases) return failure
    const found = answerQuery(question, view, config)
    switch (found.type) {
      case 'answer':
        return { ...found, authoritative: true, answers: shuffled(found.answers, random) }
      case 'alias': {
        const alias: Reply = { ...nothing, authoritative: true, answers: [found.answer] }
        if (question.type === 'CNAME') return alias
        const rest = await resolve({ ...question, name: found.target }, transport, depth + 1)
        return { ...rest, authoritative: true, answers: [found.answer, ...rest.answers] }
      }
      case 'forward':
        return forwarded(question, transport)
      default:
        return unreachable(found)
    }
  }
  const forwarded = async (question: Question, transport: 'udp' | 'tcp'): Promise<Reply> => {
    const answer = await ask(question, transport)
    const packet = answer.ok ? decode(answer.value) : undefined
    if (packet === undefined) return failure
    if (packet.flag_tc && transport === 'udp') return forwarded(question, 'tcp')
    const rcode = rcodes[(packet.flags ?? 0) & 0xf] ?? 'SERVFAIL'
    return { ...nothing, rcode, answers: packet.answers ?? [], authorities: packet.authorities ?? [] }
  }
  return async (query, transport) => {
    if (answerQuery(query.question, view, config).type !== 'forward') {
      return encodeReply(query, await resolve(query.question, transport, 0), transport)
    }
    // Passed on byte for byte: whatever record types there are, known to us or not.
    const answer = await ask(query.question, transport)
    return answer.ok ? relabel(answer.value, query, transport) : encodeReply(query, failure, transport)
  }
}

const nothing: Reply = { rcode: 'NOERROR', authoritative: false, answers: [], authorities: [], additionals: [] }
const failure: Reply = { ...nothing, rcode: 'SERVFAIL' }

/** By their numbers on the wire. */
const rcodes: readonly Rcode[] = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED']

/** Clients take the first address: in a fresh order each time, they spread. */
function shuffled(records: readonly DnsRecord[], random: Random): readonly DnsRecord[] {
  const list = [...records]
  for (let at = list.length - 1; at > 0; at--) {
    const other = random.below(at + 1)
    const [a, b] = [list[at], list[other]]
    if (a === undefined || b === undefined) continue
    list[at] = b
    list[other] = a
  }
  return list
}
