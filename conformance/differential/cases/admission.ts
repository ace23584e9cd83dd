import { after, type Case, get, patch, post, put, type Step } from '../case.ts'
import { pod } from '../samples.ts'

const ns = '/api/v1/namespaces/{{ns}}'
const pods = `${ns}/pods`
const v1 = (kind: string, more: object, apiVersion = 'v1'): object => ({ apiVersion, kind, ...more })
const named = (kind: string, name: string, spec: object): object => v1(kind, { metadata: { name }, spec })
const asking = (requests: object, limits: object = {}): object => ({
  containers: [{ name: 'c', image: 'i', resources: { requests, limits } }],
})
const create = (spec: object, name = 'two'): Step => post(pods, pod(name, spec))
const claim = (storage: string, more: object = {}): Step =>
  post(
    `${ns}/persistentvolumeclaims`,
    named('PersistentVolumeClaim', 'c', {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage } },
      storageClassName: '',
      ...more,
    }),
  )

/** What the admission plugins add, refuse and warn of. */
export function admissionCases(): readonly Case[] {
  return [...limited(), ...quotas(), ...security(), ...priorities(), ...runtimes(), ...webhooks(), ...accounts()]
}

function limited(): readonly Case[] {
  const limits = [
    {
      type: 'Container',
      default: { cpu: '300m', memory: '200Mi' },
      defaultRequest: { cpu: '100m' },
      max: { cpu: '1' },
      min: { cpu: '50m' },
    },
    { type: 'Pod', max: { memory: '1Gi' }, maxLimitRequestRatio: { cpu: '4' } },
    { type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '2Gi' } },
  ]
  return after('limit range', [post(`${ns}/limitranges`, named('LimitRange', 'l', { limits }))], {
    itself: get(`${ns}/limitranges/l`),
    'pod that says nothing': create({}),
    'pod with init containers': create({ initContainers: [{ name: 'i', image: 'i' }] }),
    'pod that says all': create(asking({ cpu: '200m', memory: '10Mi' }, { cpu: '400m', memory: '20Mi' })),
    'pod that asks too little': create(asking({ cpu: '20m' }, { cpu: '60m' })),
    'pod that asks too much': create(asking({ cpu: '1' }, { cpu: '2' })),
    'pod of a wide ratio': create(asking({ cpu: '100m' }, { cpu: '900m' })),
    'pod of much memory': create(asking({ memory: '2Gi' }, { memory: '2Gi' })),
    'small claim': claim('1Mi'),
    'large claim': claim('3Gi'),
    'fitting claim': claim('1500Mi'),
  })
}

function quotas(): readonly Case[] {
  const hard = {
    pods: '2',
    'requests.cpu': '1',
    'count/configmaps': '1',
    'services.nodeports': '1',
    'requests.storage': '2Gi',
    'gold.storageclass.storage.k8s.io/persistentvolumeclaims': '0',
  }
  const used = Object.fromEntries(Object.keys(hard).map((name) => [name, '0']))
  const made = post(`${ns}/resourcequotas`, named('ResourceQuota', 'q', { hard }))
  const counted = patch('merge', `${ns}/resourcequotas/q/status`, { status: { hard, used } })
  const show = get(`${ns}/resourcequotas/q`)
  const service = (type: string, ports: readonly object[]): Step =>
    post(`${ns}/services`, named('Service', 's', { type, ports }))
  return [
    ...after('uncounted quota', [made], { pod: create(asking({ cpu: '1m' })), itself: show }),
    ...after('quota', [made, counted, get(ns), get(ns)], {
      'is charged': [create(asking({ cpu: '300m' })), show],
      'is not charged when tried': [post(`${pods}?dryRun=All`, pod('two', asking({ cpu: '300m' }))), show],
      'is exceeded': [create(asking({ cpu: '600m' })), create(asking({ cpu: '600m' }), 'three'), show],
      'makes requests obligatory': create({}),
      'of objects': [
        post(`${ns}/configmaps`, v1('ConfigMap', { metadata: { name: 'a' } })),
        post(`${ns}/configmaps`, v1('ConfigMap', { metadata: { name: 'b' } })),
        show,
      ],
      'of node ports': service('NodePort', [
        { name: 'a', port: 1 },
        { name: 'b', port: 2 },
      ]),
      'of a class': claim('1Gi', { storageClassName: 'gold' }),
      'of storage': [claim('1Gi'), show],
    }),
  ]
}

function security(): readonly Case[] {
  const label = (labels: object): Step => patch('merge', ns, { metadata: { labels } })
  const level = (name: string, version = 'latest'): Step =>
    label({ 'pod-security.kubernetes.io/enforce': name, 'pod-security.kubernetes.io/enforce-version': version })
  // The original follows namespaces through a cache.
  const settle = [get(ns), get(ns), get(ns)]
  const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
  const apps = '/apis/apps/v1/namespaces/{{ns}}/deployments'
  const deployment = v1(
    'Deployment',
    { metadata: { name: 'd' }, spec: { selector: { matchLabels: { app: 'x' } }, template } },
    'apps/v1',
  )
  return [
    ...after('pod security', [level('restricted', 'v1.25'), ...settle], {
      'refuses a pod': create({}),
      'refuses a nameless pod': post(pods, v1('Pod', { ...pod('x'), metadata: { generateName: 'g-' } })),
      'warns of a template': post(apps, deployment),
    }),
    ...after('pod security labels', [create({ hostPID: true }, 'one'), create({}, 'two'), ...settle], {
      'that pods violate': level('restricted'),
      'of an old version': level('baseline', 'v1.0'),
      unreadable: label({ 'pod-security.kubernetes.io/enforce': 'x', 'pod-security.kubernetes.io/warn-version': '1' }),
    }),
  ]
}

function priorities(): readonly Case[] {
  return after('priority', [], {
    'of no class': create({ priorityClassName: 'none' }),
    'of a system class': create({ priorityClassName: 'system-node-critical' }),
    'without a class': create({ priority: 5 }),
    'that does not fit': create({ priorityClassName: 'system-cluster-critical', priority: 5 }),
    'preempting otherwise': create({ preemptionPolicy: 'Never' }),
  })
}

function runtimes(): readonly Case[] {
  return after('runtime class', [], {
    'that is not there': create({ runtimeClassName: 'none' }),
    'that costs nothing': create({ overhead: { cpu: '1' } }),
  })
}

function webhooks(): readonly Case[] {
  const group = '/apis/admissionregistration.k8s.io/v1'
  const path = `${group}/validatingwebhookconfigurations`
  const hook = (more: object): object => ({
    name: 'a.b.c',
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    clientConfig: { service: { namespace: '{{ns}}', name: 'none' } },
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': '{{ns}}' } },
    rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }],
    ...more,
  })
  const configuration = (more: object): object =>
    v1(
      'ValidatingWebhookConfiguration',
      { metadata: { name: '{{ns}}-hook' }, webhooks: [hook(more)] },
      'admissionregistration.k8s.io/v1',
    )
  const gone: Step = { method: 'DELETE', path: `${path}/{{ns}}-hook` }
  return [
    ...after('webhook', [], {
      'with its defaults': [post(path, configuration({})), gone],
      'without a version to update': [
        post(path, configuration({})),
        put(`${path}/{{ns}}-hook`, configuration({})),
        gone,
      ],
    }),
  ]
}

function accounts(): readonly Case[] {
  const annotations = { 'kubernetes.io/enforce-mountable-secrets': 'true' }
  const account = v1('ServiceAccount', { metadata: { name: 'narrow', annotations }, secrets: [{ name: 'mine' }] })
  const using = (spec: object): Step => create({ serviceAccountName: 'narrow', ...spec })
  const env = (secret: string): object => [{ name: 'E', valueFrom: { secretKeyRef: { name: secret, key: 'k' } } }]
  return after('service account', [post(`${ns}/serviceaccounts`, account), get(ns), get(ns)], {
    'that is not there': create({ serviceAccountName: 'none' }),
    'and a volume of a secret': using({ volumes: [{ name: 'v', secret: { secretName: 'x' } }] }),
    'and a secret in the environment': using({ containers: [{ name: 'c', image: 'i', env: env('x') }] }),
    'and its own secret': using({ containers: [{ name: 'c', image: 'i', env: env('mine') }] }),
    'and a pull secret': using({ imagePullSecrets: [{ name: 'x' }] }),
  })
}
