import { after, type Case, del, get, patch, post, put, type Step } from '../case.ts'

const core = '/api/v1'
const inNamespace = `${core}/namespaces/{{ns}}`
const authentication = '/apis/authentication.k8s.io/v1'
const node = { as: { user: 'system:node:{{ns}}', groups: ['system:nodes'] } }
const other = { as: { user: 'system:node:{{ns}}-2', groups: ['system:nodes'] } }
const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'
const storage = '/apis/storage.k8s.io/v1'

/** The pod on the case's node that asks for one of each. */
const begin: readonly Step[] = [
  post(`${core}/nodes`, { metadata: { name: '{{ns}}' } }),
  post(`${inNamespace}/secrets`, { metadata: { name: 'one' } }),
  post(`${inNamespace}/secrets`, { metadata: { name: 'two' } }),
  post(`${inNamespace}/configmaps`, { metadata: { name: 'one' } }),
  post(`${inNamespace}/pods`, {
    metadata: { name: 'p' },
    spec: {
      nodeName: '{{ns}}',
      containers: [{ name: 'c', image: 'i', envFrom: [{ configMapRef: { name: 'one' } }] }],
      volumes: [{ name: 's', secret: { secretName: 'one' } }],
    },
  }),
]
/** What a node may do follows its pods a moment later. */
const known: Step = get(`${inNamespace}/secrets/one`, { ...node, until: /^200/, view: 'status' })
const end: readonly Step[] = [del(`${core}/nodes/{{ns}}`, undefined, { view: 'status' })]

function rows(table: Readonly<Record<string, readonly Step[]>>): readonly Case[] {
  return after(
    'node',
    [...begin, known],
    Object.fromEntries(Object.entries(table).map(([name, steps]) => [name, [...steps, ...end]])),
  )
}

/** What the node authorizer and NodeRestriction let a node do. */
export function nodeCases(): readonly Case[] {
  return [...reading(), ...writing(), ...podsOfNodes(), ...tokensOfNodes()]
}

function reading(): readonly Case[] {
  const both = (path: string): readonly Step[] => [get(path, node), get(path, other)]
  return rows({
    'reads what its pods need': [
      ...both(`${inNamespace}/secrets/one`),
      ...both(`${inNamespace}/secrets/two`),
      ...both(`${inNamespace}/configmaps/one`),
      ...both(`${inNamespace}/serviceaccounts/default`),
      get(`${inNamespace}/secrets?fieldSelector=metadata.name%3Done`, { ...node, view: 'status' }),
      get(`${inNamespace}/secrets`, node),
      get(`${core}/secrets`, node),
      get(`${inNamespace}/configmaps/one?watch=1`, { ...other }),
    ],
    'reads its own pods': [
      ...both(`${inNamespace}/pods/p`).map((step) => ({ ...step, view: 'status' as const })),
      get(`${core}/pods`, node),
      get(`${core}/pods?fieldSelector=spec.nodeName%3D{{ns}}`, { ...node, view: 'status' }),
      get(`${core}/pods?fieldSelector=spec.nodeName%3D{{ns}}`, other),
      get(`${core}/pods?fieldSelector=spec.nodeName%21%3D{{ns}}`, node),
      get(`${inNamespace}/pods/p/log`, node),
      get(`${inNamespace}/pods/p/status`, node),
    ],
    'reads its own node': [
      get(`${core}/nodes/{{ns}}`, { ...node, view: 'status' }),
      get(`${core}/nodes/{{ns}}`, other),
      get(`${core}/nodes`, node),
      get(`${core}/nodes?fieldSelector=metadata.name%3D{{ns}}`, { ...node, view: 'status' }),
      get(`${core}/nodes/{{ns}}/status`, node),
      del(`${core}/nodes/{{ns}}`, undefined, node),
    ],
    'reads services, and nothing of others': [
      get(`${core}/services`, { ...node, view: 'status' }),
      get(`${core}/endpoints`, node),
      get(`${core}/namespaces`, node),
      get('/apis/apps/v1/deployments', node),
      get('/apis/policy/v1/poddisruptionbudgets', node),
      get('/metrics', node),
    ],
    'without a name': [get(`${inNamespace}/pods`, { as: { user: 'system:node:', groups: ['system:nodes'] } })],
    'without its group': [get(`${inNamespace}/pods`, { as: { user: 'system:node:{{ns}}' } })],
  })
}

function writing(): readonly Case[] {
  const lease = (name: string, namespace = 'kube-node-lease') => ({ metadata: { name, namespace } })
  const nodePath = `${core}/nodes/{{ns}}`
  return rows({
    'changes its own node': [
      patch(
        'merge',
        nodePath,
        { metadata: { labels: { 'kubelet.kubernetes.io/x': 'y', mine: 'a' } } },
        { ...node, view: 'status' },
      ),
      patch('merge', nodePath, { metadata: { labels: { 'node-restriction.kubernetes.io/x': 'y' } } }, node),
      patch('merge', nodePath, { metadata: { labels: { 'foo.k8s.io/x': 'y', 'kubernetes.io/role': 'z' } } }, node),
      patch('merge', nodePath, { spec: { taints: [] } }, { ...node, view: 'status' }),
      patch('merge', nodePath, { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } }, node),
      patch('merge', nodePath, { metadata: { labels: { a: 'b' } } }, other),
      patch('merge', `${nodePath}/status`, { status: { phase: 'Running' } }, { ...node, view: 'status' }),
      patch('merge', `${nodePath}/status`, { status: { phase: 'Running' } }, other),
      post(`${core}/nodes`, { metadata: { name: '{{ns}}-2' } }, node),
      post(`${core}/nodes`, { metadata: { name: '{{ns}}-2', labels: { 'x.kubernetes.io/y': 'z' } } }, other),
    ],
    'has one lease': [
      post(leases, lease('{{ns}}'), { ...node, view: 'status' }),
      post(leases, lease('{{ns}}-2'), node),
      get(`${leases}/{{ns}}`, other),
      get(leases, node),
      post('/apis/coordination.k8s.io/v1/namespaces/{{ns}}/leases', { metadata: { name: '{{ns}}' } }, node),
      del(`${leases}/{{ns}}`, undefined, { ...node, view: 'status' }),
    ],
    'has one CSINode': [
      post(`${storage}/csinodes`, { metadata: { name: '{{ns}}-2' }, spec: { drivers: [] } }, node),
      get(`${storage}/csinodes/{{ns}}-2`, node),
      get(`${storage}/csinodes`, node),
      get(`${storage}/volumeattachments/x`, node),
      get(`${storage}/volumeattachments`, node),
    ],
    'changes nothing else': [
      post(`${inNamespace}/configmaps`, { metadata: { name: 'x' } }, node),
      put(`${inNamespace}/secrets/one`, {}, node),
      patch('merge', `${core}/persistentvolumes/x`, {}, node),
      patch('merge', `${inNamespace}/persistentvolumeclaims/x/status`, {}, node),
      get(`${inNamespace}/persistentvolumeclaims/x`, node),
      get(`${core}/persistentvolumes/x`, node),
      get('/apis/resource.k8s.io/v1/resourceslices', node),
    ],
  })
}

function podsOfNodes(): readonly Case[] {
  const mirror = (more: object = {}, meta: object = {}, spec: object = {}) => ({
    metadata: { name: 'm', annotations: { 'kubernetes.io/config.mirror': 'x' }, ...meta, ...more },
    spec: { nodeName: '{{ns}}', containers: [{ name: 'c', image: 'i' }], ...spec },
  })
  const owner = { apiVersion: 'v1', kind: 'Node', name: '{{ns}}', uid: '{{0.metadata.uid}}', controller: true }
  const owned = (more: object) => ({ ownerReferences: [{ ...owner, ...more }] })
  const tries: readonly (readonly [object, object])[] = [
    [{}, {}],
    [{ annotations: {} }, {}],
    [{ ownerReferences: [owner, { ...owner, name: 'x', controller: false }] }, {}],
    [owned({ kind: 'Pod' }), {}],
    [owned({ controller: false }), {}],
    [owned({ blockOwnerDeletion: true }), {}],
    [owned({ uid: 'other' }), {}],
    [owned({}), { nodeName: 'other' }],
    [owned({}), { serviceAccountName: 'default' }],
    [owned({}), { volumes: [{ name: 'v', secret: { secretName: 's' } }] }],
    [owned({}), { volumes: [{ name: 'v', configMap: { name: 's' } }] }],
    [owned({}), { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 's' } }] }],
    [owned({}), { volumes: [{ name: 'v', csi: { driver: 's' } }] }],
    [
      owned({}),
      {
        volumes: [
          { name: 'v', projected: { sources: [{ serviceAccountToken: { path: 'a', expirationSeconds: 600 } }] } },
        ],
      },
    ],
  ]
  const status = `${inNamespace}/pods/p/status`
  return rows({
    'makes mirror pods only': tries.map(([meta, spec]) => post(`${inNamespace}/pods`, mirror({}, meta, spec), node)),
    'makes a mirror pod': [post(`${inNamespace}/pods`, mirror({}, owned({})), { ...node, view: 'status' })],
    'tells how its pods are': [
      patch('merge', status, { status: { message: 'a' } }, { ...node, view: 'status' }),
      patch('merge', status, { status: { message: 'a' } }, other),
      patch('merge', status, { metadata: { labels: { a: 'b' } } }, node),
      patch('merge', `${inNamespace}/pods/p`, { metadata: { labels: { a: 'b' } } }, node),
      post(`${inNamespace}/pods/p/eviction`, { metadata: { name: 'p' } }, other),
      post(`${inNamespace}/pods/none/eviction`, { metadata: { name: 'none' } }, node),
      del(`${inNamespace}/pods/p`, undefined, other),
      del(`${inNamespace}/pods/p`, { gracePeriodSeconds: 0 }, { ...node, view: 'status' }),
      get(`${inNamespace}/secrets/one`, { ...node, until: /^403/ }),
    ],
  })
}

function tokensOfNodes(): readonly Case[] {
  const token = `${inNamespace}/serviceaccounts/default/token`
  const bound = (more: object, spec: object = {}) => ({
    spec: { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'p', uid: '{{4.metadata.uid}}', ...more }, ...spec },
  })
  return rows({
    'asks for tokens of its pods': [
      post(token, bound({}), { ...node, view: 'status' }),
      post(token, bound({}), other),
      post(token, {}, node),
      post(token, bound({ uid: '' }), node),
      post(token, bound({ uid: 'x' }), node),
      post(token, bound({ name: 'none' }), node),
      post(token, bound({ kind: 'Node', name: '{{ns}}' }), node),
      post(token, bound({}, { audiences: ['other'] }), node),
      post(token, bound({}, { audiences: ['other', 'another'] }), node),
      get(token, node),
      post(`${authentication}/tokenreviews`, { spec: { token: 'x' } }, { ...node, view: 'status' }),
      post('/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', { spec: { namespace: '{{ns}}' } }, node),
    ],
  })
}
