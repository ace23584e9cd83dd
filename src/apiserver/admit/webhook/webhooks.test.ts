import { describe, expect, it } from 'vitest'
import { encodeBase64 } from '../../../api/base64.ts'
import { fail, ok } from '../../../api/result.ts'
import { simRun } from '../../../host/contract/sim-run.ts'
import { simClock } from '../../../host/sim/clock.ts'
import { simDisk } from '../../../host/sim/disk.ts'
import { simKeys } from '../../../host/sim/keys.ts'
import { simLog } from '../../../host/sim/log.ts'
import { simRandom } from '../../../host/sim/random.ts'
import type { Http, OutgoingRequest } from '../../../ports/http.ts'
import { openStore } from '../../../store/store.ts'
import { type Send, sender, testServer } from '../../test-exchange.ts'

type Request = Readonly<{
  uid: string
  operation: string
  name?: string
  namespace?: string
  kind: Readonly<{ kind: string }>
  resource: Readonly<{ resource: string }>
  subResource?: string
  object: Readonly<Record<string, unknown>> | null
  oldObject: unknown
  options: unknown
  dryRun: boolean
}>
type Review = Readonly<{ apiVersion: string; request: Request }>
/** What a webhook at a path answers: a text as it is, with its status, or an AdmissionReview around the response. */
type Hooks = Record<string, (request: Request) => unknown>

const encoder = new TextEncoder()
const patch = (operations: unknown): object => ({
  allowed: true,
  patchType: 'JSONPatch',
  patch: encodeBase64(encoder.encode(typeof operations === 'string' ? operations : JSON.stringify(operations))),
})
const add = (path: string, value: unknown): object => patch([{ op: 'add', path, value }])

async function world() {
  const clock = simClock()
  const random = simRandom(1)
  const log = simLog(clock)
  const run = simRun(clock)
  const store = await run(
    openStore({ disk: simDisk({ clock, random }), clock, log, directory: '/store', onFatal() {} }),
  )
  const asked: (Request & Readonly<{ path: string }>)[] = []
  const reached: OutgoingRequest[] = []
  const hooks: Hooks = {}
  const http: Pick<Http, 'request' | 'upgrade'> = {
    upgrade: () => expect.unreachable('no webhook is asked by an upgrade'),
    async request(request) {
      reached.push(request)
      const path = new URL(request.url).pathname.slice(1)
      const review: Review = JSON.parse(new TextDecoder().decode(request.body as Uint8Array))
      asked.push({ path, ...review.request })
      const answer = await hooks[path]?.(review.request)
      if (answer === undefined) return fail({ code: 'Refused', message: 'connect ECONNREFUSED 192.0.2.7:443' })
      const { status = 200, text } = answer as Readonly<{ status?: number; text?: string }>
      const wrapped = {
        kind: 'AdmissionReview',
        apiVersion: review.apiVersion,
        response: { uid: review.request.uid, ...(answer as object) },
        ...((answer as { review?: object }).review ?? {}),
      }
      const bytes = encoder.encode(text ?? JSON.stringify(wrapped))
      const body = {
        bytes: async () => ok(bytes),
        async *chunks() {
          yield bytes
        },
      }
      return ok({ status, headers: {}, body })
    },
  }
  const parts = { store, clock, random, keys: simKeys(random), log, http }
  const server = await testServer(parts)
  await run(server.start())
  const startAnother = async (): Promise<void> => run((await testServer(parts)).start())
  const raw = sender(server.handler)
  const send: Send = (...request) => run(raw(...request))
  return { clock, run, send, raw, hooks, asked, reached, log, store, startAnother }
}

type World = Awaited<ReturnType<typeof world>>

const ns = '/api/v1/namespaces/default'
const group = '/apis/admissionregistration.k8s.io/v1'
const merge = { headers: { 'content-type': 'application/merge-patch+json' } }

async function configure({ send }: World, type: 'mutating' | 'validating', path: string, more: object = {}) {
  const webhook = {
    name: `${path}.b.c`,
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    timeoutSeconds: 1,
    clientConfig: { url: `https://hooks.test/${path}` },
    rules: [{ operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }],
    ...more,
  }
  const made = await send('POST', `${group}/${type}webhookconfigurations`, {
    metadata: { name: path },
    webhooks: [webhook],
  })
  expect([made.status, made.text]).toEqual([201, expect.anything()])
}

const configMap = { metadata: { name: 'c' }, data: { a: 'b' } }
const failed = 'Internal error occurred: failed calling webhook "h.b.c": '
const broken = `${failed}failed to call webhook: `
const invalid = `${failed}received invalid webhook response: `

/** What kube-apiserver 1.36.1 answered when a mutating webhook said so; uid and address put in. */
const answers: readonly (readonly [what: string, answer: unknown, code: number, message: string])[] = [
  ['no', { allowed: false }, 400, 'admission webhook "h.b.c" denied the request without explanation'],
  [
    'no, and why',
    { allowed: false, status: { message: 'no way', code: 418, reason: 'Teapot' } },
    418,
    'admission webhook "h.b.c" denied the request: no way',
  ],
  [
    'no by a success',
    { allowed: false, status: { reason: 'Because', code: 200, status: 'Success' } },
    400,
    'admission webhook "h.b.c" denied the request: Because',
  ],
  [
    'something about another request',
    { uid: 'x', allowed: true },
    500,
    `${invalid}expected response.uid="UID", got "x"`,
  ],
  ['nothing', { review: { response: undefined } }, 500, `${invalid}webhook response was absent`],
  [
    'another kind',
    { review: { kind: 'Foo' } },
    500,
    `${broken}no kind "Foo" is registered for version "admission.k8s.io/v1" in scheme "pkg/runtime/scheme.go:111"`,
  ],
  [
    'another version',
    { review: { apiVersion: 'admission.k8s.io/v1beta1' } },
    500,
    `${broken}converting (v1beta1.AdmissionReview) to (v1.AdmissionReview): unknown conversion`,
  ],
  [
    'a patch without its type',
    { ...patch([]), patchType: undefined },
    500,
    `${invalid}webhook returned response.patch but not response.patchType`,
  ],
  [
    'a type without a patch',
    { allowed: true, patchType: 'JSONPatch' },
    500,
    `${invalid}webhook returned response.patchType but not response.patch`,
  ],
  [
    'a patch of another type',
    { ...add('/data/x', '1'), patchType: 'MergePatch' },
    500,
    `${failed}unsupported patch type "MergePatch"`,
  ],
  [
    'a patch that is none',
    patch('{nope'),
    500,
    `${failed}received undecodable patch in webhook response: invalid character 'n' looking for beginning of object key string`,
  ],
  [
    'a patch that is no list',
    patch({ op: 'add' }),
    500,
    `${failed}received undecodable patch in webhook response: json: cannot unmarshal object into Go value of type jsonpatch.Patch`,
  ],
  [
    'a patch that does not fit',
    patch([{ op: 'remove', path: '/data/none' }]),
    500,
    "Internal error occurred: error in remove for path: '/data/none': Unable to remove nonexistent key: none: missing value",
  ],
  [
    'a patch that breaks the type',
    patch([{ op: 'replace', path: '/data', value: 3 }]),
    500,
    'Internal error occurred: json: cannot unmarshal number into Go struct field ConfigMap.data of type map[string]string',
  ],
  [
    'another namespace',
    add('/metadata/namespace', 'other'),
    400,
    'the namespace of the provided object does not match the namespace sent on the request',
  ],
  [
    '500',
    { status: 500, text: 'oh no\n' },
    500,
    `${broken}an error on the server ("oh no") has prevented the request from succeeding`,
  ],
  ['403', { status: 403, text: 'go away' }, 500, `${broken}go away`],
  ['404', { status: 404, text: 'x' }, 500, `${broken}the server could not find the requested resource`],
  [
    '418',
    { status: 418, text: 'tea' },
    500,
    `${broken}the server responded with the status code 418 but did not return more information`,
  ],
  ['503', { status: 503, text: 'later' }, 500, `${broken}the server is currently unable to handle the request`],
  ['a Status', { status: 500, text: '{"kind":"Status","message":"told"}' }, 500, `${broken}told`],
  [
    'a page',
    { text: '<html>' },
    500,
    `${broken}couldn't get version/kind; json parse error: json: cannot unmarshal string into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
  ],
  ['no body', { text: '' }, 500, `${broken}0-length response with status code: 200 and content type: application/json`],
  [
    'nothing at all',
    undefined,
    500,
    `${broken}Post "https://hooks.test/h?timeout=1s": dial tcp 192.0.2.7:443: connect: connection refused`,
  ],
]

describe('a mutating webhook', () => {
  it.each(answers)('that answers %s', async (_, answer, code, message) => {
    const all = await world()
    all.hooks.h = () => answer
    await configure(all, 'mutating', 'h')
    const sent = await all.send('POST', `${ns}/configmaps`, configMap)
    const uid = all.asked[0]?.uid ?? ''
    expect(sent.json).toMatchObject({ status: 'Failure', code, message: message.replace('UID', uid) })
    expect(sent.status).toBe(code)
  })

  it('is passed over when it cannot be asked and is said to be', async () => {
    const all = await world()
    await configure(all, 'mutating', 'h', { failurePolicy: 'Ignore' })
    expect((await all.send('POST', `${ns}/configmaps`, configMap)).status).toBe(201)
    const metrics = await all.send('GET', '/metrics')
    expect(metrics.text).toContain('apiserver_admission_webhook_fail_open_count{name="h.b.c",type="admit"} 1')
    expect(metrics.text).toContain('rejected="false",type="admit"} 1')
    expect(metrics.text).toContain(
      'apiserver_admission_webhook_admission_duration_seconds_count{name="h.b.c",operation="CREATE",rejected="false",type="admit"} 1',
    )
  })

  it('changes the object before it is validated, and warns', async () => {
    const all = await world()
    all.hooks.h = () => ({ ...add('/metadata/labels', { 'a b': '' }), warnings: ['beware'] })
    await configure(all, 'mutating', 'h')
    const refused = await all.send('POST', `${ns}/configmaps`, configMap)
    expect([refused.status, refused.headers.warning]).toEqual([422, '299 - "beware"'])
    all.hooks.h = () => add('/data/x', '1')
    const made = await all.send('POST', `${ns}/configmaps`, configMap)
    expect(made.json).toMatchObject({ data: { a: 'b', x: '1' } })
  })

  it('sees what is asked, and what was there before', async () => {
    const all = await world()
    all.hooks.h = () => ({ allowed: true })
    await configure(all, 'mutating', 'h')
    await all.send('POST', `${ns}/configmaps?fieldManager=me&dryRun=All`, configMap)
    await all.send('POST', `${ns}/configmaps`, { ...configMap, metadata: { generateName: 'g-' } })
    await all.send('POST', `${ns}/configmaps`, configMap)
    await all.send('PATCH', `${ns}/configmaps/c`, { data: { a: 'c' } }, merge)
    await all.send('DELETE', `${ns}/configmaps/c?gracePeriodSeconds=3`)
    const [dry, generated, , patched, deleted] = all.asked
    expect(dry).toMatchObject({
      operation: 'CREATE',
      name: 'c',
      namespace: 'default',
      kind: { group: '', version: 'v1', kind: 'ConfigMap' },
      resource: { group: '', version: 'v1', resource: 'configmaps' },
      object: { kind: 'ConfigMap', apiVersion: 'v1', data: { a: 'b' } },
      oldObject: null,
      dryRun: true,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1', dryRun: ['All'], fieldManager: 'me' },
    })
    expect(generated?.name).toBeUndefined()
    expect(generated?.object?.metadata).toMatchObject({ generateName: 'g-' })
    expect(patched).toMatchObject({
      operation: 'UPDATE',
      object: { data: { a: 'c' } },
      oldObject: { data: { a: 'b' } },
      options: { kind: 'UpdateOptions' },
    })
    expect(deleted).toMatchObject({
      operation: 'DELETE',
      name: 'c',
      object: null,
      oldObject: { data: { a: 'c' } },
      options: { kind: 'DeleteOptions', gracePeriodSeconds: 3 },
    })
  })

  it('is asked once more when another changed the object after it, if it wants that', async () => {
    const all = await world()
    all.hooks.first = ({ object }) => add('/metadata/labels', { saw: Object.keys(object?.data ?? {}).join('') })
    all.hooks.second = () => add('/data/z', '1')
    await configure(all, 'mutating', 'first', { reinvocationPolicy: 'IfNeeded' })
    await configure(all, 'mutating', 'second')
    const made = await all.send('POST', `${ns}/configmaps`, configMap)
    expect(all.asked.map(({ path }) => path)).toEqual(['first', 'second', 'first'])
    expect(made.json).toMatchObject({ metadata: { labels: { saw: 'az' } } })
  })

  it('is put right where it makes what nobody could use', async () => {
    const all = await world()
    const owner = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' }
    all.hooks.h = () =>
      patch([
        { op: 'add', path: '/metadata/managedFields/0/fieldsType', value: 'x' },
        { op: 'add', path: '/metadata/ownerReferences', value: [owner, owner] },
      ])
    await configure(all, 'mutating', 'h')
    const made = await all.send('POST', `${ns}/configmaps`, configMap)
    expect(made.json).toMatchObject({
      metadata: { ownerReferences: [owner], managedFields: [{ fieldsType: 'FieldsV1' }] },
    })
    expect(made.headers.warning?.split(', 299 - ')).toEqual([
      '299 - ".metadata.ownerReferences contains duplicate entries after mutating admission happens; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: u"',
      '".metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating admission controller; please fix your requests: invalid fieldsType \\"x\\" in managed fields entry 0"',
    ])
  })

  it('decides anew on what another write has left meanwhile; who named a version hears of a conflict', async () => {
    const all = await world()
    await all.send('POST', `${ns}/configmaps`, configMap)
    let others = 0
    all.hooks.h = async ({ object }) => {
      const { labels } = (object?.metadata ?? {}) as { labels?: object }
      if (labels !== undefined && others++ === 0) {
        await all.raw('PATCH', `${ns}/configmaps/c`, { data: { other: '1' } }, merge)
      }
      return { allowed: true }
    }
    await configure(all, 'mutating', 'h')
    const labelled = { metadata: { labels: { l: '' } } }
    const patched = await all.send('PATCH', `${ns}/configmaps/c`, labelled, merge)
    expect(patched.json).toMatchObject({ data: { a: 'b', other: '1' }, metadata: { labels: { l: '' } } })
    others = 0
    const { resourceVersion } = (patched.json as { metadata: { resourceVersion: string } }).metadata
    const metadata = { name: 'c', resourceVersion, labels: { l: '2' } }
    await all.send('PATCH', `${ns}/configmaps/c`, { data: { other: null } }, merge)
    const put = await all.send('PUT', `${ns}/configmaps/c`, { ...configMap, metadata })
    expect(put.status).toBe(409)
  })
})

describe('a validating webhook', () => {
  it('may change nothing', async () => {
    const all = await world()
    all.hooks.h = () => patch([])
    await configure(all, 'validating', 'h')
    const sent = await all.send('POST', `${ns}/configmaps`, configMap)
    expect(sent.json).toMatchObject({ message: `${invalid}validating webhook may not return response.patch` })
  })

  it('sees what will be stored, and keeps what it refuses from going', async () => {
    const all = await world()
    await all.send('POST', `${ns}/configmaps`, { ...configMap, metadata: { name: 'kept', labels: { keep: '' } } })
    await all.send('POST', `${ns}/configmaps`, configMap)
    all.hooks.h = ({ operation, oldObject }) => ({
      allowed: operation !== 'DELETE' || !JSON.stringify(oldObject).includes('keep'),
    })
    await configure(all, 'validating', 'h')
    const many = await all.send('DELETE', `${ns}/configmaps?labelSelector=!keep`)
    expect(many.status).toBe(200)
    expect(all.asked.at(-1)).toMatchObject({ operation: 'DELETE', oldObject: { metadata: { name: 'c' } } })
    expect(all.asked.at(-1)?.name).toBeUndefined()
    expect((await all.send('DELETE', `${ns}/configmaps/kept`)).status).toBe(400)
    await all.send('POST', `${ns}/configmaps`, configMap)
    expect(all.asked.at(-1)?.object?.metadata).toMatchObject({ uid: expect.any(String) })
  })

  it('guards what runs through a pod', async () => {
    const all = await world()
    all.hooks.h = () => ({ allowed: false, status: { message: 'hands off' } })
    const rules = [{ operations: ['CONNECT'], apiGroups: ['*'], apiVersions: ['*'], resources: ['pods/attach'] }]
    await configure(all, 'validating', 'h', { rules })
    const sent = await all.send('POST', `${ns}/pods/p/attach?stdin=true&container=c`)
    expect(sent.json).toMatchObject({ message: 'admission webhook "h.b.c" denied the request: hands off' })
    expect(all.asked[0]).toMatchObject({
      operation: 'CONNECT',
      kind: { kind: 'PodAttachOptions' },
      subResource: 'attach',
      object: { kind: 'PodAttachOptions', apiVersion: 'v1', stdin: true, container: 'c' },
      options: null,
    })
  })

  it('sees a Scale where that is what is written', async () => {
    const all = await world()
    const spec = { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: {} } }
    const template = { ...spec.template, spec: { containers: [{ name: 'c', image: 'i' }] } }
    const apps = '/apis/apps/v1/namespaces/default/deployments'
    await all.send('POST', apps, { metadata: { name: 'd' }, spec: { ...spec, template } })
    all.hooks.h = () => ({ allowed: true })
    const rules = [
      { operations: ['UPDATE'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments/scale'] },
    ]
    await configure(all, 'validating', 'h', { rules })
    await all.send('PATCH', `${apps}/d/scale`, { spec: { replicas: 4 } }, merge)
    expect(all.asked[0]).toMatchObject({
      kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
      object: { kind: 'Scale', spec: { replicas: 4 } },
      oldObject: { kind: 'Scale', spec: { replicas: 1 } },
    })
  })

  it('sees reviews, may change and refuse them', async () => {
    const all = await world()
    const rules = [{ operations: ['CREATE'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'] }]
    all.hooks.m = () => patch([{ op: 'replace', path: '/spec/user', value: 'bob' }])
    all.hooks.v = ({ object }) => ({ allowed: JSON.stringify(object).includes('bob') })
    await configure(all, 'validating', 'v', { rules })
    const sar = '/apis/authorization.k8s.io/v1/subjectaccessreviews'
    const review = { spec: { user: 'alice', resourceAttributes: { verb: 'get', resource: 'pods' } } }
    const message = 'admission webhook "v.b.c" denied the request without explanation'
    expect(await all.send('POST', sar, review)).toMatchObject({ status: 400, json: { message } })
    await configure(all, 'mutating', 'm', { rules: [{ ...rules[0], resources: ['subjectaccessreviews'] }] })
    const sent = await all.send('POST', sar, review)
    expect(sent).toMatchObject({ status: 201, json: { spec: { user: 'bob' }, status: { allowed: false } } })
    const token = await all.send('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token: 'x' } })
    expect(token).toMatchObject({ status: 400, json: { message } })
    const named = all.asked.map(({ resource }) => (resource as { resource: string }).resource)
    expect(new Set(named)).toEqual(new Set(['subjectaccessreviews', 'tokenreviews']))
  })

  it('is told what is only tried', async () => {
    const all = await world()
    all.hooks.h = () => ({ allowed: true })
    const rules = [{ operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }]
    await configure(all, 'validating', 'h', { rules, sideEffects: 'NoneOnDryRun' })
    expect((await all.send('POST', `${ns}/configmaps?dryRun=All`, configMap)).status).toBe(201)
    expect(all.asked[0]?.dryRun).toBe(true)
  })
})

describe('webhooks', () => {
  it('are chosen by namespace, object, scope and rule', async () => {
    const all = await world()
    all.hooks.h = () => ({ allowed: false })
    await all.send('PATCH', '/api/v1/namespaces/default', { metadata: { labels: { guarded: '' } } }, merge)
    await configure(all, 'validating', 'h', {
      namespaceSelector: { matchLabels: { guarded: '' } },
      objectSelector: { matchLabels: { judged: '' } },
      rules: [{ operations: ['CREATE'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'], scope: 'Namespaced' }],
    })
    const judged = { ...configMap, metadata: { name: 'c', labels: { judged: '' } } }
    expect((await all.send('POST', `${ns}/configmaps`, judged)).status).toBe(400)
    expect((await all.send('POST', `${ns}/configmaps`, configMap)).status).toBe(201)
    expect((await all.send('POST', '/api/v1/namespaces/kube-public/configmaps', judged)).status).toBe(201)
    const namespace = { metadata: { name: 'n', labels: { judged: '', guarded: '' } } }
    expect((await all.send('POST', '/api/v1/namespaces', namespace)).status).toBe(201)
    expect((await all.send('DELETE', `${ns}/configmaps/c`)).status).toBe(200)
  })

  it('see objects in the version that their rules name', async () => {
    const all = await world()
    all.hooks.h = ({ object }) => add('/metadata/annotations', { saw: String(object?.apiVersion) })
    const rules = [{ operations: ['*'], apiGroups: ['autoscaling'], apiVersions: ['v1'], resources: ['*'] }]
    await configure(all, 'mutating', 'h', { rules })
    const scaleTargetRef = { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' }
    const metrics = [
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 7 } } },
    ]
    const path = (version: string) => `/apis/autoscaling/${version}/namespaces/default/horizontalpodautoscalers`
    const newer = await all.send('POST', path('v2'), {
      metadata: { name: 'a' },
      spec: { scaleTargetRef, maxReplicas: 3, metrics },
    })
    expect(newer.json).toMatchObject({ metadata: { annotations: { saw: 'autoscaling/v1' } }, spec: { metrics } })
    expect(all.asked[0]).toMatchObject({
      kind: { version: 'v1' },
      requestKind: { version: 'v2' },
      resource: { version: 'v1' },
      object: { spec: { targetCPUUtilizationPercentage: 7 } },
    })
    await all.send('PATCH', `${path('v1')}/a`, { spec: { maxReplicas: 4 } }, merge)
    await all.send('DELETE', `${path('v2')}/a`)
    expect(all.asked[1]).toMatchObject({ requestKind: { version: 'v1' }, oldObject: { apiVersion: 'autoscaling/v1' } })
    expect(all.asked[2]).toMatchObject({ requestKind: { version: 'v2' }, oldObject: { apiVersion: 'autoscaling/v1' } })
  })

  it('never stand in the way of their own configurations, and take effect and end at once', async () => {
    const all = await world()
    all.hooks.h = () => ({ allowed: false })
    const rules = [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] }]
    await configure(all, 'validating', 'h', { rules })
    expect((await all.send('POST', `${ns}/configmaps`, configMap)).status).toBe(400)
    expect((await all.send('DELETE', `${group}/validatingwebhookconfigurations/h`)).status).toBe(200)
    expect((await all.send('POST', `${ns}/configmaps`, configMap)).status).toBe(201)
  })

  it('do not keep a cluster from starting that they would run in', async () => {
    const all = await world()
    const role = '/apis/rbac.authorization.k8s.io/v1/clusterroles/system:basic-user'
    await all.send('DELETE', role)
    const rules = [{ operations: ['CREATE'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] }]
    await configure(all, 'validating', 'h', { rules })
    expect((await all.send('POST', `${ns}/configmaps`, configMap)).status).toBe(500)
    await all.startAnother()
    expect((await all.send('GET', role)).status).toBe(200)
  })

  it('are reached by Service, at one of its endpoints, under the name of the Service', async () => {
    const all = await world()
    all.hooks.guard = () => ({ allowed: true })
    const service = { namespace: 'default', name: 's', path: '/guard' }
    const caBundle = encodeBase64(encoder.encode('-----BEGIN CERTIFICATE-----'))
    await configure(all, 'validating', 'h', { clientConfig: { service, caBundle } })
    const missing = await all.send('POST', `${ns}/configmaps`, configMap)
    const url = 'https://s.default.svc:443/guard?timeout=1s'
    expect(missing.json).toMatchObject({ message: `${broken}Post "${url}": service "s" not found` })
    await all.send('POST', `${ns}/services`, { metadata: { name: 's' }, spec: { ports: [{ name: 'w', port: 443 }] } })
    await all.send('POST', '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', {
      metadata: { name: 's-1', labels: { 'kubernetes.io/service-name': 's' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.1.0.5'], conditions: { ready: true } }],
      ports: [{ name: 'w', port: 8443 }],
    })
    expect((await all.send('POST', `${ns}/configmaps`, configMap)).status).toBe(201)
    expect(all.reached.at(-1)).toMatchObject({
      url,
      connectTo: { host: '10.1.0.5', port: 8443 },
      verify: { caPem: '-----BEGIN CERTIFICATE-----' },
      timeoutMs: 1000,
    })
  })
})
