/** YAML as Kubernetes reads it: the first document, YAML 1.1 (yes and no are booleans, << merges), turned into JSON. */
import {
  Composer,
  type CST,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  Parser,
  type ScalarTag,
  type Tags,
  type YAMLError,
  type YAMLMap,
} from 'yaml'
import { exactJson, jsonNumber } from './json-text.ts'
import { setValue } from './json-value.ts'
import { fail, ok, type Result } from './result.ts'

/** Repeated keys as Kubernetes reports them: 'line 3: key "name" already set in map'. */
export type YamlText = Readonly<{ value: unknown; repeatedKeys: readonly string[] }>

type Reading = Readonly<{ lines: LineCounter; repeatedKeys: string[] }>

/** Aliases that unfold to more than this many nodes are an attack ("billion laughs"). */
const maxAliases = 100

/** Go's library reads 10,000; what is read here, and all that walks it, needs a stack. */
const maxDepth = 500

/** The error is worded as Go's YAML library begins it: 'yaml: line 2: …'. */
export function parseYamlText(text: string): Result<YamlText, string> {
  const json = text.startsWith('{') ? jsonValue(text) : undefined
  if (json !== undefined) return ok({ value: json.value, repeatedKeys: [] })
  const lines = new LineCounter()
  const options = {
    version: '1.1',
    uniqueKeys: false,
    intAsBigInt: true,
    lineCounter: lines,
    merge: true,
    customTags,
  } as const
  const tokens = [...new Parser(lines.addNewLine).parse(text)]
  if (tokens.some(isTooDeep)) return fail(`yaml: exceeded max depth of ${maxDepth}`)
  const [document] = new Composer(options).compose(tokens)
  if (document === undefined) return ok({ value: null, repeatedKeys: [] })
  const [error] = document.errors
  if (error !== undefined) return fail(wordError(error, text, lines))
  const repeatedKeys: string[] = []
  noteRepeatedKeys(document.contents, { lines, repeatedKeys })
  try {
    return ok({ value: jsonOf(document.toJS({ maxAliasCount: maxAliases })), repeatedKeys })
  } catch (problem) {
    if (problem instanceof UnsupportedNumber) return fail(`json: unsupported value: ${problem.message}`)
    const message = problem instanceof Error ? problem.message : String(problem)
    const alias = /^Unresolved alias .*: (.*)$/.exec(message)?.[1]
    return fail(alias === undefined ? `yaml: ${message}` : `yaml: unknown anchor '${alias}' referenced`)
  }
}

const encoder = new TextEncoder()

/** JSON is YAML, and what clients apply mostly is JSON: it is read thirty times as fast. Only '<<' means something else in it. */
function jsonValue(text: string): Readonly<{ value: unknown }> | undefined {
  return text.includes('"<<"') ? undefined : exactJson(encoder.encode(text), text)
}

/** Reading goes as deep as the text, so this is asked of the tokens first, by a list in place of the stack. */
function isTooDeep(token: CST.Token): boolean {
  const waiting: [CST.Token, number][] = [[token, 0]]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [one, depth] = next
    if (depth > maxDepth) return true
    if ('value' in one && typeof one.value === 'object') waiting.push([one.value, depth])
    if (!('items' in one)) continue
    for (const { key, value } of one.items)
      for (const inner of [key, value]) if (inner) waiting.push([inner, depth + 1])
  }
  return false
}

/** Infinities and NaN, which JSON has not. */
class UnsupportedNumber extends Error {}

/** Octal numbers as YAML 1.2 has them, which Go's library knows, too. */
const octal: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  format: 'OCT',
  test: /^[-+]?0o[0-7]+$/,
  resolve: (text) => Number.parseInt(text.replace('0o', ''), 8),
}

/** Of YAML 1.1's types, Go's library leaves dates and numbers to base 60 (as in 12:30) as the text that they are. */
function customTags(tags: Tags): Tags {
  const kept = tags.filter((tag) => {
    if (typeof tag === 'string') return tag !== 'timestamp' && tag !== 'floatTime' && tag !== 'intTime'
    return tag.tag !== 'tag:yaml.org,2002:timestamp' && !('format' in tag && tag.format === 'TIME')
  })
  return [octal, ...kept]
}

/** How Go's library words errors that ours names by code or message. */
const wordings: readonly (readonly [ours: RegExp, wording: string])[] = [
  [/^TAB_AS_INDENT|^BAD_SCALAR_START/, 'found character that cannot start any token'],
  [/Flow map/, "did not find expected ',' or '}'"],
  [/Flow sequence/, "did not find expected ',' or ']'"],
  [/Missing closing/, 'found unexpected end of stream'],
  [/^UNEXPECTED_TOKEN .*block-seq-ind/, 'block sequence entries are not allowed in this context'],
  [/^MISSING_CHAR Implicit map key/, "could not find expected ':'"],
  [/^BAD_INDENT/, 'did not find expected key'],
  [/^BLOCK_AS_IMPLICIT_KEY/, 'mapping values are not allowed in this context'],
]

function wordError(error: YAMLError, text: string, lines: LineCounter): string {
  const [own = ''] = error.message.split(/ at line | \n|\n/)
  const wording = wordings.find(([ours]) => ours.test(`${error.code} ${own}`))?.[1] ?? own
  // An open bracket is missed at the last thing written, not at the end of the text.
  const at = wording.includes("',' or") ? Math.min(error.pos[0], text.trimEnd().length) : error.pos[0]
  const line = lines.linePos(at).line + (wording.startsWith('could not find expected') ? 1 : 0)
  return `yaml: line ${line}: ${wording}`
}

function noteRepeatedKeys(node: Node | null, reading: Reading): void {
  if (isSeq<Node>(node)) for (const item of node.items) noteRepeatedKeys(item, reading)
  if (isMap<Node, Node | null>(node)) noteRepeatedInMap(node, reading)
}

function noteRepeatedInMap(map: YAMLMap<Node, Node | null>, reading: Reading): void {
  const seen = new Set<string>()
  for (const pair of map.items) {
    const key = keyOf(pair)
    if (key !== undefined && key !== '<<') {
      if (seen.has(key))
        reading.repeatedKeys.push(`line ${lineOf(pair, reading)}: key ${JSON.stringify(key)} already set in map`)
      seen.add(key)
    }
    noteRepeatedKeys(pair.value, reading)
  }
}

function keyOf({ key }: Pair<Node, Node | null>): string | undefined {
  return isScalar(key) ? String(key.value) : undefined
}

function lineOf({ key }: Pair<Node, Node | null>, { lines }: Reading): number {
  return lines.linePos(key.range?.[0] ?? 0).line
}

/** Keys come sorted, as from a Go map; integers beyond 2^53 keep their spelling. */
function jsonOf(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : jsonNumber(String(value))
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new UnsupportedNumber(Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf')
  }
  if (value instanceof Uint8Array) return new TextDecoder().decode(value)
  if (Array.isArray(value)) return value.map(jsonOf)
  if (typeof value !== 'object' || value === null) return value
  const sorted: Record<string, unknown> = {}
  for (const key of Object.keys(value).sort()) setValue(sorted, key, jsonOf((value as Record<string, unknown>)[key]))
  return sorted
}
