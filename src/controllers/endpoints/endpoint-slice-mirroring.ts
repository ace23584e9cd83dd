import { equalJson } from '../../api/json-value.ts'
import type {
  DiscoveryV1EndpointPort,
  Endpoint,
  EndpointAddress,
  EndpointSlice,
  Endpoints,
  Service,
} from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { isIpv6, parseIp } from '../../api/validation/ip.ts'
import { type Action, create, event, remove, targetOf, update } from '../action.ts'
import { controllerRef } from '../owner.ts'
import { managedByLabel, serviceNameLabel } from './endpoint-slices.ts'

export type ObservedMirror = Readonly<{
  endpoints?: Stored<Endpoints>
  service?: Stored<Service>
  /** Those that this controller has made for Endpoints of that name. */
  slices: readonly Stored<EndpointSlice>[]
}>

export const mirrorManager = 'endpointslicemirroring-controller.k8s.io'
const skipLabel = 'endpointslice.kubernetes.io/skip-mirror'
const leaderAnnotation = 'control-plane.alpha.kubernetes.io/leader'
const unmirrored = [
  'endpoints.kubernetes.io/last-change-trigger-time',
  'kubectl.kubernetes.io/last-applied-configuration',
]
/** kube-controller-manager's --mirroring-max-endpoints-per-subset. */
const addressesPerSubset = 1000

type Ports = readonly DiscoveryV1EndpointPort[]
type Wanted = { addressType: 'IPv4' | 'IPv6'; ports: Ports; endpoints: Endpoint[] }

/** Keeps EndpointSlices equal to Endpoints that somebody has written by hand, for a Service that selects no pods. */
export function reconcileMirror({ endpoints, service, slices }: ObservedMirror): readonly Action[] {
  if (endpoints === undefined || service === undefined || !isMirrored(endpoints, service)) return slices.map(deletion)
  const { wanted, invalid, left } = wantedOf(endpoints)
  const unused = [...slices]
  const writes = wanted.flatMap((slice) => {
    const at = unused.findIndex(
      (known) => keyOf(known.addressType, known.ports ?? []) === keyOf(slice.addressType, slice.ports),
    )
    return write(endpoints, slice, at < 0 ? undefined : unused.splice(at, 1)[0])
  })
  return [...warnings(endpoints, invalid, left), ...writes, ...unused.map(deletion)]
}

function isMirrored({ metadata }: Stored<Endpoints>, { spec }: Stored<Service>): boolean {
  const isLease = metadata.annotations?.[leaderAnnotation] !== undefined
  const selects = Object.keys(spec.selector ?? {}).length > 0
  return metadata.labels?.[skipLabel] !== 'true' && !isLease && !selects
}

/** One slice for each family of addresses and set of ports. */
function wantedOf({ subsets = [] }: Stored<Endpoints>) {
  const slices = new Map<string, Wanted>()
  let invalid = 0
  let left = 0
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of subsets) {
    const all = [
      ...addresses.map((address) => ({ address, ready: true })),
      ...notReadyAddresses.map((address) => ({ address, ready: false })),
    ]
    const valid = all.filter(({ address }) => parseIp(address.ip) !== undefined)
    invalid += all.length - valid.length
    left += Math.max(0, valid.length - addressesPerSubset)
    for (const { address, ready } of valid.slice(0, addressesPerSubset)) {
      const addressType = isIpv6(address.ip) ? 'IPv6' : 'IPv4'
      const key = keyOf(addressType, ports)
      const slice = slices.get(key) ?? {
        addressType,
        ports: ports.map((port) => ({ name: '', ...port })),
        endpoints: [],
      }
      slice.endpoints.push(endpointOf(address, ready))
      slices.set(key, slice)
    }
  }
  return { wanted: [...slices.values()], invalid, left }
}

function endpointOf({ ip, targetRef, nodeName, hostname }: EndpointAddress, ready: boolean): Endpoint {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname ? { hostname } : {}),
    ...(targetRef === undefined ? {} : { targetRef }),
    ...(nodeName ? { nodeName } : {}),
  }
}

function keyOf(addressType: string, ports: Ports): string {
  const keys = ports.map(({ name = '', port, protocol = 'TCP', appProtocol }) =>
    JSON.stringify([name, port, protocol, appProtocol]),
  )
  return [addressType, ...keys.sort()].join()
}

function write(
  source: Stored<Endpoints>,
  { addressType, ports, endpoints }: Wanted,
  known: Stored<EndpointSlice> | undefined,
): readonly Action[] {
  const { name, namespace = '' } = source.metadata
  const labels = { ...source.metadata.labels, [serviceNameLabel]: name, [managedByLabel]: mirrorManager }
  const annotations = Object.fromEntries(
    Object.entries(source.metadata.annotations ?? {}).filter(([key]) => !unmirrored.includes(key)),
  )
  if (known === undefined) {
    const ownerReferences = [controllerRef(kinds.endpoints, source)]
    const metadata = { generateName: `${name}-`, namespace, labels, annotations, ownerReferences }
    return [create(kinds.endpointSlices, { metadata, addressType, endpoints, ports })]
  }
  const isSame =
    equalJson(known.endpoints ?? [], endpoints) &&
    equalJson(known.metadata.labels ?? {}, labels) &&
    equalJson(known.metadata.annotations ?? {}, annotations)
  if (isSame) return []
  return [update(kinds.endpointSlices, { ...known, metadata: { ...known.metadata, labels, annotations }, endpoints })]
}

function warnings(endpoints: Stored<Endpoints>, invalid: number, left: number): readonly Action[] {
  const warn = (reason: string, message: string) => event(endpoints, 'Warning', reason, message)
  return [
    ...(invalid === 0
      ? []
      : [warn('InvalidIPAddress', `Skipped ${invalid} invalid IP addresses when mirroring to EndpointSlices`)]),
    ...(left === 0
      ? []
      : [
          warn(
            'TooManyAddressesToMirror',
            `A max of ${addressesPerSubset} addresses can be mirrored to EndpointSlices per Endpoints subset. ${left} addresses were skipped`,
          ),
        ]),
  ]
}

function deletion(slice: Stored<EndpointSlice>): Action {
  return remove(targetOf(kinds.endpointSlices, slice))
}
