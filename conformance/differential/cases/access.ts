import { after, type Case, del, get, patch, post, put, type Step, singles } from '../case.ts'
import { pod } from '../samples.ts'

const nobody = { user: 'nobody', groups: ['diff'] }
const rbac = '/apis/rbac.authorization.k8s.io/v1'
const inNamespace = `${rbac}/namespaces/{{ns}}`
const reader = { rules: [{ apiGroups: [''], resources: ['pods', 'configmaps'], verbs: ['get', 'list'] }] }
const user = (name: string) => ({ kind: 'User', name, apiGroup: 'rbac.authorization.k8s.io' })
const roleRef = (kind: string, name: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind, name })
const authorization = '/apis/authorization.k8s.io/v1'
const authentication = '/apis/authentication.k8s.io/v1'

/** Who may: 401, 403, RBAC, reviews. */
export function accessCases(): readonly Case[] {
  return [...refused(), ...strangers(), ...roles(), ...reviews()]
}

function refused(): readonly Case[] {
  const as = { as: nobody }
  return singles('forbidden', {
    'a read': get('/api/v1/namespaces/{{ns}}/configmaps/one', as),
    'a list': get('/api/v1/namespaces/{{ns}}/configmaps', as),
    'a list across': get('/api/v1/configmaps', as),
    'a watch': get('/api/v1/configmaps?watch=1', as),
    'a creation': post('/api/v1/namespaces/{{ns}}/configmaps', {}, as),
    'an update': put('/api/v1/namespaces/{{ns}}/configmaps/one', {}, as),
    'a patch': patch('merge', '/api/v1/namespaces/{{ns}}/configmaps/one', {}, as),
    'a deletion': del('/api/v1/namespaces/{{ns}}/configmaps/one', undefined, as),
    'a deletion of all': del('/api/v1/namespaces/{{ns}}/configmaps', undefined, as),
    'a cluster kind': get('/api/v1/nodes/one', as),
    'a namespace': get('/api/v1/namespaces/{{ns}}', as),
    'in a group': get('/apis/apps/v1/namespaces/{{ns}}/deployments', as),
    'a subresource': get('/api/v1/namespaces/{{ns}}/pods/one/log', as),
    'a scale': get('/apis/apps/v1/namespaces/{{ns}}/deployments/one/scale', as),
    'an eviction': post('/api/v1/namespaces/{{ns}}/pods/one/eviction', {}, as),
    'an unknown kind': get('/api/v1/namespaces/{{ns}}/nothings', as),
    'an unknown group': get('/apis/none.test/v1/things', as),
    'a path': get('/metrics', as),
    'a path that is none': get('/nothing', as),
    discovery: get('/api', as),
    'discovery when authenticated': get('/api', {
      as: { user: 'u', groups: ['system:authenticated'] },
      view: 'status',
    }),
    health: get('/healthz', as),
    'readiness of a check': get('/readyz/ping', as),
    openapi: get('/openapi/v2', as),
    'a review': post(`${authorization}/subjectaccessreviews`, {}, as),
    'one of its own': post(
      `${authorization}/selfsubjectaccessreviews`,
      { spec: { nonResourceAttributes: { path: '/', verb: 'get' } } },
      as,
    ),
    'a bad name': get('/api/v1/namespaces/{{ns}}/configmaps/%20x', as),
    'a service account': get('/api/v1/namespaces/{{ns}}/pods', {
      as: { user: 'system:serviceaccount:{{ns}}:default' },
    }),
    'a node': get('/api/v1/namespaces/{{ns}}/pods', { as: { user: 'system:node:n', groups: ['system:nodes'] } }),
  })
}

function strangers(): readonly Case[] {
  const bearer = (token: string): Step => get('/api/v1/namespaces', { as: '', headers: { authorization: token } })
  return singles('unknown', {
    nobody: get('/api/v1/namespaces', { as: '' }),
    'nobody in discovery': get('/api', { as: '' }),
    'nobody asks for health': get('/healthz', { as: '' }),
    'nobody asks for the version': get('/version', { as: '', view: 'keys' }),
    'nobody asks for nothing': get('/nothing', { as: '' }),
    'a bad token': bearer('Bearer abc'),
    'a token like a JWT': bearer('Bearer eyJhbGciOiJSUzI1NiJ9.e30.AAAA'),
    'an empty token': bearer('Bearer '),
    'another scheme': bearer('Basic YTpi'),
    'a token in a query': get('/api/v1/namespaces?access_token=abc', { as: '' }),
    'a bad token for health': get('/healthz', { as: '', headers: { authorization: 'Bearer abc' } }),
    'impersonation by nobody': get('/api/v1/namespaces', { as: '', headers: { 'impersonate-user': 'x' } }),
    'impersonated groups without a user': get('/api/v1/namespaces', { headers: { 'impersonate-group': 'x' } }),
    'an impersonated uid without a user': get('/api/v1/namespaces', { headers: { 'impersonate-uid': 'x' } }),
    'impersonated extras without a user': get('/api/v1/namespaces', { headers: { 'impersonate-extra-a': 'x' } }),
    'everything impersonated': post(
      `${authentication}/selfsubjectreviews`,
      {},
      {
        as: { user: 'u', groups: ['g'] },
        headers: { 'impersonate-uid': '5', 'impersonate-extra-scopes': 'a', 'impersonate-extra-b%2fc': 'd' },
      },
    ),
    'an impersonated service account': post(
      `${authentication}/selfsubjectreviews`,
      {},
      {
        as: { user: 'system:serviceaccount:{{ns}}:default' },
      },
    ),
    'the impersonated anonymous': post(
      `${authentication}/selfsubjectreviews`,
      {},
      { as: { user: 'system:anonymous' } },
    ),
    'the impersonated unauthenticated': post(
      `${authentication}/selfsubjectreviews`,
      {},
      {
        as: { user: 'u', groups: ['system:unauthenticated'] },
      },
    ),
  })
}

function roles(): readonly Case[] {
  const before = [
    post(`${inNamespace}/roles`, { metadata: { name: 'reader' }, ...reader }),
    post(`${inNamespace}/rolebindings`, {
      metadata: { name: 'readers' },
      roleRef: roleRef('Role', 'reader'),
      subjects: [user('diff-reader'), { kind: 'ServiceAccount', name: 'default', namespace: '{{ns}}' }],
    }),
  ]
  const as = { as: { user: 'diff-reader' } }
  return after('roles', before, {
    'allow what they name': [
      get('/api/v1/namespaces/{{ns}}/configmaps', as),
      get('/api/v1/namespaces/{{ns}}/pods', { as: { user: 'system:serviceaccount:{{ns}}:default' } }),
      get('/api/v1/namespaces/{{ns}}/secrets', as),
      post('/api/v1/namespaces/{{ns}}/configmaps', { metadata: { name: 'x' } }, as),
      get('/api/v1/configmaps', as),
      get('/api/v1/namespaces/{{ns}}/pods/x/log', as),
    ],
    'end with their binding': [
      del(`${inNamespace}/rolebindings/readers`),
      get('/api/v1/namespaces/{{ns}}/configmaps', as),
    ],
    'are not given beyond what one has': [
      post(`${inNamespace}/roles`, {
        metadata: { name: 'writer' },
        rules: [{ apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles', 'rolebindings'], verbs: ['*'] }],
      }),
      post(`${inNamespace}/rolebindings`, {
        metadata: { name: 'writers' },
        roleRef: roleRef('Role', 'writer'),
        subjects: [user('diff-reader')],
      }),
      get(`${inNamespace}/roles`, { ...as, until: /^200/, view: 'status' }),
      post(
        `${inNamespace}/roles`,
        { metadata: { name: 'more' }, rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'delete'] }] },
        as,
      ),
      post(`${inNamespace}/roles`, { metadata: { name: 'same' }, ...reader }, as),
      post(
        `${inNamespace}/rolebindings`,
        { metadata: { name: 'up' }, roleRef: roleRef('ClusterRole', 'admin'), subjects: [user('diff-reader')] },
        { ...as, view: 'status' },
      ),
      post(
        `${inNamespace}/rolebindings`,
        { metadata: { name: 'no' }, roleRef: roleRef('Role', 'none'), subjects: [user('diff-reader')] },
        as,
      ),
      patch(
        'merge',
        `${inNamespace}/roles/reader`,
        { rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] },
        as,
      ),
    ],
    'may not be changed in a binding': [
      patch('merge', `${inNamespace}/rolebindings/readers`, { roleRef: { name: 'other' } }),
      patch('merge', `${inNamespace}/rolebindings/readers`, { subjects: [] }),
    ],
    'are refused when wrong': [
      post(`${inNamespace}/roles`, { metadata: { name: 'x' }, rules: [{}] }),
      post(`${inNamespace}/roles`, { metadata: { name: 'x' }, rules: [{ verbs: ['get'] }] }),
      post(`${inNamespace}/roles`, { metadata: { name: 'x' }, rules: [{ verbs: ['get'], nonResourceURLs: ['/x'] }] }),
      post(`${inNamespace}/roles`, {
        metadata: { name: 'x' },
        rules: [{ verbs: ['get'], resources: ['a'], apiGroups: [''], nonResourceURLs: ['/x'] }],
      }),
      post(`${rbac}/clusterroles`, {
        metadata: { name: '{{ns}}-x' },
        rules: [{ verbs: ['get'], nonResourceURLs: ['/x'], resources: ['a'], apiGroups: [''] }],
      }),
      post(`${rbac}/clusterroles`, { metadata: { name: '{{ns}}-x' }, aggregationRule: {} }),
      post(`${rbac}/clusterroles`, {
        metadata: { name: '{{ns}}-x' },
        aggregationRule: { clusterRoleSelectors: [{ matchLabels: { 'bad key!': 'x' } }] },
      }),
      post(`${inNamespace}/rolebindings`, { metadata: { name: 'x' } }),
      post(`${inNamespace}/rolebindings`, { metadata: { name: 'x' }, roleRef: { kind: 'Role' } }),
      post(`${inNamespace}/rolebindings`, {
        metadata: { name: 'x' },
        roleRef: { kind: 'Other', name: 'y', apiGroup: 'z' },
      }),
      post(`${inNamespace}/rolebindings`, { metadata: { name: 'x' }, roleRef: roleRef('Role', 'a/b'), subjects: [{}] }),
      post(`${inNamespace}/rolebindings`, {
        metadata: { name: 'x' },
        roleRef: roleRef('Role', 'a'),
        subjects: [{ kind: 'Thing', name: 'x' }],
      }),
      post(`${inNamespace}/rolebindings`, {
        metadata: { name: 'x' },
        roleRef: roleRef('Role', 'a'),
        subjects: [{ kind: 'ServiceAccount', name: 'A', apiGroup: 'x' }],
      }),
      post(`${inNamespace}/rolebindings`, {
        metadata: { name: 'x' },
        roleRef: roleRef('Role', 'a'),
        subjects: [{ kind: 'User', apiGroup: 'x' }],
      }),
      post(`${inNamespace}/rolebindings`, {
        metadata: { name: 'y' },
        roleRef: { kind: 'Role', name: 'a' },
        subjects: [{ kind: 'Group', name: 'x' }],
      }),
      post(`${rbac}/clusterrolebindings`, {
        metadata: { name: '{{ns}}-x' },
        roleRef: roleRef('Role', 'a'),
        subjects: [{ kind: 'ServiceAccount', name: 'x' }],
      }),
    ],
  })
}

function reviews(): readonly Case[] {
  const sar = `${authorization}/subjectaccessreviews`
  const self = `${authorization}/selfsubjectaccessreviews`
  const pods = { namespace: '{{ns}}', verb: 'get', resource: 'pods' }
  return singles('review', {
    'of one who may not': post(sar, { spec: { user: 'nobody', resourceAttributes: pods } }),
    'of an administrator': post(sar, { spec: { user: 'a', groups: ['system:masters'], resourceAttributes: pods } }),
    'of a path': post(sar, {
      spec: { user: 'a', groups: ['system:authenticated'], nonResourceAttributes: { path: '/api', verb: 'get' } },
    }),
    'of nobody': post(sar, { spec: { resourceAttributes: pods } }),
    'of nothing': post(sar, { spec: { user: 'a' } }),
    'of both': post(sar, {
      spec: { user: 'a', resourceAttributes: pods, nonResourceAttributes: { path: '/', verb: 'get' } },
    }),
    'without a spec': post(sar, {}),
    'with a name': post(sar, { metadata: { name: 'x' }, spec: { user: 'a', resourceAttributes: pods } }),
    'with a field selector': post(sar, {
      spec: { user: 'a', resourceAttributes: { ...pods, verb: 'list', fieldSelector: { rawSelector: 'a=b' } } },
    }),
    'with a bad field selector': post(sar, {
      spec: {
        user: 'a',
        resourceAttributes: {
          ...pods,
          verb: 'list',
          fieldSelector: { rawSelector: 'a', requirements: [{ key: 'x', operator: 'In' }] },
        },
      },
    }),
    'with field requirements': post(sar, {
      spec: {
        user: 'a',
        resourceAttributes: {
          ...pods,
          verb: 'list',
          fieldSelector: {
            requirements: [
              { key: '', operator: 'In', values: ['a'] },
              { key: 'x', operator: 'In' },
              { key: 'x', operator: 'Exists', values: ['a'] },
            ],
          },
        },
      },
    }),
    'with field requirements not understood': post(sar, {
      spec: {
        user: 'a',
        resourceAttributes: {
          ...pods,
          verb: 'list',
          fieldSelector: {
            requirements: [
              { key: 'x', operator: 'Other', values: ['a'] },
              { key: 'x', operator: 'In', values: ['a'] },
            ],
          },
          labelSelector: { rawSelector: '!!' },
        },
      },
    }),
    'with label requirements': post(sar, {
      spec: {
        user: 'a',
        resourceAttributes: {
          ...pods,
          verb: 'list',
          labelSelector: {
            requirements: [
              { key: '', operator: 'In', values: ['a'] },
              { key: 'x!', operator: 'In' },
              { key: 'x', operator: 'DoesNotExist', values: ['a b'] },
            ],
          },
        },
      },
    }),
    'with empty selectors': post(sar, {
      spec: { user: 'a', resourceAttributes: { ...pods, fieldSelector: {}, labelSelector: {} } },
    }),
    'of a node': post(sar, {
      spec: { user: 'system:node:x', groups: ['system:nodes'], resourceAttributes: { ...pods, resource: 'secrets' } },
    }),
    'by dry run': post(`${sar}?dryRun=All`, { spec: { user: 'a', resourceAttributes: pods } }),
    'of another kind': post(sar, { kind: 'Other', apiVersion: 'authorization.k8s.io/v1' }),
    'by GET': get(sar),
    'of oneself': post(self, { spec: { resourceAttributes: pods } }),
    'of oneself for nothing': post(self, { spec: {} }),
    'of oneself as another': post(
      self,
      { spec: { resourceAttributes: pods } },
      { as: { user: 'u', groups: ['system:authenticated'] } },
    ),
    'of rules': post(
      `${authorization}/selfsubjectrulesreviews`,
      { spec: { namespace: '{{ns}}' } },
      { as: { user: 'u' } },
    ),
    'of rules nowhere': post(`${authorization}/selfsubjectrulesreviews`, { spec: {} }),
    'in a namespace': post(`${authorization}/namespaces/{{ns}}/localsubjectaccessreviews`, {
      metadata: { namespace: '{{ns}}' },
      spec: { user: 'a', resourceAttributes: pods },
    }),
    'in another namespace': post(`${authorization}/namespaces/{{ns}}/localsubjectaccessreviews`, {
      metadata: { namespace: '{{ns}}' },
      spec: { user: 'a', resourceAttributes: { ...pods, namespace: 'other' } },
    }),
    'in a namespace unsaid': post(`${authorization}/namespaces/{{ns}}/localsubjectaccessreviews`, {
      spec: { user: 'a', resourceAttributes: pods },
    }),
    'in a namespace of a path': post(`${authorization}/namespaces/{{ns}}/localsubjectaccessreviews`, {
      metadata: { namespace: '{{ns}}' },
      spec: { user: 'a', nonResourceAttributes: { path: '/', verb: 'get' } },
    }),
    'of a bad token': post(`${authentication}/tokenreviews`, { spec: { token: 'abc' } }),
    'of no token': post(`${authentication}/tokenreviews`, { spec: {} }),
    'of a token in a namespace': post(`${authentication}/tokenreviews`, {
      metadata: { namespace: '{{ns}}' },
      spec: { token: 'a' },
    }),
    'of who one is': post(`${authentication}/selfsubjectreviews`, {}, { as: { user: 'u', groups: ['g'] } }),
    'of who one is, as a table': post(
      `${authentication}/selfsubjectreviews`,
      {},
      {
        as: { user: 'u' },
        headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' },
      },
    ),
  }).concat(tokens())
}

function tokens(): readonly Case[] {
  const token = '/api/v1/namespaces/{{ns}}/serviceaccounts/default/token'
  const bound = (kind: string, name: string, more: object = {}) => ({
    spec: { boundObjectRef: { kind, apiVersion: 'v1', name, ...more } },
  })
  return after('token', [post('/api/v1/namespaces/{{ns}}/pods', pod('p'))], {
    'is issued and known': [
      post(token, { spec: { expirationSeconds: 600 } }),
      post(`${authentication}/tokenreviews`, { spec: { token: '{{1.status.token}}' } }),
      get('/api/v1/namespaces/{{ns}}/pods', { as: '', headers: { authorization: 'Bearer {{1.status.token}}' } }),
      get('/api', { as: '', view: 'status', headers: { authorization: 'Bearer {{1.status.token}}' } }),
    ],
    'is for an audience': [
      post(token, { spec: { audiences: ['other'] } }),
      post(`${authentication}/tokenreviews`, { spec: { token: '{{1.status.token}}', audiences: ['other', 'third'] } }),
      post(`${authentication}/tokenreviews`, { spec: { token: '{{1.status.token}}' } }),
      get('/api', { as: '', headers: { authorization: 'Bearer {{1.status.token}}' } }),
    ],
    'is bound to a pod': [
      post(token, bound('Pod', 'p')),
      post(token, bound('Pod', 'none')),
      post(token, bound('Pod', 'p', { uid: '11111111-1111-4111-8111-111111111111' })),
      post(token, bound('Other', 'p')),
      post(token, bound('Secret', 'none')),
      post(token, bound('Node', 'none')),
    ],
    'is refused': [
      post(token, { spec: { expirationSeconds: 5 } }),
      post(token, { spec: { expirationSeconds: 99999999999 } }),
      post('/api/v1/namespaces/{{ns}}/serviceaccounts/none/token', { spec: {} }),
      post(token, { metadata: { name: 'other' }, spec: {} }),
      post(token, { metadata: { namespace: 'other' }, spec: {} }),
      post(token, {}),
      get(token),
      post(`${token}?dryRun=All`, { spec: {} }),
    ],
  })
}
