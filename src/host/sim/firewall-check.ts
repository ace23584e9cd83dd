import { unreachable } from '../../api/assert.ts'
import type { DataType, FirewallChain, FirewallElement, FirewallError, FirewallLookup } from '../../ports/firewall.ts'

/** What nft would refuse, as far as our rulesets can get it wrong. */

/** Words of nft's grammar that cannot name anything, as far as they have tempted us. */
const reserved = new Set([
  'accept',
  'drop',
  'masquerade',
  'mark',
  'fwd',
  'reject',
  'dnat',
  'snat',
  'redirect',
  'jump',
  'goto',
])

export function checkName(name: string): FirewallError | undefined {
  if (/^[A-Za-z][\w-]*$/.test(name) && !reserved.has(name)) return undefined
  return invalid(`${JSON.stringify(name)} cannot be a name`)
}

/** Rules may name only chains and lookups of their table. */
export function checkChain(
  { rules }: FirewallChain,
  chains: ReadonlySet<string>,
  lookups: ReadonlySet<string>,
): FirewallError | undefined {
  for (const rule of rules) {
    if (/[\n;#]/.test(rule)) return invalid(`one statement a rule: ${rule}`)
    for (const [, lookup = ''] of rule.matchAll(/@([\w-]+)/g)) if (!lookups.has(lookup)) return missing(`@${lookup}`)
    for (const [, chain = ''] of rule.matchAll(/\b(?:jump|goto) ([\w-]+)/g))
      if (!chains.has(chain)) return missing(chain)
  }
  return undefined
}

export function checkElement(
  { name, key, value, interval = false }: FirewallLookup,
  element: FirewallElement,
  chains: ReadonlyMap<string, FirewallChain>,
  present: ReadonlyMap<string, FirewallElement>,
): FirewallError | undefined {
  if (!isOf(key, element.key, interval)) return invalid(`${element.key} is no key of ${name}`)
  if ((value === undefined) !== (element.value === undefined))
    return invalid(`${element.key}: ${name} takes ${value ? 'a' : 'no'} value`)
  if (element.value !== undefined && value !== undefined) {
    if (value !== 'verdict' && !isOf(value, element.value, false))
      return invalid(`${element.value} is no value of ${name}`)
    const wrong = value === 'verdict' ? checkVerdict(element.value, chains) : undefined
    if (wrong !== undefined) return wrong
  }
  const known = present.get(element.key)
  if (known !== undefined && known.value !== element.value)
    return { code: 'Exists', message: `${element.key} is in ${name} already` }
  return undefined
}

function checkVerdict(verdict: string, chains: ReadonlyMap<string, FirewallChain>): FirewallError | undefined {
  if (verdict === 'drop' || verdict === 'accept') return undefined
  const chain = /^(?:goto|jump) ([\w-]+)$/.exec(verdict)?.[1]
  if (chain === undefined) return invalid(`${verdict} is no verdict`)
  return chains.has(chain) ? undefined : missing(chain)
}

function isOf(types: readonly DataType[], text: string, interval: boolean): boolean {
  const parts = text.split(' . ')
  return parts.length === types.length && types.every((type, at) => isOne(type, parts[at] ?? '', interval))
}

function isOne(type: DataType, text: string, interval: boolean): boolean {
  switch (type) {
    case 'ipv4_addr': {
      const [address = '', length = '32'] = text.split('/')
      if (!interval && text.includes('/')) return false
      const octets = address.split('.')
      return (
        octets.length === 4 &&
        octets.every((octet) => /^\d{1,3}$/.test(octet) && Number(octet) < 256) &&
        Number(length) <= 32
      )
    }
    case 'inet_proto':
      return ['tcp', 'udp', 'sctp', 'icmp'].includes(text)
    case 'inet_service':
      return /^\d{1,5}$/.test(text) && Number(text) < 65_536
    case 'mark':
    case 'index':
      return /^\d{1,10}$/.test(text) && Number(text) < 2 ** 32
    case 'ifname':
      return /^[\w.-]{1,15}$/.test(text)
    default:
      return unreachable(type)
  }
}

function invalid(message: string): FirewallError {
  return { code: 'Invalid', message }
}

function missing(what: string): FirewallError {
  return { code: 'NotFound', message: `there is no ${what}` }
}
