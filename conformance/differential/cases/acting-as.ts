import { after, type Case, get, post, type Step } from '../case.ts'

const rbac = '/apis/rbac.authorization.k8s.io/v1'
const reviews = '/apis/authentication.k8s.io/v1/selfsubjectreviews'
const group = 'authentication.k8s.io'

type Rule = Readonly<{ apiGroups: readonly string[]; resources: readonly string[]; verbs: readonly string[] }>

/** A service account with these rules in the whole cluster, and a token for it. */
function begin(...rules: readonly Rule[]): readonly Step[] {
  return [
    post(`${rbac}/clusterroles`, { metadata: { name: '{{ns}}' }, rules }),
    post(`${rbac}/clusterrolebindings`, {
      metadata: { name: '{{ns}}' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: '{{ns}}' },
      subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: '{{ns}}' }],
    }),
    post('/api/v1/namespaces/{{ns}}/serviceaccounts/default/token', {}),
  ]
}

const end: readonly Step[] = ['clusterrolebindings', 'clusterroles'].map((plural) => ({
  method: 'DELETE',
  path: `${rbac}/${plural}/{{ns}}`,
  view: 'status' as const,
}))

function as(user: string, more: Readonly<Record<string, string>> = {}): Partial<Step> {
  const headers = { authorization: 'Bearer {{2.status.token}}', 'impersonate-user': user, ...more }
  return { as: '', headers }
}

function rows(rules: readonly Rule[], table: Readonly<Record<string, readonly Step[]>>): readonly Case[] {
  const whole = Object.entries(table).map(([name, steps]) => [name, [...steps, ...end]] as const)
  return after('acting as', begin(...rules), Object.fromEntries(whole))
}

const rule = (resources: readonly string[], verbs: readonly string[], apiGroups = [group]): Rule => ({
  apiGroups,
  resources,
  verbs,
})
const whoAmI = (on: string): Rule => rule(['selfsubjectreviews'], [`impersonate-on:${on}:create`])
const who = (user: string, more?: Readonly<Record<string, string>>): Step => post(reviews, {}, as(user, more))

/** Constrained impersonation, and the plain one beside it. */
export function actingAsCases(): readonly Case[] {
  return [
    ...rows([], {
      'nobody may': [
        who('ann'),
        who('system:node:n'),
        who('system:serviceaccount:{{ns}}:x'),
        who('system:serviceaccount:{{ns}}:x', { 'impersonate-group': 'g' }),
        who('ann', { 'impersonate-uid': '1' }),
        get('/healthz', as('ann')),
        get('/api/v1/pods', as('ann')),
      ],
    }),
    ...rows([whoAmI('user-info'), rule(['users'], ['impersonate:user-info'])], {
      'users, for one purpose': [
        who('ann'),
        get('/api/v1/pods', as('ann')),
        who('ann', { 'impersonate-group': 'g' }),
        who('ann', { 'impersonate-uid': '1' }),
        who('ann', { 'impersonate-extra-a.io%2fb': 'c' }),
        who('ann', { 'impersonate-extra-b': 'c' }),
        who('ann', { 'impersonate-group': 'system:masters' }),
        who('system:anonymous'),
        who('system:node:n'),
      ],
    }),
    ...rows([whoAmI('user-info'), rule(['users', 'groups', 'uids', 'userextras/a.io/b'], ['impersonate:user-info'])], {
      'users and their groups': [
        who('ann', { 'impersonate-group': 'g', 'impersonate-uid': '1' }),
        who('ann', { 'impersonate-group': 'system:masters' }),
        who('ann', { 'impersonate-group': 'system:unauthenticated' }),
        who('ann', { 'impersonate-extra-a.io%2fb': 'c' }),
        who('ann', { 'impersonate-extra-a.io%2fc': 'c' }),
      ],
    }),
    ...rows([whoAmI('serviceaccount'), rule(['serviceaccounts'], ['impersonate:serviceaccount'])], {
      'service accounts': [
        who('system:serviceaccount:{{ns}}:x'),
        who('system:serviceaccount:{{ns}}:X'),
        get('/api/v1/pods', as('system:serviceaccount:{{ns}}:x')),
      ],
    }),
    ...rows([whoAmI('arbitrary-node'), rule(['nodes'], ['impersonate:arbitrary-node'])], {
      nodes: [who('system:node:n'), who('system:node:N'), get('/api/v1/pods', as('system:node:n')), who('ann')],
    }),
    ...rows([rule(['users', 'groups'], ['impersonate'], [''])], {
      'users, for all purposes': [
        who('ann'),
        who('ann', { 'impersonate-group': 'system:masters' }),
        get('/api/v1/namespaces/{{ns}}/pods', as('ann')),
        who('ann', { 'impersonate-uid': '1' }),
        who('system:node:n'),
      ],
    }),
  ]
}
