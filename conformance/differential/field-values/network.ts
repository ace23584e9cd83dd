import type { KindValues } from './field-values.ts'
import { longName, names, selector, selectors } from './shared.ts'

const ports = [
  [{ port: 80 }],
  [{ port: 'http', protocol: 'UDP' }],
  [{ port: 80, endPort: 90 }],
  [{ port: 80, endPort: 70 }],
  [{ endPort: 70 }],
  [{ port: 'http', endPort: 90 }],
  [{ port: 0 }],
  [{ port: 'Wrong!' }],
  [{ protocol: 'ICMP' }],
]
const peers = [
  [{ podSelector: {} }],
  [{ namespaceSelector: selector, podSelector: selector }],
  [{}],
  [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }],
  [{ ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/16', '10.0.0.0/8', 'x'] } }],
  [{ ipBlock: { cidr: '10.0.0.1/8' } }],
  [{ ipBlock: { cidr: '' } }],
  [{ ipBlock: { cidr: '10.0.0.0/8' }, podSelector: {} }],
  [{ podSelector: { matchLabels: { 'bad key!': 'x' } } }],
]

export const networkValues: KindValues = {
  ingresses: {
    'spec.rules.0.host': ['b.test', '*.b.test', 'Upper.test', '10.0.0.1', 'a..b', '*', longName, ''],
    'spec.rules.0.http.paths.0.path': ['/a/b', 'a', '/a//b', '/a/../b', '/%2F', '', undefined],
    'spec.rules.0.http.paths.0.pathType': ['Exact', 'ImplementationSpecific', 'Other', undefined],
    'spec.rules.0.http.paths.0.backend': [
      {},
      { service: { name: 's', port: { name: 'http' } } },
      { service: { name: 's', port: { name: 'http', number: 80 } } },
      { service: { name: 's', port: { number: 70000 } } },
      { service: { name: 'Upper', port: { name: 'Bad!' } } },
      { service: { name: 's' } },
      { resource: { apiGroup: 'a.test', kind: 'K', name: 'n' } },
      { resource: { apiGroup: 'a/b', kind: '', name: 'a/b' } },
      { resource: { kind: 'K', name: 'n' }, service: { name: 's', port: { number: 80 } } },
    ],
    'spec.rules.0.http.paths': [[]],
    'spec.tls': [[{}], [{ hosts: ['a.test', '*.a.test', 'Bad!'], secretName: 's' }], [{ secretName: 'Bad!' }]],
    'spec.ingressClassName': ['c', 'Upper', 'a/b', ''],
    'spec.defaultBackend': [{}, { service: { name: 's', port: { number: 80 } } }, { service: { name: '', port: {} } }],
    spec: [{}],
  },
  ingressClasses: {
    'spec.controller': ['a.test/b', 'a.test', 'Bad!/b', 'a.test/b/c', `a.test/${'x'.repeat(260)}`, ''],
    'spec.parameters': [
      { kind: 'K', name: 'n' },
      { apiGroup: 'a.test', kind: 'K', name: 'n', scope: 'Namespace', namespace: 'n' },
      { kind: 'K', name: 'n', scope: 'Namespace' },
      { kind: 'K', name: 'n', scope: 'Cluster', namespace: 'n' },
      { kind: '', name: '', scope: 'Galaxy' },
      { apiGroup: 'Bad!', kind: 'a/b', name: 'a/b' },
    ],
    'metadata.annotations': [
      { 'ingressclass.kubernetes.io/is-default-class': 'true' },
      { 'ingressclass.kubernetes.io/is-default-class': 'yes' },
    ],
  },
  networkPolicies: {
    'spec.podSelector': selectors,
    'spec.policyTypes': [
      ['Ingress'],
      ['Egress', 'Ingress'],
      ['Other'],
      ['Ingress', 'Ingress'],
      ['Ingress', 'Egress', 'Egress'],
    ],
    'spec.ingress.0.ports': ports,
    'spec.ingress.0.from': peers,
    'spec.egress.0.ports': ports.slice(0, 4),
    'spec.egress.0.to': peers,
  },
  endpointSlices: {
    addressType: ['IPv6', 'FQDN', 'Other', '', undefined],
    'endpoints.0.addresses': [
      ['192.0.2.1', '192.0.2.2'],
      [],
      ['::1'],
      ['127.0.0.1'],
      ['x'],
      ['0.0.0.0'],
      ['169.254.1.1'],
    ],
    'endpoints.0.hostname': names,
    'endpoints.0.nodeName': ['n', 'Bad!', ''],
    'endpoints.0.zone': ['z', ''],
    'endpoints.0.deprecatedTopology': [{ a: 'b' }, { 'bad key!': 'x' }],
    'endpoints.0.hints': [
      { forZones: [{ name: 'z' }] },
      { forZones: [{ name: 'z' }, { name: 'z' }] },
      { forZones: [{}] },
    ],
    ports: [
      [],
      [
        { name: 'a', port: 80 },
        { name: 'a', port: 81 },
      ],
      [{ name: 'Upper', port: 70000, protocol: 'Other', appProtocol: 'bad proto!' }],
      [{ name: longName, port: 80 }],
    ],
  },
}
