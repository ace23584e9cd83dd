import { assert } from '../api/assert.ts'
import { fail, ok, type Result } from '../api/result.ts'
import type { Disk } from '../ports/disk.ts'
import type { Firewall } from '../ports/firewall.ts'
import type { LinkCounters, LinkError, Links } from '../ports/links.ts'
import type { Log } from '../ports/log.ts'
import type { NetworkError, PodNetwork } from '../runtime/pod-network.ts'
import { addressAt, type Cidr, cidrSize, formatCidr, macOf, parseCidr } from './address.ts'
import { type Lease, openAddressPool } from './address-pool.ts'
import { podFirewall } from './pod-firewall.ts'

export type PodNetworkConfig = Readonly<{
  /** Names this cluster's node on this machine: [a-z0-9-], at most 40 characters. Part of every table's name. */
  name: string
  /** At most 15 characters; no other cluster on this machine may use it. */
  bridgeName: string
  /** This node's share of the pod network: '10.244.0.0/24'. Its first address is the bridge's. */
  podCidr: string
  /** Networks that are reached without hiding the pod's address: the whole pod network. */
  clusterCidrs: readonly string[]
  /** Routed to the bridge, so that the host's own packets to cluster IPs find a way before they are translated. */
  serviceCidr?: string
  /** Folder that holds who has which address. */
  stateDirectory: string
  mtuBytes?: number
}>

export type PodNetworkParts = Readonly<{
  links: Links
  firewall: Firewall
  disk: Disk
  log: Log
  config: PodNetworkConfig
}>

export type StartablePodNetwork = PodNetwork &
  Readonly<{
    bridgeIp: string
    /** Makes what is missing, keeps what is there, and drops what belongs to no known sandbox. Throws when the host refuses. */
    start(): Promise<void>
    /**
     * Takes away every link, rule and address. Stays: net.ipv4.ip_forward, which others may rely on by now. Everything else that was
     * set belongs to the bridge and goes with it.
     */
    teardown(): Promise<void>
    /** What each pod has received and sent, by its sandbox. */
    usage(): Promise<ReadonlyMap<string, LinkCounters>>
  }>

/** Most attachments and detachments under way at once: each is two or three processes. */
const maxAtOnce = 4

/**
 * One bridge, an address for each pod. Pods have a /32 address and route everything over the bridge's address, so that also traffic
 * between two pods of one node passes the host's IP layer, where services and policies work, whatever bridge-nf-call-iptables says.
 */
export async function makePodNetwork(parts: PodNetworkParts): Promise<StartablePodNetwork> {
  const { links, firewall, disk, log, config } = parts
  const cidr = parseCidr(config.podCidr)
  assert(cidr !== undefined && cidrSize(cidr) >= 4, `podCidr ${config.podCidr} is no network with room for a pod`)
  assert(/^[\w-]{1,15}$/.test(config.bridgeName), `${config.bridgeName} cannot name a link`)
  const bridgeIp = addressAt(cidr, 1)
  const table = tableName(config.name)
  const pool = await openAddressPool(disk, `${config.stateDirectory}/addresses`, cidr, [bridgeIp])
  const attached = new Set<string>()
  const oneAtATime = serializer()
  const limited = limiter(maxAtOnce)

  const start = async (): Promise<void> => {
    await prepareHost(parts, cidr, table)
    await reconcile()
  }
  const reconcile = async (): Promise<void> => {
    const ports = await links.bridgePorts(config.bridgeName)
    orThrow('list the bridge', ports)
    const present = new Set(ports.value)
    const plan = planReconcile(pool.leases(), present)
    for (const lease of plan.keep) attached.add(lease.sandboxId)
    for (const name of plan.orphans) orThrow(`remove ${name}`, await links.removeLink(name))
    for (const lease of plan.release) await pool.release(lease.sandboxId)
    log.info('pod network ready', { bridge: config.bridgeName, kept: plan.keep.length, orphans: plan.orphans.length })
  }
  const attach = async (sandboxId: string, netnsPath: string): ReturnType<PodNetwork['attach']> => {
    const lease = await pool.take(sandboxId, hostNameOf(config.name, sandboxId))
    if (lease === undefined) return fail({ code: 'NoAddress', message: `no free address in ${config.podCidr}` })
    if (attached.has(sandboxId)) return ok({ ips: [lease.address] })
    const made = await links.attachPod(podLink(config, bridgeIp, lease, netnsPath))
    if (!made.ok) {
      await pool.release(sandboxId)
      return fail(networkError(`attach ${sandboxId}`, made.error))
    }
    attached.add(sandboxId)
    return ok({ ips: [lease.address] })
  }
  const detach = async (sandboxId: string): ReturnType<PodNetwork['detach']> => {
    const lease = pool.leaseOf(sandboxId)
    if (lease === undefined) return ok(undefined)
    const removed = await links.removeLink(lease.hostName)
    if (!removed.ok) return fail(networkError(`detach ${sandboxId}`, removed.error))
    attached.delete(sandboxId)
    await pool.release(sandboxId)
    return ok(undefined)
  }
  const teardown = async (): Promise<void> => {
    for (const { sandboxId } of pool.leases()) await oneAtATime(sandboxId, () => detach(sandboxId))
    const ports = await links.bridgePorts(config.bridgeName)
    for (const port of ports.ok ? ports.value : []) await links.removeLink(port)
    orThrow('remove the bridge', await links.removeLink(config.bridgeName))
    orThrow('remove the pod rules', await firewall.remove(table))
    await disk.remove(config.stateDirectory)
  }
  return {
    bridgeIp,
    start,
    teardown,
    attach: (sandboxId, netnsPath) => oneAtATime(sandboxId, () => limited(() => attach(sandboxId, netnsPath))),
    detach: (sandboxId) => oneAtATime(sandboxId, () => limited(() => detach(sandboxId))),
    async usage() {
      const counters = await links.counters()
      if (!counters.ok) log.warn('the links do not tell what went through them', { message: counters.error.message })
      return usageOf(pool.leases(), counters.ok ? counters.value : new Map())
    },
  }
}

/** By sandbox. What the host's end has sent, the pod has received. */
function usageOf(
  leases: readonly Lease[],
  counters: ReadonlyMap<string, LinkCounters>,
): ReadonlyMap<string, LinkCounters> {
  return new Map(
    leases.flatMap(({ sandboxId, hostName }) => {
      const host = counters.get(hostName)
      return host === undefined ? [] : [[sandboxId, otherEnd(host)] as const]
    }),
  )
}

function otherEnd(host: LinkCounters): LinkCounters {
  return {
    receivedBytes: host.sentBytes,
    receivedPackets: host.sentPackets,
    receiveErrors: host.sendErrors,
    receiveDrops: host.sendDrops,
    sentBytes: host.receivedBytes,
    sentPackets: host.receivedPackets,
    sendErrors: host.receiveErrors,
    sendDrops: host.receiveDrops,
  }
}

/** Bridge, settings, rules and the route to services: all of it as it should be, whatever is there already. */
async function prepareHost({ links, firewall, config }: PodNetworkParts, cidr: Cidr, table: string): Promise<void> {
  const { bridgeName, serviceCidr, mtuBytes = 1500 } = config
  const address = addressAt(cidr, 1)
  const bridge = { name: bridgeName, mac: macOf(address), address, prefixLength: cidr.prefixLength, mtuBytes }
  orThrow('make the bridge', await links.ensureBridge(bridge))
  await setSysctls(links, bridgeName)
  const podCidr = formatCidr(cidr)
  const rules = podFirewall(table, { bridgeName, podCidr, clusterCidrs: config.clusterCidrs })
  orThrow('load the pod rules', await firewall.apply(rules))
  if (serviceCidr === undefined) return
  const route = { destination: serviceCidr, device: bridgeName, source: address }
  orThrow('route the service network', await links.ensureRoute(route))
}

/** Pure: what a start finds, against what was noted. */
export function planReconcile(
  leases: readonly Lease[],
  ports: ReadonlySet<string>,
): Readonly<{ keep: readonly Lease[]; release: readonly Lease[]; orphans: readonly string[] }> {
  const known = new Set(leases.map(({ hostName }) => hostName))
  return {
    keep: leases.filter(({ hostName }) => ports.has(hostName)),
    // The namespace has gone (a reboot), or the link was never made (killed in between): nobody uses the address.
    release: leases.filter(({ hostName }) => !ports.has(hostName)),
    orphans: [...ports].filter((name) => !known.has(name)),
  }
}

function podLink(config: PodNetworkConfig, gateway: string, { address, hostName }: Lease, netnsPath: string) {
  const { bridgeName, mtuBytes = 1500 } = config
  const inside = { podName: 'eth0', mac: macOf(address), address, prefixLength: 32, gateway }
  return { bridge: bridgeName, hostName, netnsPath, ...inside, mtuBytes, hairpin: true }
}

async function setSysctls(links: Links, bridge: string): Promise<void> {
  const forward = await links.readSysctl('net.ipv4.ip_forward')
  orThrow('read ip_forward', forward)
  if (forward.value !== '1') orThrow('set ip_forward', await links.writeSysctl('net.ipv4.ip_forward', '1'))
  // Of the bridge alone: node ports on 127.0.0.1 leave by it towards a pod.
  orThrow(
    'set route_localnet',
    await links.writeSysctl(`net.ipv4.conf.${bridge.replace(/\./g, '/')}.route_localnet`, '1'),
  )
}

/** 15 characters are all a link's name can have; 44 bits of hash tell sandboxes of all clusters on the machine apart. */
function hostNameOf(cluster: string, sandboxId: string): string {
  const text = `${cluster}/${sandboxId}`
  const hash = fnv1a(text).toString(16).padStart(8, '0') + fnv1a(`${text}#`).toString(16).padStart(8, '0')
  return `veth${hash.slice(0, 11)}`
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash
}

function tableName(name: string): string {
  assert(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/.test(name), `${JSON.stringify(name)} cannot name a cluster`)
  return `coracle-${name}-pods`
}

function networkError(what: string, error: LinkError): NetworkError {
  return { code: 'Failed', message: `${what}: ${error.message}` }
}

function orThrow<T>(
  what: string,
  result: Result<T, Readonly<{ code: string; message: string }>>,
): asserts result is Readonly<{ ok: true; value: T }> {
  if (!result.ok) throw new Error(`pod network: cannot ${what}: ${result.error.code}: ${result.error.message}`)
}

/** Runs what concerns one key in the order it was asked for. */
function serializer(): <T>(key: string, run: () => Promise<T>) => Promise<T> {
  const tails = new Map<string, Promise<unknown>>()
  return (key, run) => {
    const next = (tails.get(key) ?? Promise.resolve()).then(run, run)
    const settled = next
      .catch(() => {})
      .then(() => {
        if (tails.get(key) === settled) tails.delete(key)
      })
    tails.set(key, settled)
    return next
  }
}

function limiter(most: number): <T>(run: () => Promise<T>) => Promise<T> {
  let running = 0
  const waiting: (() => void)[] = []
  return async (run) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve))
    else running++
    try {
      return await run()
    } finally {
      const next = waiting.shift()
      // The place is handed over, not freed: a newcomer cannot take it in between.
      if (next === undefined) running--
      else next()
    }
  }
}
