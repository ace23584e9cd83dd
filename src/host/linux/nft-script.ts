import { assert } from '../../api/assert.ts'
import type {
  DataType,
  FirewallChain,
  FirewallElement,
  FirewallLookup,
  FirewallTable,
  FirewallUpdate,
} from '../../ports/firewall.ts'

/** What nft(8) reads for a whole table: made if missing, emptied, and filled, in one transaction. */
export function applyScript({ name, lookups, chains }: FirewallTable): string {
  const table = word(name)
  return [
    `add table ip ${table}`,
    `delete table ip ${table}`,
    `add table ip ${table}`,
    ...body(table, lookups, chains),
  ].join('\n')
}

export function updateScript({ table, lookups, chains, changes }: FirewallUpdate): string {
  const name = word(table)
  return [
    ...body(name, lookups, chains),
    ...changes.flatMap(({ lookup, remove }) =>
      elements(
        'delete',
        name,
        lookup,
        remove.map((key) => ({ key })),
      ),
    ),
    ...changes.flatMap(({ lookup, add }) => elements('add', name, lookup, add)),
  ].join('\n')
}

export function removeScript(table: string): string {
  return `add table ip ${word(table)}\ndelete table ip ${word(table)}`
}

/** Names first, then rules, then elements: each may name what comes before. */
function body(table: string, lookups: readonly FirewallLookup[], chains: readonly FirewallChain[]): string[] {
  return [
    ...chains.map(({ name, hook }) => {
      const base = hook && `type ${hook.type} hook ${hook.hook} priority ${hook.priority}; policy ${hook.policy};`
      return `add chain ip ${table} ${word(name)}${base === undefined ? '' : ` { ${base} }`}`
    }),
    ...lookups.map((lookup) => declaration(table, lookup)),
    ...chains.flatMap(({ name, rules }) =>
      rules.map((rule) => `add rule ip ${table} ${word(name)} ${statement(rule)}`),
    ),
    ...lookups.flatMap(({ name, elements: list }) => elements('add', table, name, list)),
  ]
}

function declaration(table: string, lookup: FirewallLookup): string {
  const { name, key, value, interval, dynamicSize } = lookup
  const types = [...key, ...(value === undefined || value === 'verdict' ? [] : value)]
  // Only typeof can name the type of a number generator's output.
  const [word1, spell] = types.includes('index') ? ['typeof', typeofNames] : ['type', typeNames]
  const join = (parts: readonly DataType[]): string => parts.map((part) => spell[part]).join(' . ')
  const target = value === undefined ? '' : ` : ${value === 'verdict' ? 'verdict' : join(value)}`
  const flags = interval === true ? ' flags interval;' : dynamicSize === undefined ? '' : ' flags dynamic,timeout;'
  const size = dynamicSize === undefined ? '' : ` size ${dynamicSize};`
  return `add ${value === undefined ? 'set' : 'map'} ip ${table} ${word(name)} { ${word1} ${join(key)}${target};${flags}${size} }`
}

const typeNames: Readonly<Record<DataType, string>> = {
  ipv4_addr: 'ipv4_addr',
  inet_proto: 'inet_proto',
  inet_service: 'inet_service',
  mark: 'mark',
  ifname: 'ifname',
  index: 'integer',
}
const typeofNames: Readonly<Record<DataType, string>> = {
  ipv4_addr: 'ip daddr',
  inet_proto: 'meta l4proto',
  inet_service: 'th dport',
  mark: 'ct mark',
  ifname: 'meta iifname',
  index: 'numgen random mod 65536',
}

function elements(verb: string, table: string, lookup: string, list: readonly FirewallElement[]): string[] {
  if (list.length === 0) return []
  const texts = list.map(({ key, value }) => statement(value === undefined ? key : `${key} : ${value}`))
  return [`${verb} element ip ${table} ${word(lookup)} { ${texts.join(', ')} }`]
}

function word(text: string): string {
  assert(/^[A-Za-z][\w-]*$/.test(text), `${JSON.stringify(text)} is no name of nftables`)
  return text
}

function statement(text: string): string {
  assert(!/[\n;#]/.test(text), `a rule or element is one statement, not ${JSON.stringify(text)}`)
  return text
}
