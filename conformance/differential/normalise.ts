import { parse } from 'yaml'
import type { Answered } from './exchange.ts'

/** An answer in a form that two servers can share: what is theirs alone is told by its place, not by its value. */
export type Plain = Readonly<{ status: number; headers: Readonly<Record<string, string>>; body: unknown }>

/** Headers that clients act on. */
const headersThatMatter = [
  'content-type',
  'warning',
  'retry-after',
  'allow',
  'cache-control',
  'location',
  'www-authenticate',
  'x-content-type-options',
]

/** One side's view of one case: values once met keep their stand-in, in later answers too. */
export interface Normaliser {
  /** `generateName`: what the request wanted a name to be made from, by which names are known even in refusals. */
  plain(answered: Answered, generateName?: string): Plain
}

export function normaliser(): Normaliser {
  const standIns = new Map<string, string>()
  const counts = new Map<string, number>()
  const standIn = (kind: string, value: string): string => {
    const known = standIns.get(`${kind} ${value}`)
    if (known !== undefined) return known
    const count = (counts.get(kind) ?? 0) + 1
    counts.set(kind, count)
    const made = `<${kind}-${count}>`
    standIns.set(`${kind} ${value}`, made)
    return made
  }
  const literal = new Map<string, string>()
  const prefixes: string[] = []
  const text = (value: string): string => plainText(withoutSuffixes(value, prefixes), standIn, literal)
  return {
    plain({ status, headers, body }, generateName) {
      if (generateName !== undefined) prefixes.push(generateName)
      const decoded = parseBody(headers['content-type'] ?? '', body)
      learn(decoded, standIn, literal)
      const kept = headersThatMatter.flatMap((name) => {
        const value = headers[name]
        return value === undefined ? [] : [[name, text(value)] as const]
      })
      return { status, headers: Object.fromEntries(kept), body: plainValue(decoded, '', text, standIn) }
    },
  }
}

type StandIn = (kind: string, value: string) => string

/** JSON, or a stream of it a line each; other texts as they are; anything else by its length. */
function parseBody(contentType: string, body: Uint8Array): unknown {
  const text = new TextDecoder().decode(body)
  if (contentType.includes('protobuf')) return `<${body.length > 0 ? 'protobuf' : 'nothing'}>`
  // As values: how lines are folded and keys are quoted is the writer's.
  if (contentType === 'application/yaml') return parse(text)
  if (!contentType.includes('json')) return text
  const lines = text.split('\n').filter((line) => line !== '')
  const parsed = lines.map(parseJson)
  if (parsed.length > 1 && parsed.every((line) => line !== undefined)) return parsed
  const whole = parseJson(text)
  return whole === undefined ? text : whole
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Names that a server makes up appear in places that do not say so: they are learnt where they do. */
function learn(value: unknown, standIn: StandIn, literal: Map<string, string>): void {
  if (typeof value !== 'object' || value === null) return
  for (const one of Object.values(value)) learn(one, standIn, literal)
  const { generateName, name, clusterIP, clusterIPs } = value as Readonly<Record<string, unknown>>
  if (typeof generateName === 'string' && typeof name === 'string' && isGenerated(generateName, name))
    literal.set(name, `${generateName}${standIn('suffix', name)}`)
  for (const address of [clusterIP, ...(Array.isArray(clusterIPs) ? clusterIPs : [])])
    if (typeof address === 'string' && /^10\.96\./.test(address)) literal.set(address, standIn('address', address))
}

function isGenerated(prefix: string, name: string): boolean {
  return name.startsWith(prefix) && /^[bcdfghjklmnpqrstvwxz2456789]{5}$/.test(name.slice(prefix.length))
}

function withoutSuffixes(text: string, prefixes: readonly string[]): string {
  let plain = text
  for (const prefix of prefixes) {
    const made = new RegExp(`(${prefix.replace(/[^\w-]/g, '\\$&')})[bcdfghjklmnpqrstvwxz2456789]{5}\\b`, 'g')
    plain = plain.replace(made, '$1<suffix>')
  }
  return plain
}

const uid = /\b[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b/g
const now = /\b202[4-9]-\d\d-\d\dT\d\d:\d\d:\d\d/
const time = /\b202[4-9]-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/g
const token = /\beyJ[\w-]+\.[\w-]+\.[\w-]+/g

function plainText(value: string, standIn: StandIn, literal: ReadonlyMap<string, string>): string {
  let text = value.replace(quotedObject, (_, object: string) => `Invalid value: ${sortedQuote(object)}:`)
  for (const [from, to] of literal) if (text.includes(from)) text = text.replaceAll(from, to)
  text = text
    .replace(uid, (one) => standIn('uid', one))
    .replace(token, '<token>')
    .replace(/^(192\.0\.2\.\d+|\d+(\.\d+){3}):\d+$/, '<server>')
    .replace(/X509SHA256=[0-9a-f]{64}/g, 'X509SHA256=<digest>')
  if (now.test(text))
    text = text.replace(time, (_, fraction) => (fraction === undefined ? '<time>' : '<time.fraction>'))
  return (
    text
      .replace(/kube-api-access-[a-z0-9]{5}/g, 'kube-api-access-<suffix>')
      .replace(/(in record \()\d+\)/, '$1<version>)')
      .replace(/(\\*"resourceVersion\\*":\\*")\d+/g, '$1<version>')
      .replace(/(failed to allocate IP: IPAddress.networking.k8s.io ")[\d.]+/, '$1<address>')
      // What the original appends is Go's view of its own structs.
      .replace(
        /(previously negative\)|immutable after creation|for bound claims|may not be changed)\n@@[\s\S]*$/,
        '$1<diff>',
      )
      .replace(/Invalid value: \{.*?\}: field is immutable/gs, 'Invalid value: <struct>: field is immutable')
      .replace(/(too old resource version: \d+) \(\d+\)/, '$1 (<version>)')
      .replace(/(Too large resource version: \d+, current: )\d+/, '$1<version>')
      .replace(
        /(Precondition failed: ResourceVersion in precondition: \d+, ResourceVersion in object meta: )\d+/,
        '$1<version>',
      )
  )
}

/** A patched object in a refusal: the order of its fields is that of Go's maps here and of structs there. */
const quotedObject = /Invalid value: ("\{.*\}"):/s

function sortedQuote(quoted: string): string {
  try {
    return JSON.stringify(sorted(JSON.parse(JSON.parse(quoted))))
  } catch {
    return quoted
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(fields.map(([key, one]) => [key, sorted(one)]))
}

const age = /^(\d+s|<unknown>|\d+m(\d+s)?)$/

function plainValue(value: unknown, key: string, text: (value: string) => string, standIn: StandIn): unknown {
  if (typeof value === 'string') {
    if (key === 'resourceVersion' && /^\d{1,18}$/.test(value)) return standIn('version', value)
    if (key === 'continue' && value !== '') return '<continue>'
    if (key === 'cells' && age.test(value)) return '<age>'
    return text(value)
  }
  if (typeof value === 'number') return isAllocated(key, value) ? standIn('port', String(value)) : value
  if (key === 'causes' && Array.isArray(value)) return ordered(value.map((one) => plainValue(one, '', text, standIn)))
  if (Array.isArray(value)) return value.filter(isShared).map((one) => plainValue(one, key, text, standIn))
  if (typeof value !== 'object' || value === null) return value
  if (key === 'columnDefinitions' && 'description' in value) return { ...value, description: '<prose>' }
  const plain = Object.entries(value).map(([name, one]) => [text(name), plainField(value, name, one, text, standIn)])
  return Object.fromEntries(plain)
}

/** Groups that other cases define come and go meanwhile. */
function isShared(one: unknown): boolean {
  if (typeof one !== 'object' || one === null || !('versions' in one)) return true
  const { name, metadata } = one as Readonly<{ name?: unknown; metadata?: Readonly<{ name?: unknown }> }>
  return !/^diff-.*\.diff\.test$/.test(String(name ?? metadata?.name))
}

/** Conflicts of several managers come in no order. */
function ordered(causes: readonly unknown[]): readonly unknown[] {
  const isConflict = causes.some((one) => JSON.stringify(one).includes('FieldManagerConflict'))
  return isConflict ? causes.map((one) => JSON.stringify(one)).sort() : causes
}

/** A list's version is the whole store's, where others write as well: it says nothing about the list. */
function plainField(
  holder: object,
  name: string,
  one: unknown,
  text: (v: string) => string,
  standIn: StandIn,
): unknown {
  const isList = name === 'metadata' && ('items' in holder || 'rows' in holder || /List$|^Table$/.test(kindOf(holder)))
  if (!isList || typeof one !== 'object' || one === null) return plainValue(one, name, text, standIn)
  const listed = 'resourceVersion' in one ? { ...one, resourceVersion: '<list version>' } : one
  return plainValue(listed, name, text, standIn)
}

function kindOf(holder: object): string {
  return 'kind' in holder ? String(holder.kind) : ''
}

function isAllocated(key: string, value: number): boolean {
  return (key === 'nodePort' || key === 'healthCheckNodePort') && value >= 30000 && value <= 32767
}
