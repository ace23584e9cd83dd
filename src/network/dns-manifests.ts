import { assert } from '../api/assert.ts'
import type { ClusterRole, ClusterRoleBinding, EndpointSlice, Service } from '../api/kinds.generated.ts'
import { addressAt, parseCidr } from './address.ts'

/** Kubernetes' convention: the tenth address of the service network. */
export function dnsServiceIp(serviceCidr: string): string {
  const cidr = parseCidr(serviceCidr)
  assert(cidr !== undefined, `${serviceCidr} is no network`)
  return addressAt(cidr, 10)
}

/**
 * The Service kube-dns and the endpoint slice that leads it to where startDns listens. Without a selector, so that no controller
 * touches the slice.
 */
export function dnsManifests(
  serviceIp: string,
  listenAddress: string,
  port = 53,
): Readonly<{ service: Service & Named; endpointSlice: EndpointSlice & Named }> {
  const labels = { 'k8s-app': 'kube-dns', 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' }
  return {
    service: {
      metadata: { name: 'kube-dns', namespace: 'kube-system', labels },
      spec: {
        type: 'ClusterIP',
        clusterIP: serviceIp,
        clusterIPs: [serviceIp],
        ipFamilies: ['IPv4'],
        ipFamilyPolicy: 'SingleStack',
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP', targetPort: port },
          { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: port },
        ],
      },
    },
    endpointSlice: {
      metadata: {
        name: 'kube-dns-coracle',
        namespace: 'kube-system',
        labels: {
          ...labels,
          'kubernetes.io/service-name': 'kube-dns',
          'endpointslice.kubernetes.io/managed-by': 'coracle',
        },
      },
      addressType: 'IPv4',
      ports: [
        { name: 'dns', port, protocol: 'UDP' },
        { name: 'dns-tcp', port, protocol: 'TCP' },
      ],
      endpoints: [{ addresses: [listenAddress], conditions: { ready: true } }],
    },
  }
}

type Named = Readonly<{ metadata: Readonly<{ name: string; namespace?: string }> }>

const dnsRole = 'system:coredns'

/** What cluster DNS may read, as kubeadm gives it to CoreDNS. */
export function dnsAccess(): Readonly<{ role: ClusterRole & Named; binding: ClusterRoleBinding & Named }> {
  const verbs = ['list', 'watch']
  return {
    role: {
      metadata: { name: dnsRole },
      rules: [
        { apiGroups: [''], resources: ['endpoints', 'services', 'pods', 'namespaces'], verbs },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs },
      ],
    },
    binding: {
      metadata: { name: dnsRole },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: dnsRole },
      subjects: [{ kind: 'ServiceAccount', name: 'coredns', namespace: 'kube-system' }],
    },
  }
}
