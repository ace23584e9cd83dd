import { fail, ok, type Result } from '../../api/result.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Bridge, LinkCounters, LinkError, Links, PodLink, Route } from '../../ports/links.ts'

export type LinkOperation = keyof Links

/** What may go wrong, to be changed while the links are in use. */
export type LinkFaults = {
  /** Asked before each operation, with the name of the link, route or setting: an error makes it fail with that. */
  fail?: (operation: LinkOperation, name: string) => LinkError | undefined
  /** Operations take this many times as long; absent: 1. */
  slowness?: number
}

export type SimLinksParts = Readonly<{
  clock: Clock
  faults?: LinkFaults
  /** Absent: every namespace exists. */
  namespaceExists?: (netnsPath: string) => boolean
}>

export interface SimLinks extends Links {
  /** Names of the host's links, sorted. */
  names(): readonly string[]
  /** What stands inside a namespace. */
  insideOf(netnsPath: string): PodLink | undefined
  /** The namespace has ended: its links, and their ends on the host, go with it. */
  endNamespace(netnsPath: string): void
  /** The machine crashes: links, routes and settings are as after a start. */
  crash(): void
}

type Link = Readonly<{ type: 'bridge'; bridge: Bridge }> | Readonly<{ type: 'veth'; pod: PodLink }>

/** Medians of ip(8), see the ports' users: a link 5 ms, a pod's pair 16 ms. */
const operationMs = 5
const attachMs = 16

const kernelSettings: readonly (readonly [string, string])[] = [
  ['net.ipv4.ip_forward', '0'],
  ['net.bridge.bridge-nf-call-iptables', '1'],
]

/** Nothing that is simulated goes through a link. */
const silent: LinkCounters = {
  receivedBytes: 0,
  receivedPackets: 0,
  receiveErrors: 0,
  receiveDrops: 0,
  sentBytes: 0,
  sentPackets: 0,
  sendErrors: 0,
  sendDrops: 0,
}

type Kernel = Readonly<{ links: Map<string, Link>; routes: Map<string, Route>; settings: Map<string, string> }>

/** The kernel's table of links: it outlives the process that fills it. */
export function simLinks({ clock, faults = {}, namespaceExists = () => true }: SimLinksParts): SimLinks {
  const kernel: Kernel = { links: new Map(), routes: new Map(), settings: new Map(kernelSettings) }
  const perform = async <T>(
    operation: LinkOperation,
    name: string,
    run: () => Result<T, LinkError>,
    takesMs = operationMs,
  ): Promise<Result<T, LinkError>> => {
    await clock.sleep(takesMs * (faults.slowness ?? 1))
    const error = faults.fail?.(operation, name)
    return error === undefined ? run() : fail(error)
  }
  return {
    ensureBridge: (bridge) => perform('ensureBridge', bridge.name, () => ensureBridge(kernel, bridge)),
    attachPod: (pod) => perform('attachPod', pod.hostName, () => attachPod(kernel, pod, namespaceExists), attachMs),
    removeLink: (name) => perform('removeLink', name, () => ok(removeLink(kernel, name))),
    bridgePorts: (bridge) => perform('bridgePorts', bridge, () => bridgePorts(kernel, bridge)),
    counters: () => perform('counters', '', () => ok(new Map([...kernel.links.keys()].map((name) => [name, silent])))),
    ensureRoute: (route) => perform('ensureRoute', route.destination, () => ensureRoute(kernel, route)),
    removeRoute: ({ destination, device }) =>
      perform('removeRoute', destination, () => {
        if (kernel.routes.get(destination)?.device === device) kernel.routes.delete(destination)
        return ok(undefined)
      }),
    readSysctl: (name) =>
      perform('readSysctl', name, () => {
        const value = kernel.settings.get(name)
        return value === undefined ? missing(name) : ok(value)
      }),
    writeSysctl: (name, value) => perform('writeSysctl', name, () => writeSysctl(kernel, name, value)),
    names: () => [...kernel.links.keys()].sort(),
    insideOf: (netnsPath) => vethInside(kernel.links, netnsPath),
    endNamespace(netnsPath) {
      const pod = vethInside(kernel.links, netnsPath)
      if (pod !== undefined) removeLink(kernel, pod.hostName)
    },
    crash() {
      kernel.links.clear()
      kernel.routes.clear()
      for (const [name, value] of kernelSettings) kernel.settings.set(name, value)
    },
  }
}

function removeLink({ links, routes, settings }: Kernel, name: string): void {
  const link = links.get(name)
  links.delete(name)
  for (const [destination, { device }] of routes) if (device === name) routes.delete(destination)
  if (link?.type === 'bridge') settings.delete(localnetOf(name))
}

function ensureBridge({ links, settings }: Kernel, bridge: Bridge): Result<void, LinkError> {
  if (links.get(bridge.name)?.type === 'veth') return fail({ code: 'Exists', message: `${bridge.name} is no bridge` })
  links.set(bridge.name, { type: 'bridge', bridge })
  if (!settings.has(localnetOf(bridge.name))) settings.set(localnetOf(bridge.name), '0')
  return ok(undefined)
}

function attachPod(
  { links }: Kernel,
  pod: PodLink,
  namespaceExists: (path: string) => boolean,
): Result<void, LinkError> {
  if (links.get(pod.bridge)?.type !== 'bridge') return missing(`bridge ${pod.bridge}`)
  if (!namespaceExists(pod.netnsPath)) return missing(`namespace ${pod.netnsPath}`)
  const taken = vethInside(links, pod.netnsPath)
  if (taken !== undefined && taken.hostName !== pod.hostName) {
    return fail({ code: 'Exists', message: `${pod.netnsPath} has an ${pod.podName} already` })
  }
  links.set(pod.hostName, { type: 'veth', pod })
  return ok(undefined)
}

function ensureRoute({ links, routes }: Kernel, route: Route): Result<void, LinkError> {
  if (!links.has(route.device)) return missing(`device ${route.device}`)
  const existing = routes.get(route.destination)
  if (existing !== undefined && existing.device !== route.device) {
    return fail({ code: 'Exists', message: `${route.destination} is routed to ${existing.device} already` })
  }
  routes.set(route.destination, route)
  return ok(undefined)
}

function bridgePorts({ links }: Kernel, bridge: string): Result<readonly string[], LinkError> {
  if (links.get(bridge)?.type !== 'bridge') return missing(`bridge ${bridge}`)
  const isPort = (link: Link): boolean => link.type === 'veth' && link.pod.bridge === bridge
  return ok([...links].flatMap(([name, link]) => (isPort(link) ? [name] : [])).sort())
}

function writeSysctl({ settings }: Kernel, name: string, value: string): Result<void, LinkError> {
  if (!settings.has(name)) return missing(name)
  settings.set(name, value)
  return ok(undefined)
}

function vethInside(links: ReadonlyMap<string, Link>, netnsPath: string): PodLink | undefined {
  for (const link of links.values()) if (link.type === 'veth' && link.pod.netnsPath === netnsPath) return link.pod
  return undefined
}

function localnetOf(bridge: string): string {
  return `net.ipv4.conf.${bridge}.route_localnet`
}

function missing(what: string): Readonly<{ ok: false; error: LinkError }> {
  return fail({ code: 'NotFound', message: `there is no ${what}` })
}
