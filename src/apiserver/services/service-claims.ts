import { assert } from '../../api/assert.ts'
import { equalJson } from '../../api/json-value.ts'
import type { Service, ServicePort, ServiceSpec } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import { type ApiObject, objectKey } from '../../api/object.ts'
import type { FieldError, Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { Schema } from '../../api/schema.ts'
import { pathSegmentErrors } from '../../api/validation/names.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Random } from '../../ports/random.ts'
import type { Store } from '../../store/store.ts'
import type { Claim } from '../handle/writing.ts'
import { kindPrefix } from '../resource.ts'
import type { ApiServerConfig } from '../server.ts'
import { isLocalBalancer } from '../strategy/service.ts'
import { serviceAddress } from './address-object.ts'
import { addressNumber, addressText } from './address-range.ts'
import { type ClusterAddresses, clusterAddresses } from './cluster-addresses.ts'
import { withFamilies } from './ip-families.ts'
import { type Pool, pool } from './pool.ts'

export interface ServiceClaims {
  /** Fills in cluster address, node ports and IP families. What it holds is released by the store's events, or by undo. */
  claim(after: ApiObject, before: ApiObject | undefined, dryRun: boolean): Result<Claim, Refusal>
  /** Of a Service that is no more. */
  release(service: ApiObject): void
  /** Gives every stored Service the IPAddress that it lacks: stores of older versions have none. */
  repair(): void
}

type Held = Readonly<{ pool: Pool; value: number }>
type Taken = Readonly<{ value: number; isNew: boolean }>

/** Which addresses and ports are taken is rebuilt from the stored Services, and follows them. */
export function serviceClaims(parts: ClaimParts): ServiceClaims {
  const { store, random } = parts
  const addresses = clusterAddresses({
    store,
    random,
    addressObject: (address, service) => serviceAddress(parts, address, service),
  })
  const { nodePorts } = parts.config
  const portReserve = Math.min(Math.max(16, Math.floor((nodePorts.last - nodePorts.first + 1) / 32)), 128)
  const ports = pool(nodePorts.first, nodePorts.last, nodePorts.first + portReserve, random)
  const pools = { addresses, ports }
  followServices(store, ports)
  return {
    claim(after, before, dryRun) {
      const held: Held[] = []
      const undo = (): void => {
        for (const { pool: from, value } of held) from.release(value, objectKey(after))
      }
      const keep = (): void => {
        for (const { pool: from, value } of held) if (from === addresses) addresses.keep(value, after)
        const had = before === undefined ? undefined : addressOf(before)
        if (filled.ok && had !== undefined && addressNumber(filled.value.clusterIP ?? '') !== had)
          addresses.forget(had, objectKey(after))
      }
      const filling = { pools, held, owner: objectKey(after), dryRun }
      const filled = fill(filling, after as Service, before as Service | undefined)
      if (filled.ok) return ok({ object: { ...after, spec: filled.value } as ApiObject, undo, keep })
      undo()
      const { name = '' } = after.metadata
      return fail({ reason: 'Invalid', group: '', kind: 'Service', name, errors: filled.error })
    },
    release(service) {
      const address = addressOf(service)
      if (address !== undefined) addresses.forget(address, objectKey(service))
    },
    repair() {
      const services = store.range({ prefix: kindPrefix(kinds.services) })
      assert(services.ok, 'the newest state can always be read')
      for (const { object } of services.value.entries) {
        const address = addressOf(object)
        if (address !== undefined) addresses.keep(address, object)
      }
    },
  }
}

export type ClaimParts = Readonly<{
  store: Store
  random: Random
  schema: Schema
  clock: Clock
  config: Pick<ApiServerConfig, 'nodePorts'>
}>

type Pools = Readonly<{ addresses: ClusterAddresses; ports: Pool }>

/** Node ports are rebuilt from the stored Services; addresses have objects of their own. */
function followServices(store: Store, ports: Pool): void {
  const prefix = kindPrefix(kinds.services)
  const now = store.range({ prefix })
  assert(now.ok, 'the newest state can always be read')
  for (const { object } of now.value.entries) {
    for (const value of portsOf(object)) ports.take(value, objectKey(object))
  }
  store.watch(prefix, now.value.revision, (events) => {
    for (const { type, entry, previous } of events) {
      if (previous === undefined) continue
      const kept = type === 'delete' ? [] : portsOf(entry.object)
      for (const had of portsOf(previous.object)) {
        if (!kept.includes(had)) ports.release(had, objectKey(entry.object))
      }
    }
  })
}

function addressOf(service: ApiObject): number | undefined {
  return addressNumber((service as Service).spec?.clusterIP ?? '')
}

function portsOf(service: ApiObject): readonly number[] {
  const { spec } = service as Service
  const nodePorts = (spec?.ports ?? []).flatMap(({ nodePort }) => (nodePort === undefined ? [] : [nodePort]))
  return [...nodePorts, ...(spec?.healthCheckNodePort === undefined ? [] : [spec.healthCheckNodePort])]
}

type Filling = Readonly<{ pools: Pools; held: Held[]; owner: string; dryRun: boolean }>

function fill(
  filling: Filling,
  after: Service,
  before: Service | undefined,
): Result<ServiceSpec, readonly FieldError[]> {
  const spec = after.spec ?? {}
  if (spec.type === 'ExternalName') return ok(withoutAllocations(spec))
  const patched = before?.spec === undefined ? spec : followed(withKnownValues(spec, before.spec), before.spec)
  const placed = withFamilies(normalized(patched), before?.spec)
  if (!placed.ok) return placed
  const addressed = withAddress(filling, placed.value)
  return addressed.ok ? withNodePorts(filling, addressed.value) : addressed
}

/** A name elsewhere needs nothing of the cluster's. */
function withoutAllocations(spec: ServiceSpec): ServiceSpec {
  return spec
}

/** What a client left out of an update and the stored Service has: so that a manifest can be put again and again. */
function withKnownValues(spec: ServiceSpec, before: ServiceSpec): ServiceSpec {
  const both = needsAddress(spec) && needsAddress(before)
  const clusterIP = both && (spec.clusterIP ?? '') === '' ? before.clusterIP : spec.clusterIP
  const clusterIPs = both && (spec.clusterIPs ?? []).length === 0 ? before.clusterIPs : spec.clusterIPs
  const families = both ? (spec.ipFamilies ?? before.ipFamilies) : spec.ipFamilies
  const policy = spec.ipFamilyPolicy ?? before.ipFamilyPolicy
  return {
    ...spec,
    ...(clusterIP === undefined ? {} : { clusterIP }),
    ...(clusterIPs === undefined ? {} : { clusterIPs }),
    ...(families === undefined ? {} : { ipFamilies: families }),
    ...(policy === undefined ? {} : { ipFamilyPolicy: policy }),
    ...(spec.ports === undefined ? {} : { ports: withKnownPorts(spec, before) }),
    ...(isLocalBalancer(spec) && before.healthCheckNodePort !== undefined
      ? { healthCheckNodePort: spec.healthCheckNodePort || before.healthCheckNodePort }
      : {}),
  }
}

function withKnownPorts(spec: ServiceSpec, before: ServiceSpec): readonly ServicePort[] {
  const ports = spec.ports ?? []
  if (!needsNodePorts(spec) || !needsNodePorts(before)) return ports
  const stated = new Set(ports.map(({ nodePort }) => nodePort))
  const known = new Map((before.ports ?? []).map(({ name = '', nodePort }) => [name, nodePort]))
  return ports.map((port) => {
    const nodePort = known.get(port.name ?? '')
    const isFree = nodePort !== undefined && !stated.has(nodePort)
    return (port.nodePort ?? 0) === 0 && isFree ? { ...port, nodePort } : port
  })
}

function needsAddress({ type, clusterIP }: ServiceSpec): boolean {
  return type !== 'ExternalName' && clusterIP !== 'None'
}

function needsNodePorts({ type, allocateLoadBalancerNodePorts }: ServiceSpec): boolean {
  return type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts !== false)
}

/** Old clients change clusterIP alone. */
function followed(spec: ServiceSpec, before: ServiceSpec): ServiceSpec {
  const { clusterIP = '', clusterIPs = [] } = spec
  const isAlone = clusterIP !== before.clusterIP && clusterIPs.length > 0 && equalJson(clusterIPs, before.clusterIPs)
  return isAlone ? { ...spec, clusterIPs: clusterIP === '' ? [] : [clusterIP, ...clusterIPs.slice(1)] } : spec
}

/** clusterIP is the first of clusterIPs: either may be given. */
function normalized(spec: ServiceSpec): ServiceSpec {
  const { clusterIP = '', clusterIPs = [] } = spec
  if (clusterIP !== '' && clusterIPs.length === 0) return { ...spec, clusterIPs: [clusterIP] }
  const [first] = clusterIPs
  return clusterIP === '' && first !== undefined ? { ...spec, clusterIP: first } : spec
}

function withAddress(filling: Filling, spec: ServiceSpec): Result<ServiceSpec, readonly FieldError[]> {
  const { clusterIP = '' } = spec
  if (clusterIP === 'None') return ok({ ...spec, clusterIPs: ['None'] })
  const { addresses } = filling.pools
  if (clusterIP === '') return withDrawnAddress(filling, spec)
  const asked = addressNumber(clusterIP)
  // What is no IPv4 address is refused by validation.
  if (asked === undefined) return ok(spec)
  if (!addresses.contains(asked)) {
    const range = 'the provided network does not match the current range'
    return refused('spec.clusterIPs', [clusterIP], `failed to allocate IP ${clusterIP}: ${range}`)
  }
  const taken = takeFrom(addresses, asked, filling.owner)
  if (taken === undefined) {
    return refused(
      'spec.clusterIPs',
      [clusterIP],
      `failed to allocate IP ${clusterIP}: provided IP is already allocated`,
    )
  }
  if (taken.isNew) filling.held.push({ pool: addresses, value: asked })
  return ok(spec)
}

/** The IPAddress names its Service: what cannot stand in a path is refused here. */
function withDrawnAddress(filling: Filling, spec: ServiceSpec): Result<ServiceSpec, readonly FieldError[]> {
  const { addresses } = filling.pools
  const drawn = filling.dryRun ? addresses.network() : addresses.draw(filling.owner)
  if (drawn === undefined) return refused('spec.clusterIPs', [''], 'failed to allocate IP: range is full')
  const text = addressText(drawn)
  if (!filling.dryRun) filling.held.push({ pool: addresses, value: drawn })
  const name = filling.owner.slice(filling.owner.indexOf('/') + 1)
  const fault = filling.dryRun ? undefined : nameFault(name)
  if (fault === undefined) return ok({ ...spec, clusterIP: text, clusterIPs: [text] })
  const why = `IPAddress.networking.k8s.io ${JSON.stringify(text)} is invalid: spec.parentRef.name: ${fault}`
  return refused('spec.clusterIPs', [''], `failed to allocate IP: ${why}`)
}

function nameFault(name: string): string | undefined {
  if (name === '') return 'Required value'
  const [fault] = pathSegmentErrors(name)
  return fault === undefined ? undefined : `Invalid value: ${JSON.stringify(name)}: ${fault}`
}

function takeFrom(from: Pool, value: number, owner: string): Taken | undefined {
  const isNew = from.holder(value) === undefined
  return from.take(value, owner) ? { value, isNew } : undefined
}

function withNodePorts(filling: Filling, spec: ServiceSpec): Result<ServiceSpec, readonly FieldError[]> {
  const filled: ServicePort[] = []
  const own = new Map<number, string>()
  for (const [at, port] of (spec.ports ?? []).entries()) {
    const nodePort = portFor(filling, spec, port, at, own)
    if (!nodePort.ok) return nodePort
    if (nodePort.value !== undefined) own.set(nodePort.value, port.protocol ?? 'TCP')
    filled.push(nodePort.value === undefined ? port : { ...port, nodePort: nodePort.value })
  }
  const withPorts = spec.ports === undefined ? spec : { ...spec, ports: filled }
  if (!isLocalBalancer(withPorts) || (withPorts.healthCheckNodePort ?? 0) !== 0) return ok(withPorts)
  const drawn = filling.pools.ports.draw(filling.owner)
  if (drawn === undefined) return refused('spec.healthCheckNodePort', 0, 'failed to allocate a nodePort: range is full')
  filling.held.push({ pool: filling.pools.ports, value: drawn })
  return ok({ ...withPorts, healthCheckNodePort: drawn })
}

function portFor(
  { pools: { ports }, held, owner }: Filling,
  spec: ServiceSpec,
  port: ServicePort,
  at: number,
  own: ReadonlyMap<number, string>,
): Result<number | undefined, readonly FieldError[]> {
  const { nodePort = 0 } = port
  const field = `spec.ports[${at}].nodePort`
  if (nodePort === 0) {
    if (!needsNodePorts(spec)) return ok(undefined)
    // TCP and UDP of the same port share a node port.
    const shared = (spec.ports ?? []).findIndex(({ port: number }, index) => index < at && number === port.port)
    const candidate = [...own][shared]
    if (candidate !== undefined && candidate[1] !== (port.protocol ?? 'TCP')) return ok(candidate[0])
    const drawn = ports.draw(owner)
    if (drawn === undefined) return refused(field, 0, 'failed to allocate a nodePort: range is full')
    held.push({ pool: ports, value: drawn })
    return ok(drawn)
  }
  if (!ports.contains(nodePort)) {
    return refused(field, nodePort, 'provided port is not in the valid range. The range of valid ports is 30000-32767')
  }
  const taken = takeFrom(ports, nodePort, owner)
  if (taken === undefined) return refused(field, nodePort, 'provided port is already allocated')
  if (taken.isNew) held.push({ pool: ports, value: nodePort })
  return ok(nodePort)
}

function refused(field: string, value: unknown, why: string): Result<never, readonly FieldError[]> {
  return fail([{ reason: 'FieldValueInvalid', field, message: `Invalid value: ${JSON.stringify(value)}: ${why}` }])
}
