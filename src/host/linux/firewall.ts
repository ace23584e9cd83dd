import { fail, ok, type Result } from '../../api/result.ts'
import type { Firewall, FirewallElement, FirewallError, StaleFlow } from '../../ports/firewall.ts'
import { applyScript, removeScript, updateScript } from './nft-script.ts'
import { runTool, type ToolOutcome } from './run-tool.ts'

/** netnsPath: the network namespace whose rules are meant; absent: this process's own. */
export type LinuxFirewallOptions = Readonly<{ netnsPath?: string }>

/** Drives nft(8), one process and one transaction a call, and conntrack(8) where it is installed. */
export function linuxFirewall({ netnsPath }: LinuxFirewallOptions = {}): Firewall {
  const nft = async (script: string) =>
    done(resultOf(await runTool(['nft', '-f', '-'], { stdin: `${script}\n`, netnsPath }), 'nft'))
  return {
    apply: (table) => nft(applyScript(table)),
    update: async (update) => {
      const script = updateScript(update)
      return script === '' ? ok(undefined) : nft(script)
    },
    remove: (table) => nft(removeScript(table)),
    elements: async (table, lookup) => {
      // nft lists a set and a map by the same word only in its text form: ask for the whole kind, filter here.
      const listed = resultOf(await runTool(['nft', '-j', 'list', 'map', 'ip', table, lookup], { netnsPath }), 'nft')
      const found =
        listed.ok || listed.error.code !== 'NotFound'
          ? listed
          : resultOf(await runTool(['nft', '-j', 'list', 'set', 'ip', table, lookup], { netnsPath }), 'nft')
      return found.ok ? ok(parseElements(found.value)) : found
    },
    forgetFlows: async (flows) => {
      for (const flow of flows) {
        const outcome = await runTool(['conntrack', ...conntrackArguments(flow)], { netnsPath })
        const result = resultOf(outcome, 'conntrack')
        // It ends with 1 when nothing matched, which is as good.
        if (!result.ok && !result.error.message.includes('0 flow entries')) return result
      }
      return ok(undefined)
    },
  }
}

function conntrackArguments({ protocol, destination, port, endpoint }: StaleFlow): readonly string[] {
  const to = destination === undefined ? [] : ['--orig-dst', destination]
  const translated = endpoint === undefined ? [] : ['--dst-nat', endpoint]
  return ['-D', '-p', protocol, ...to, '--orig-port-dst', String(port), ...translated]
}

type Json = Readonly<Record<string, unknown>>

function parseElements(json: string): readonly FirewallElement[] {
  const { nftables } = JSON.parse(json) as { nftables?: readonly Json[] }
  return (nftables ?? []).flatMap((item) => {
    const lookup = (item.map ?? item.set) as { elem?: readonly unknown[]; map?: unknown } | undefined
    return (lookup?.elem ?? []).map((element) => {
      if (lookup?.map === undefined) return { key: spell(element) }
      const [key, value] = element as readonly [unknown, unknown]
      return { key: spell(key), value: spell(value) }
    })
  })
}

/** nft's JSON for one key or value, in the notation elements are written in. */
function spell(part: unknown): string {
  if (typeof part !== 'object' || part === null) return String(part)
  const object = part as Json
  if (Array.isArray(object.concat)) return object.concat.map(spell).join(' . ')
  if (typeof object.elem === 'object') return spell((object.elem as Json).val)
  if (typeof object.prefix === 'object') {
    const { addr, len } = object.prefix as Json
    return `${String(addr)}/${String(len)}`
  }
  for (const verb of ['goto', 'jump']) {
    const target = object[verb] as Json | undefined
    if (target !== undefined) return `${verb} ${String(target.target)}`
  }
  return 'drop' in object ? 'drop' : 'accept' in object ? 'accept' : JSON.stringify(part)
}

function resultOf(outcome: ToolOutcome, program: string): Result<string, FirewallError> {
  if (outcome.type === 'missing') return fail({ code: 'Unavailable', message: `${program} is not installed` })
  if (outcome.type === 'timed-out') return fail({ code: 'TimedOut', message: `${program} did not end in time` })
  if (outcome.exitCode === 0) return ok(outcome.stdout)
  // nft repeats the offending line, which may be long.
  const message = outcome.stderr
    .split('\n')
    .map((line) => line.slice(0, 300))
    .slice(0, 12)
    .join('\n')
  return fail({ code: codeOf(message), message })
}

function codeOf(message: string): FirewallError['code'] {
  if (/failed to execute/.test(message)) return 'Unavailable'
  if (/not permitted/.test(message)) return 'PermissionDenied'
  if (/No such file or directory|does not exist/.test(message)) return 'NotFound'
  if (/File exists/.test(message)) return 'Exists'
  return /syntax error|Error:/.test(message) ? 'Invalid' : 'Other'
}

function done(result: Result<unknown, FirewallError>): Result<void, FirewallError> {
  return result.ok ? ok(undefined) : result
}
