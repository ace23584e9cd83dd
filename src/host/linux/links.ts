import { fail, ok, type Result } from '../../api/result.ts'
import type { Bridge, LinkCounters, LinkError, Links, PodLink, Route } from '../../ports/links.ts'
import { runTool, type ToolOutcome } from './run-tool.ts'

/** netnsPath: the network namespace that counts as the host's; absent: this process's own. */
export type LinuxLinksOptions = Readonly<{ netnsPath?: string }>

type Run = (command: readonly string[], stdin?: string, netnsPath?: string) => Promise<Result<string, LinkError>>

/** Drives ip(8): one process for a pod's host side, one for the side inside its namespace. */
export function linuxLinks({ netnsPath }: LinuxLinksOptions = {}): Links {
  const run: Run = async (command, stdin = '', inside = netnsPath) =>
    resultOf(await runTool(command, { stdin, netnsPath: inside }), command[0] ?? '')
  const batch = (lines: readonly string[], inside?: string) =>
    run(['ip', '-batch', '-'], `${lines.join('\n')}\n`, inside)
  const removeLink = async (name: string): Promise<Result<void, LinkError>> =>
    unlessMissing(await run(['ip', 'link', 'delete', 'dev', word(name)]))

  const attachPod = async (link: PodLink): Promise<Result<void, LinkError>> => {
    let host = await batch(hostSide(link))
    if (!host.ok && host.error.code === 'Exists') {
      await removeLink(link.hostName)
      host = await batch(hostSide(link))
    }
    const outcome = host.ok ? await batch(podSide(link), link.netnsPath) : host
    if (!outcome.ok) await removeLink(link.hostName)
    return done(outcome)
  }
  return {
    ensureBridge: (bridge) => ensureBridge(run, batch, bridge),
    attachPod,
    removeLink,
    bridgePorts: (bridge) => bridgePorts(run, bridge),
    counters: () => linkCounters(run),
    ensureRoute: (route) => ensureRoute(run, route),
    removeRoute: async ({ destination, device }) =>
      unlessMissing(await run(['ip', '-4', 'route', 'delete', word(destination), 'dev', word(device)])),
    // /proc/sys/net shows the namespace of whoever reads it.
    readSysctl: async (name) => {
      const text = await run(['cat', sysctlPath(name)])
      return text.ok ? ok(text.value.trim()) : text
    },
    writeSysctl: async (name, value) => done(await run(['dd', `of=${sysctlPath(name)}`, 'status=none'], value)),
  }
}

async function ensureBridge(
  run: Run,
  batch: (lines: readonly string[]) => Promise<Result<string, LinkError>>,
  { name, mac, address, prefixLength, mtuBytes }: Bridge,
): Promise<Result<void, LinkError>> {
  const found = await run(['ip', '-j', 'link', 'show', 'type', 'bridge'])
  if (!found.ok) return found
  const exists = namesIn(found.value).includes(name)
  const lines = [
    ...(exists ? [] : [`link add name ${word(name)} type bridge forward_delay 0 stp_state 0`]),
    `link set dev ${word(name)} address ${word(mac)} mtu ${mtuBytes} up`,
    `address replace ${word(address)}/${prefixLength} dev ${word(name)}`,
  ]
  return done(await batch(lines))
}

async function linkCounters(run: Run): Promise<Result<ReadonlyMap<string, LinkCounters>, LinkError>> {
  const found = await run(['ip', '-j', '-s', 'link', 'show'])
  if (!found.ok) return found
  return ok(
    new Map(
      parseList(found.value).flatMap(({ ifname, stats64 }) =>
        typeof ifname === 'string' ? [[ifname, countersOf(stats64)] as const] : [],
      ),
    ),
  )
}

function countersOf(stats: unknown): LinkCounters {
  const { rx = {}, tx = {} } = (stats ?? {}) as Readonly<Record<'rx' | 'tx', Readonly<Record<string, number>>>>
  return {
    receivedBytes: rx.bytes ?? 0,
    receivedPackets: rx.packets ?? 0,
    receiveErrors: rx.errors ?? 0,
    receiveDrops: rx.dropped ?? 0,
    sentBytes: tx.bytes ?? 0,
    sentPackets: tx.packets ?? 0,
    sendErrors: tx.errors ?? 0,
    sendDrops: tx.dropped ?? 0,
  }
}

async function bridgePorts(run: Run, bridge: string): Promise<Result<readonly string[], LinkError>> {
  const found = await run(['ip', '-j', 'link', 'show', 'master', word(bridge)])
  return found.ok ? ok([...namesIn(found.value)].sort()) : found
}

async function ensureRoute(
  run: Run,
  { destination, device, source, gateway }: Route,
): Promise<Result<void, LinkError>> {
  const from = source === undefined ? [] : ['src', word(source)]
  const via = gateway === undefined ? [] : ['via', word(gateway)]
  const route = [word(destination), ...via, 'dev', word(device), ...from]
  const added = await run(['ip', '-4', 'route', 'add', ...route])
  if (added.ok || added.error.code !== 'Exists') return done(added)
  const found = await run(['ip', '-4', '-j', 'route', 'show', 'exact', word(destination)])
  if (!found.ok) return found
  const others = parseList(found.value).map(({ dev }) => String(dev))
  if (others.includes(device)) return done(await run(['ip', '-4', 'route', 'replace', ...route]))
  return fail({ code: 'Exists', message: `${destination} is routed to ${others.join(', ')} already` })
}

function hostSide(link: PodLink): readonly string[] {
  const { hostName, podName, netnsPath, bridge, mac, mtuBytes, hairpin } = link
  const peer = `peer name ${word(podName)} mtu ${mtuBytes} address ${word(mac)} netns ${word(netnsPath)}`
  return [
    `link add name ${word(hostName)} mtu ${mtuBytes} type veth ${peer}`,
    `link set dev ${word(hostName)} master ${word(bridge)} up`,
    `link set dev ${word(hostName)} type bridge_slave hairpin ${hairpin ? 'on' : 'off'}`,
  ]
}

function podSide({ podName, address, prefixLength, gateway }: PodLink): readonly string[] {
  return [
    'link set dev lo up',
    `address add ${word(address)}/${prefixLength} dev ${word(podName)}`,
    `link set dev ${word(podName)} up`,
    `route replace ${word(gateway)}/32 dev ${word(podName)} scope link src ${word(address)}`,
    `route replace default via ${word(gateway)} dev ${word(podName)}`,
  ]
}

/** One argument of a batch line: whatever could end it, or start another, is a bug of the caller. */
function word(text: string): string {
  if (!/^[\w.:/@-]+$/.test(text))
    throw new Error(`assertion failed: ${JSON.stringify(text)} is no name, address or path`)
  return text
}

function sysctlPath(name: string): string {
  return `/proc/sys/${word(name).replace(/[./]/g, (c) => (c === '.' ? '/' : '.'))}`
}

function parseList(json: string): readonly Readonly<Record<string, unknown>>[] {
  const parsed: unknown = JSON.parse(json === '' ? '[]' : json)
  return Array.isArray(parsed) ? parsed.filter((item) => typeof item === 'object' && item !== null) : []
}

function namesIn(json: string): readonly string[] {
  // ip 6.1 prints an empty object for each link that its filter leaves out.
  return parseList(json).flatMap(({ ifname }) => (typeof ifname === 'string' ? [ifname] : []))
}

function resultOf(outcome: ToolOutcome, program: string): Result<string, LinkError> {
  if (outcome.type === 'missing') return fail({ code: 'Unavailable', message: `${program} is not installed` })
  if (outcome.type === 'timed-out') return fail({ code: 'TimedOut', message: `${program} did not end in time` })
  if (outcome.exitCode === 0) return ok(outcome.stdout)
  const message = outcome.stderr.trim().slice(0, 2000)
  return fail({ code: codeOf(message), message })
}

function codeOf(message: string): LinkError['code'] {
  if (/failed to execute/.test(message)) return 'Unavailable'
  if (/File exists|already assigned/.test(message)) return 'Exists'
  if (/not permitted|Permission denied/.test(message)) return 'PermissionDenied'
  if (/Cannot find device|does not exist|No such|Invalid "netns"/.test(message)) return 'NotFound'
  return 'Other'
}

function done(result: Result<unknown, LinkError>): Result<void, LinkError> {
  return result.ok ? ok(undefined) : result
}

function unlessMissing(result: Result<unknown, LinkError>): Result<void, LinkError> {
  return result.ok || result.error.code === 'NotFound' ? ok(undefined) : result
}
