import { kinds } from '../../../src/api/kinds.ts'
import { after, type Case, del, get, patch, post, put, type Step } from '../case.ts'
import { collectionOf, pathOf, sample } from '../samples.ts'

/** Rules of single kinds besides pods: defaults, what is refused, what may change, subresources. */
export function kindCases(): readonly Case[] {
  return [...services(), ...workloads(), ...scales(), ...others()]
}

function services(): readonly Case[] {
  const all = collectionOf(kinds.services)
  const one = `${all}/one`
  const make = (spec: object): Step =>
    post(all, { metadata: { name: 'two' }, spec: { ports: [{ port: 80 }], ...spec } })
  return after('service', [post(all, sample(kinds.services, 'one'))], {
    headless: make({ clusterIP: 'None' }),
    'headless without ports': make({ clusterIP: 'None', ports: [] }),
    'a node port': make({ type: 'NodePort' }),
    'a load balancer': make({ type: 'LoadBalancer' }),
    'a local load balancer': make({ type: 'LoadBalancer', externalTrafficPolicy: 'Local' }),
    'an external name': make({ type: 'ExternalName', externalName: 'x.test', ports: [] }),
    'an external name missing': make({ type: 'ExternalName' }),
    'an external name wrong': make({ type: 'ExternalName', externalName: 'A_' }),
    'a type unknown': make({ type: 'Other' }),
    'ports without names': make({ ports: [{ port: 1 }, { port: 2 }] }),
    'ports of one name': make({
      ports: [
        { port: 1, name: 'a' },
        { port: 2, name: 'a' },
      ],
    }),
    'the same port twice': make({
      ports: [
        { port: 1, name: 'a' },
        { port: 1, name: 'b' },
      ],
    }),
    'ports wrong': make({
      ports: [
        { port: 0, name: 'A_' },
        { port: 70000, protocol: 'X', targetPort: 'BAD!' },
      ],
    }),
    'target ports': make({
      ports: [
        { port: 1, name: 'a', targetPort: 'http' },
        { port: 2, name: 'b', targetPort: 8080, protocol: 'UDP' },
      ],
    }),
    'no ports': make({ ports: [] }),
    'a node port out of range': make({ type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] }),
    'a node port for a cluster IP': make({ ports: [{ port: 80, nodePort: 30123 }] }),
    'an address of ours': make({ clusterIP: '10.96.7.77' }),
    'an address of others': make({ clusterIP: '10.1.0.1' }),
    'an address that is none': make({ clusterIP: 'x' }),
    'an address taken': make({ clusterIP: '10.96.0.1' }),
    affinity: make({ sessionAffinity: 'ClientIP' }),
    'affinity wrong': make({ sessionAffinity: 'Other' }),
    'affinity too long': make({
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 99999999 } },
    }),
    'external addresses': make({ externalIPs: ['192.0.2.1', 'x', '127.0.0.1'] }),
    'two families': make({ ipFamilyPolicy: 'RequireDualStack' }),
    'two families if there are': make({ ipFamilyPolicy: 'PreferDualStack' }),
    'the other family': make({ ipFamilies: ['IPv6'] }),
    'a traffic policy': make({ internalTrafficPolicy: 'Local' }),
    'a traffic policy wrong': make({ internalTrafficPolicy: 'Other', externalTrafficPolicy: 'Local' }),
    'a selector wrong': make({ selector: { 'bad key!': 'x' } }),
    'a name with a digit first': post(all, { metadata: { name: '1x' }, spec: { ports: [{ port: 80 }] } }),
    'changed to headless': patch('merge', one, { spec: { clusterIP: 'None' } }),
    'changed to a node port and back': [
      patch('merge', one, { spec: { type: 'NodePort' } }),
      patch('merge', one, { spec: { type: 'ClusterIP' } }),
    ],
    'changed to an external name': patch('merge', one, { spec: { type: 'ExternalName', externalName: 'x.test' } }),
    'replaced without its address': put(one, sample(kinds.services, 'one')),
    'its status': [
      patch('merge', `${one}/status`, { status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } }),
      get(one),
    ],
    'ports merged': [
      patch('strategic', one, { spec: { ports: [{ port: 81, name: 'b' }] } }),
      patch('strategic', one, {
        spec: {
          ports: [
            { port: 80, name: 'a' },
            { port: 81, name: 'b' },
          ],
        },
      }),
      patch('strategic', one, { spec: { ports: [{ $patch: 'delete', port: 81 }] } }),
    ],
    'as a table': get(all, { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } }),
  })
}

function workloads(): readonly Case[] {
  return [kinds.deployments, kinds.replicaSets].flatMap((kind) => {
    const all = collectionOf(kind)
    const one = pathOf(kind, 'one')
    const good = sample(kind, 'two')
    const spec = good.spec as Readonly<Record<string, unknown>>
    const make = (more: object): Step => post(all, { ...good, spec: { ...spec, ...more } })
    const template = (labels: object, more: object = {}) => ({
      metadata: { labels },
      spec: { containers: [{ name: 'c', image: 'i' }], ...more },
    })
    return after(kind.kind, [post(all, sample(kind, 'one'))], {
      'without a selector': make({ selector: undefined }),
      'with an empty selector': make({ selector: {} }),
      'with a selector that does not fit': make({ template: template({ app: 'other' }) }),
      'with a bad selector': make({
        selector: {
          matchLabels: { 'bad!': 'x' },
          matchExpressions: [
            { key: 'a', operator: 'In' },
            { key: 'b', operator: 'Other' },
            { key: 'c', operator: 'Exists', values: ['x'] },
          ],
        },
      }),
      'without a template': make({ template: undefined }),
      'with negative replicas': make({ replicas: -1 }),
      'with no replicas said': make({ replicas: undefined }),
      'with replicas of text': make({ replicas: 'two' }),
      'with a restart policy': make({ template: template({ app: 'x' }, { restartPolicy: 'Never' }) }),
      'with a deadline': make({ template: template({ app: 'x' }, { activeDeadlineSeconds: 5 }) }),
      'with a bad template': make({ template: template({ app: 'x' }, { containers: [{ name: 'C_' }] }) }),
      'with a wait': make({ minReadySeconds: -1 }),
      'with recreation': make({ strategy: { type: 'Recreate' } }),
      'with recreation and rolling': make({ strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } }),
      'with a strategy unknown': make({ strategy: { type: 'Other' } }),
      'with a surge of nothing': make({ strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } }),
      'with shares': make({ strategy: { rollingUpdate: { maxSurge: '50%', maxUnavailable: '200%' } } }),
      'with shares wrong': make({ strategy: { rollingUpdate: { maxSurge: 'x', maxUnavailable: -1 } } }),
      'with a progress deadline': make({ progressDeadlineSeconds: 5, minReadySeconds: 10 }),
      'with a history': make({ revisionHistoryLimit: -1 }),
      'with another selector later': patch('merge', one, { spec: { selector: { matchLabels: { app: 'y' } } } }),
      'with other replicas later': [
        patch('merge', one, { spec: { replicas: 5 } }),
        patch('merge', one, { spec: { replicas: 5 } }),
      ],
      'with an image later': patch('strategic', one, {
        spec: { template: { spec: { containers: [{ name: 'c', image: 'k' }] } } },
      }),
      'with a status': [
        patch('merge', `${one}/status`, { status: { replicas: 3, readyReplicas: 2, observedGeneration: 1 } }),
        get(one),
      ],
      'with a wrong status': [
        patch('merge', `${one}/status`, { status: { replicas: -1 } }),
        patch('merge', `${one}/status`, { status: { replicas: 1, readyReplicas: 2, availableReplicas: 3 } }),
      ],
      'with warnings': make({
        template: template(
          { app: 'x' },
          {
            containers: [
              {
                name: 'c',
                image: 'i',
                env: [
                  { name: 'A', value: '1' },
                  { name: 'A', value: '2' },
                ],
                ports: [{ containerPort: 80 }, { containerPort: 80 }],
              },
            ],
          },
        ),
      }),
      'with old annotations': make({
        template: {
          ...template({ app: 'x' }),
          metadata: { labels: { app: 'x' }, annotations: { 'seccomp.security.alpha.kubernetes.io/pod': 'x' } },
        },
      }),
    })
  })
}

function scales(): readonly Case[] {
  return [kinds.deployments, kinds.replicaSets].flatMap((kind) => {
    const one = pathOf(kind, 'one')
    const scale = (replicas: unknown, metadata: object = {}) => ({
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name: 'one', namespace: '{{ns}}', ...metadata },
      spec: { replicas },
    })
    return after(`${kind.kind} scale`, [post(collectionOf(kind), sample(kind, 'one'))], {
      'is read': [
        get(`${one}/scale`),
        get(`${pathOf(kind, 'none')}/scale`),
        get(`${one}/scale`, { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } }),
      ],
      'is replaced': [put(`${one}/scale`, scale(7)), get(one), put(`${one}/scale`, scale(7))],
      'is patched': [
        patch('merge', `${one}/scale`, { spec: { replicas: 4 } }),
        patch('json', `${one}/scale`, [{ op: 'replace', path: '/spec/replicas', value: 3 }]),
        patch('strategic', `${one}/scale`, { spec: { replicas: 2 } }),
        get(one),
      ],
      'is applied': [patch('apply', `${one}/scale?fieldManager=me&force=true`, scale(6)), get(one)],
      'is applied in turns': [
        patch('apply', `${one}/scale?fieldManager=me`, scale(6)),
        patch('apply', `${one}/scale?fieldManager=me&force=true`, scale(6)),
        patch('apply', `${one}/scale?fieldManager=other`, scale(5)),
        patch('apply', `${one}/scale?fieldManager=other`, scale(6)),
        get(one),
        patch('apply', `${one}/scale?fieldManager=other&force=true`, scale(5)),
        patch('apply', `${one}/scale?fieldManager=other`, { kind: 'Scale', metadata: { name: 'one' } }),
        get(one),
      ],
      'is refused': [
        put(`${one}/scale`, scale(-1)),
        put(`${one}/scale`, scale('x')),
        put(`${one}/scale`, scale(1, { name: 'other' })),
        put(`${one}/scale`, scale(1, { resourceVersion: '1' })),
        put(`${one}/scale`, scale(1, { uid: 'x' })),
        put(`${one}/scale`, { kind: 'Other' }),
        put(`${pathOf(kind, 'none')}/scale`, scale(1)),
        patch('merge', `${one}/scale`, { spec: { replicas: -1 } }),
        del(`${one}/scale`),
      ],
      'is tried': [put(`${one}/scale?dryRun=All`, scale(9)), get(`${one}/scale`)],
    })
  })
}

function others(): readonly Case[] {
  const configMaps = collectionOf(kinds.configMaps)
  const secrets = collectionOf(kinds.secrets)
  const slices = collectionOf(kinds.endpointSlices)
  const endpoints = collectionOf(kinds.endpoints)
  const leases = collectionOf(kinds.leases)
  const events = collectionOf(kinds.events)
  const secret = (more: object): Step => post(secrets, { metadata: { name: 's' }, ...more })
  const event = sample(kinds.events, 'e')
  return [
    ...after('configmap', [post(configMaps, { metadata: { name: 'one' }, data: { a: '1' }, immutable: true })], {
      unchangeable: [
        patch('merge', `${configMaps}/one`, { data: { a: '2' } }),
        patch('merge', `${configMaps}/one`, { immutable: false }),
        patch('merge', `${configMaps}/one`, { binaryData: { b: 'YQ==' } }),
        patch('merge', `${configMaps}/one`, { metadata: { labels: { a: 'b' } } }),
      ],
      keys: [
        post(configMaps, { metadata: { name: 'x' }, data: { 'bad key': 'x', '..': 'y', '': 'z' } }),
        post(configMaps, { metadata: { name: 'x' }, data: { a: 'x' }, binaryData: { a: 'YQ==' } }),
      ],
    }),
    ...after('secret', [], {
      'of text': secret({ stringData: { a: 'b' }, data: { a: 'eA==', c: 'eQ==' } }),
      'of a token without an account': secret({ type: 'kubernetes.io/service-account-token' }),
      'of a registry': secret({
        type: 'kubernetes.io/dockerconfigjson',
        stringData: { '.dockerconfigjson': 'no json' },
      }),
      'of a registry missing': secret({ type: 'kubernetes.io/dockerconfigjson' }),
      'of an old registry': secret({ type: 'kubernetes.io/dockercfg', stringData: { '.dockercfg': '{}' } }),
      'of a login': secret({ type: 'kubernetes.io/basic-auth' }),
      'of a key': secret({ type: 'kubernetes.io/ssh-auth' }),
      'of TLS': secret({ type: 'kubernetes.io/tls', stringData: { 'tls.crt': 'x' } }),
      'of bad base64': secret({ data: { a: '!' } }),
      'of bad keys': secret({ stringData: { 'a b': 'x' } }),
      'of another type later': [secret({ stringData: { a: 'b' } }), patch('merge', `${secrets}/s`, { type: 'other' })],
      fixed: [
        secret({ stringData: { a: 'b' }, immutable: true }),
        patch('merge', `${secrets}/s`, { stringData: { a: 'c' } }),
        patch('merge', `${secrets}/s`, { immutable: null }),
      ],
      'too large': secret({ stringData: { a: 'x'.repeat(1_100_000) } }),
      'selected by type': [
        secret({}),
        get(`${secrets}?fieldSelector=type=Opaque`),
        get(`${secrets}?fieldSelector=type=Other`),
      ],
    }),
    ...after('endpoint slice', [], {
      'of names': post(slices, {
        metadata: { name: 'x' },
        addressType: 'FQDN',
        endpoints: [{ addresses: ['a.test'] }],
      }),
      'of no type': post(slices, { metadata: { name: 'x' }, endpoints: [] }),
      'of wrong addresses': post(slices, {
        metadata: { name: 'x' },
        addressType: 'IPv4',
        endpoints: [{ addresses: ['x', '::1', '127.0.0.1'] }, { addresses: [] }],
        ports: [{ name: 'A_', port: 0 }, { name: 'A_' }],
      }),
      'of another type later': [
        post(slices, { metadata: { name: 'x' }, addressType: 'IPv4', endpoints: [] }),
        patch('merge', `${slices}/x`, { addressType: 'IPv6' }),
      ],
      'of conditions': post(slices, {
        metadata: { name: 'x' },
        addressType: 'IPv4',
        endpoints: [
          {
            addresses: ['10.0.0.1'],
            conditions: { ready: true },
            hostname: 'h',
            nodeName: 'n',
            zone: 'z',
            targetRef: { kind: 'Pod', name: 'p' },
          },
        ],
        ports: [{ port: 80 }, { name: 'b', port: 81, protocol: 'UDP', appProtocol: 'http' }],
      }),
    }),
    ...after('endpoints', [], {
      'of wrong things': post(endpoints, {
        metadata: { name: 'x' },
        subsets: [{}, { addresses: [{ ip: 'x', hostname: 'A_' }], ports: [{ port: 0 }, { port: 1, protocol: 'X' }] }],
      }),
      sorted: post(endpoints, {
        metadata: { name: 'x' },
        subsets: [
          {
            addresses: [{ ip: '10.0.0.2' }, { ip: '10.0.0.1' }],
            notReadyAddresses: [{ ip: '10.0.0.3' }],
            ports: [
              { port: 2, name: 'b' },
              { port: 1, name: 'a' },
            ],
          },
        ],
      }),
    }),
    ...after('lease', [], {
      'of nothing': post(leases, { metadata: { name: 'x' } }),
      'of wrong numbers': post(leases, {
        metadata: { name: 'x' },
        spec: { leaseDurationSeconds: 0, leaseTransitions: -1, holderIdentity: '' },
      }),
      'of fine times': post(leases, {
        metadata: { name: 'x' },
        spec: { renewTime: '2020-01-01T00:00:00.5Z', acquireTime: '2020-01-01T01:00:00.000001+01:00' },
      }),
      'of a wrong time': post(leases, { metadata: { name: 'x' }, spec: { renewTime: '2020-01-01' } }),
      'of a strategy': post(leases, { metadata: { name: 'x' }, spec: { strategy: 'Other', preferredHolder: 'x' } }),
    }),
    ...after('event', [], {
      'new': post(events, {
        metadata: { name: 'x' },
        involvedObject: { kind: 'Pod', name: 'p', namespace: '{{ns}}' },
        eventTime: '2020-01-01T00:00:00.000000Z',
        reportingComponent: 'a.test/x',
        reportingInstance: 'i',
        action: 'Did',
        reason: 'R',
        type: 'Normal',
      }),
      'new without its parts': post(events, {
        metadata: { name: 'x' },
        involvedObject: { namespace: '{{ns}}' },
        eventTime: '2020-01-01T00:00:00.000000Z',
        type: 'Other',
      }),
      'of another namespace': post(events, {
        ...event,
        involvedObject: { kind: 'Pod', name: 'p', namespace: 'other' },
      }),
      'of no namespace': post(events, { ...event, involvedObject: { kind: 'Node', name: 'n' } }),
      selected: [
        post(events, event),
        get(`${events}?fieldSelector=involvedObject.name=p`),
        get(`${events}?fieldSelector=reason=Tested,type=Normal`),
        get(`${events}?fieldSelector=source=differential`),
        get(`${events}?fieldSelector=reportingComponent=differential`),
        get(`${events}?fieldSelector=message=x`),
      ],
    }),
    ...after('namespace', [post('/api/v1/namespaces', { metadata: { name: '{{ns}}-x' } })], {
      'with a long name': post('/api/v1/namespaces', { metadata: { name: 'x'.repeat(64) } }),
      ending: [
        del('/api/v1/namespaces/{{ns}}-x'),
        get('/api/v1/namespaces/{{ns}}-x'),
        post('/api/v1/namespaces/{{ns}}-x/configmaps', { metadata: { name: 'x' } }),
        del('/api/v1/namespaces/{{ns}}-x'),
        put('/api/v1/namespaces/{{ns}}-x/finalize', { metadata: { name: '{{ns}}-x' }, spec: { finalizers: [] } }),
        get('/api/v1/namespaces/{{ns}}-x'),
      ],
      'with finalizers of its own': [
        patch('merge', '/api/v1/namespaces/{{ns}}-x', { spec: { finalizers: ['a.test/b'] } }),
        put('/api/v1/namespaces/{{ns}}-x/finalize', {
          metadata: { name: '{{ns}}-x' },
          spec: { finalizers: ['a.test/b', 'kubernetes'] },
        }),
        put('/api/v1/namespaces/{{ns}}-x/finalize', { metadata: { name: '{{ns}}-x' }, spec: { finalizers: ['bad'] } }),
      ],
      'its status': [
        patch('merge', '/api/v1/namespaces/{{ns}}-x/status', { status: { phase: 'Terminating' } }),
        patch('merge', '/api/v1/namespaces/{{ns}}-x/status', {
          status: { conditions: [{ type: 'X', status: 'True' }] },
        }),
      ],
      'without its label': patch('merge', '/api/v1/namespaces/{{ns}}-x', {
        metadata: { labels: { 'kubernetes.io/metadata.name': 'other' } },
      }),
      selected: get('/api/v1/namespaces?fieldSelector=metadata.name={{ns}}-x,status.phase=Active'),
    }),
    ...after('node', [post('/api/v1/nodes', { metadata: { name: '{{ns}}-n' } })], {
      tainted: [
        patch('strategic', '/api/v1/nodes/{{ns}}-n', { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } }),
        patch('strategic', '/api/v1/nodes/{{ns}}-n', {
          spec: {
            taints: [
              { key: 'a', effect: 'Other' },
              { key: 'bad key!', effect: 'NoSchedule' },
            ],
          },
        }),
        patch('merge', '/api/v1/nodes/{{ns}}-n', { spec: { unschedulable: true } }),
      ],
      'with a range': [
        patch('merge', '/api/v1/nodes/{{ns}}-n', { spec: { podCIDR: '10.0.0.0/24', podCIDRs: ['10.0.0.0/24'] } }),
        patch('merge', '/api/v1/nodes/{{ns}}-n', { spec: { podCIDR: '10.0.1.0/24', podCIDRs: ['10.0.1.0/24'] } }),
        patch('merge', '/api/v1/nodes/{{ns}}-n', { spec: { podCIDRs: ['x'] } }),
      ],
      'its status': [
        patch('strategic', '/api/v1/nodes/{{ns}}-n/status', {
          status: { capacity: { cpu: '4', memory: '8Gi' }, conditions: [{ type: 'Ready', status: 'True' }] },
        }),
        get('/api/v1/nodes/{{ns}}-n', { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } }),
        patch('merge', '/api/v1/nodes/{{ns}}-n/status', { status: { capacity: { cpu: '-1' } } }),
      ],
      'with a provider': [
        patch('merge', '/api/v1/nodes/{{ns}}-n', { spec: { providerID: 'a' } }),
        patch('merge', '/api/v1/nodes/{{ns}}-n', { spec: { providerID: 'b' } }),
      ],
    }),
  ]
}
