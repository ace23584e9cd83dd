import type { ApiObject } from '../../api/object.ts'
import type { ApiServerConfig } from '../server.ts'
import { addressRange, addressText } from '../services/address-range.ts'

const place = { name: 'kubernetes', namespace: 'default' }
const portName = 'https'
const protocol = 'TCP'

/** How pods find this server: a Service at the first address of the range, with endpoints that no controller keeps. */
export function kubernetesService(config: ApiServerConfig): readonly ApiObject[] {
  const { advertiseAddress, advertisePort, serviceCidr } = config
  const clusterIP = addressText(addressRange(serviceCidr).first)
  const port = { name: portName, protocol, port: advertisePort }
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { ...place, labels: { component: 'apiserver', provider: 'kubernetes' } },
      spec: { clusterIP, ports: [{ name: portName, protocol, port: 443, targetPort: advertisePort }] },
    },
    {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { ...place, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
      subsets: [{ addresses: [{ ip: advertiseAddress }], ports: [port] }],
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { ...place, labels: { 'kubernetes.io/service-name': 'kubernetes' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: [advertiseAddress], conditions: { ready: true } }],
      ports: [port],
    },
  ]
}
