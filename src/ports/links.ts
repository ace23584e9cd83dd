import type { Result } from '../api/result.ts'

export type LinkError = Readonly<{
  code: 'NotFound' | 'Exists' | 'PermissionDenied' | 'Unavailable' | 'TimedOut' | 'Other'
  message: string
}>

/** A software switch, and the host's own address on it. */
export type Bridge = Readonly<{
  /** At most 15 characters, as for every link. */
  name: string
  mac: string
  /** '10.244.0.1' */
  address: string
  prefixLength: number
  mtuBytes: number
}>

/** A veth pair: one end a port of the bridge, the other inside a pod's network namespace. */
export type PodLink = Readonly<{
  bridge: string
  hostName: string
  netnsPath: string
  /** Name inside the namespace: 'eth0'. */
  podName: string
  mac: string
  address: string
  prefixLength: number
  /** Reached over the link without being in the prefix; the default route goes through it. */
  gateway: string
  mtuBytes: number
  /** Lets the bridge send a frame back out of the port it came in by. */
  hairpin: boolean
}>

/** Since the link was made, from the point of view of the end that is named. */
export type LinkCounters = Readonly<{
  receivedBytes: number
  receivedPackets: number
  receiveErrors: number
  receiveDrops: number
  sentBytes: number
  sentPackets: number
  sendErrors: number
  sendDrops: number
}>

export type Route = Readonly<{
  /** '10.96.0.0/12' */
  destination: string
  device: string
  /** The address that the host's own packets on this route carry. */
  source?: string
  /** The next hop; absent: destinations are on the link itself. */
  gateway?: string
}>

/**
 * Links, routes and sysctls of the host's network namespace. Everything made here lasts as long as the kernel runs, not only as
 * long as this process.
 */
export interface Links {
  /** Makes the bridge, or gives an existing one this address, MTU and MAC. Exists: a link of another kind has the name. */
  ensureBridge(bridge: Bridge): Promise<Result<void, LinkError>>
  /** Replaces a link that has the host name. Also brings up the namespace's loopback. NotFound: no such bridge or namespace. */
  attachPod(link: PodLink): Promise<Result<void, LinkError>>
  /** Removes a link of any kind, and with it the other end of a veth pair; no error when there is none. */
  removeLink(name: string): Promise<Result<void, LinkError>>
  /** Names of the bridge's ports, sorted. NotFound: no such bridge. */
  bridgePorts(bridge: string): Promise<Result<readonly string[], LinkError>>
  /** What has gone through each link, by its name. */
  counters(): Promise<Result<ReadonlyMap<string, LinkCounters>, LinkError>>
  /** Replaces one over the same device. Exists: the destination is routed to another device. */
  ensureRoute(route: Route): Promise<Result<void, LinkError>>
  /** No error when there is none. */
  removeRoute(route: Route): Promise<Result<void, LinkError>>
  /** 'net.ipv4.ip_forward'; a dot within a name (eth0.1) is written as a slash. NotFound: this kernel has no such setting. */
  readSysctl(name: string): Promise<Result<string, LinkError>>
  writeSysctl(name: string, value: string): Promise<Result<void, LinkError>>
}
