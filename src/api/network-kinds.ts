import { define } from './define-kind.ts'
import type * as k from './kinds.generated.ts'

const networking = 'networking.k8s.io/v1'

export const networkKinds = {
  ingresses: define<k.Ingress>(networking, 'Ingress', 'ingresses', 'Namespaced', {
    shortNames: ['ing'],
    status: true,
    generation: true,
  }),
  ingressClasses: define<k.IngressClass>(networking, 'IngressClass', 'ingressclasses', 'Cluster', { generation: true }),
  networkPolicies: define<k.NetworkPolicy>(networking, 'NetworkPolicy', 'networkpolicies', 'Namespaced', {
    shortNames: ['netpol'],
    generation: true,
  }),
  ipAddresses: define<k.IPAddress>(networking, 'IPAddress', 'ipaddresses', 'Cluster', { shortNames: ['ip'] }),
  serviceCidrs: define<k.ServiceCIDR>(networking, 'ServiceCIDR', 'servicecidrs', 'Cluster', { status: true }),
} as const
