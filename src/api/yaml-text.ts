/** YAML as Kubernetes reads it: the first document, YAML 1.1 (yes and no are booleans, << merges), turned into JSON. */
import {
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  type YAMLError,
  type YAMLMap,
} from 'yaml'
import { jsonNumber } from './json-text.ts'
import { setValue } from './json-value.ts'
import { fail, ok, type Result } from './result.ts'

/** Repeated keys as Kubernetes reports them: 'line 3: key "name" already set in map'. */
export type YamlText = Readonly<{ value: unknown; repeatedKeys: readonly string[] }>

type Reading = Readonly<{ lines: LineCounter; repeatedKeys: string[] }>

/** Aliases that unfold to more than this many nodes are an attack ("billion laughs"). */
const maxAliases = 100

/** The error is worded as Go's YAML library begins it: 'yaml: line 2: …'. */
export function parseYamlText(text: string): Result<YamlText, string> {
  const lines = new LineCounter()
  const options = { version: '1.1', uniqueKeys: false, intAsBigInt: true, lineCounter: lines, merge: true } as const
  const [document] = parseAllDocuments(text, options)
  if (document === undefined || !('contents' in document)) return ok({ value: null, repeatedKeys: [] })
  const [error] = document.errors
  if (error !== undefined) return fail(wordError(error, lines))
  const repeatedKeys: string[] = []
  noteRepeatedKeys(document.contents, { lines, repeatedKeys })
  try {
    return ok({ value: jsonOf(document.toJS({ maxAliasCount: maxAliases })), repeatedKeys })
  } catch (problem) {
    return fail(`yaml: ${problem instanceof Error ? problem.message : String(problem)}`)
  }
}

const wordings: Readonly<Partial<Record<YAMLError['code'], string>>> = {
  TAB_AS_INDENT: 'found character that cannot start any token',
  BAD_INDENT: 'did not find expected key',
  BLOCK_AS_IMPLICIT_KEY: 'mapping values are not allowed in this context',
}

function wordError(error: YAMLError, lines: LineCounter): string {
  const line = lines.linePos(error.pos[0]).line
  const [own = ''] = error.message.split(/ at line | \n|\n/)
  return `yaml: line ${line}: ${wordings[error.code] ?? own}`
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
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(jsonOf)
  if (typeof value !== 'object' || value === null) return value
  const sorted: Record<string, unknown> = {}
  for (const key of Object.keys(value).sort()) setValue(sorted, key, jsonOf((value as Record<string, unknown>)[key]))
  return sorted
}
