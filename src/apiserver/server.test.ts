import { beforeAll, describe, expect, it } from 'vitest'
import { simRun } from '../host/contract/sim-run.ts'
import { simClock } from '../host/sim/clock.ts'
import { simDisk } from '../host/sim/disk.ts'
import { simKeys } from '../host/sim/keys.ts'
import { simLog } from '../host/sim/log.ts'
import { simRandom } from '../host/sim/random.ts'
import { openStore } from '../store/store.ts'
import { type Send, sender, testServer } from './test-exchange.ts'

async function world() {
  const clock = simClock()
  const random = simRandom(1)
  const log = simLog(clock)
  const run = simRun(clock)
  const keys = simKeys(random)
  const disk = simDisk({ clock, random })
  const store = await run(openStore({ disk, clock, log, directory: '/store', onFatal() {} }))
  const server = await testServer({ store, clock, random, keys, log })
  await run(server.start())
  const raw = sender(server.handler)
  const send: Send = (...request) => run(raw(...request))
  return { clock, store, run, send, server, keys, random, log, disk }
}

const ns = '/api/v1/namespaces/default'
const merge = { headers: { 'content-type': 'application/merge-patch+json' } }
const pod = (name: string, spec: object = {}) => ({
  metadata: { name },
  spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
})

/** What the original answers: kube-apiserver 1.36.1, asked the same. */
const refusals: readonly (readonly [what: string, request: Parameters<Send>, code: number, message: string])[] = [
  ['an object that is not there', ['GET', `${ns}/configmaps/none`], 404, 'configmaps "none" not found'],
  ['a resource that is not there', ['GET', `${ns}/foo/x`], 404, 'the server could not find the requested resource'],
  [
    'a PUT to a collection',
    ['PUT', `${ns}/configmaps`, {}],
    405,
    'the server does not allow this method on the requested resource',
  ],
  [
    'deleting all namespaces',
    ['DELETE', '/api/v1/namespaces'],
    405,
    'the server does not allow this method on the requested resource',
  ],
  [
    'a second of the same name',
    ['POST', `${ns}/configmaps`, { metadata: { name: 'kept' } }],
    409,
    'configmaps "kept" already exists',
  ],
  [
    'no name',
    ['POST', `${ns}/configmaps`, {}],
    422,
    'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
  ],
  [
    'a resourceVersion in a new object',
    ['POST', `${ns}/configmaps`, { metadata: { name: 'y', resourceVersion: '3' } }],
    500,
    'resourceVersion should not be set on objects to be created',
  ],
  [
    'a namespace that is not there',
    ['POST', '/api/v1/namespaces/nons/configmaps', { metadata: { name: 'y' } }],
    404,
    'namespaces "nons" not found',
  ],
  [
    'another namespace than that of the path',
    ['POST', `${ns}/configmaps`, { metadata: { name: 'y', namespace: 'other' } }],
    400,
    'the namespace of the provided object does not match the namespace sent on the request',
  ],
  [
    'an old version',
    ['PUT', `${ns}/configmaps/kept`, { metadata: { name: 'kept', resourceVersion: '3' } }],
    409,
    'Operation cannot be fulfilled on configmaps "kept": the object has been modified; please apply your changes to the latest version and try again',
  ],
  [
    'another name than that of the path',
    ['PUT', `${ns}/configmaps/kept`, { metadata: { name: 'y' } }],
    400,
    'the name of the object (y) does not match the name on the URL (kept)',
  ],
  [
    'a PUT without a name',
    ['PUT', `${ns}/configmaps/kept`, { metadata: {} }],
    400,
    'the name of the object (kept based on URL) was undeterminable: name must be provided',
  ],
  ['a patch of no known type', ['PATCH', `${ns}/configmaps/kept`, {}], 415, '415: Unsupported Media Type'],
  [
    'an apply without a manager',
    ['PATCH', `${ns}/configmaps/kept`, {}, { headers: { 'content-type': 'application/apply-patch+yaml' } }],
    422,
    'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
  ],
  [
    'a body of no known type',
    ['POST', `${ns}/configmaps`, 'x', { headers: { 'content-type': 'text/plain' } }],
    415,
    'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
  ],
  [
    'a form we do not have',
    ['GET', `${ns}/configmaps/kept`, undefined, { headers: { accept: 'text/html' } }],
    406,
    '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf',
  ],
  [
    'a creation whose answer nobody could read',
    ['POST', `${ns}/configmaps`, { metadata: { name: 'unread' } }, { headers: { accept: 'text/html' } }],
    406,
    '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf',
  ],
  [
    'a timeout that is none',
    ['GET', `${ns}/configmaps?timeout=soon`],
    400,
    'invalid timeout specified in the request URL - time: invalid duration "soon"',
  ],
  [
    'a resourceVersion that is no number',
    ['GET', `${ns}/configmaps?resourceVersion=abc`],
    400,
    'invalid resource version: resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
  ],
  [
    'a match without a version',
    ['GET', `${ns}/configmaps?resourceVersionMatch=Exact`],
    422,
    'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
  ],
  [
    'a continue token of somebody else',
    ['GET', `${ns}/configmaps?continue=abc`],
    400,
    "invalid continue token: continue key is not valid: invalid character 'i' looking for beginning of value",
  ],
  ['a field that nothing is selected by', ['GET', `${ns}/pods?fieldSelector=a=b`], 400, 'field label not supported: a'],
  [
    'a delete of another object of the name',
    ['DELETE', `${ns}/configmaps/kept`, { preconditions: { resourceVersion: '1' } }],
    409,
    /Operation cannot be fulfilled on ConfigMap "kept": the ResourceVersion in the precondition \(1\) does not match/
      .source,
  ],
  [
    'a propagation policy that is none',
    ['DELETE', `${ns}/configmaps/kept`, { propagationPolicy: 'Foo' }],
    422,
    'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Foo": supported values: "Foreground", "Background", "Orphan", "nil"',
  ],
  [
    'an immortal namespace',
    ['DELETE', '/api/v1/namespaces/default'],
    403,
    'namespaces "default" is forbidden: this namespace may not be deleted',
  ],
  [
    'a pod without its service account',
    ['POST', `${ns}/pods`, pod('p', { serviceAccountName: 'zz' })],
    403,
    'pods "p" is forbidden: error looking up service account default/zz: serviceaccount "zz" not found',
  ],
  [
    'a stranger',
    ['GET', '/api/v1/namespaces', undefined, { user: '' }],
    403,
    'namespaces is forbidden: User "system:anonymous" cannot list resource "namespaces" in API group "" at the cluster scope',
  ],
  [
    'a stranger at a subresource',
    ['GET', '/apis/apps/v1/namespaces/x/deployments/y/scale', undefined, { user: '' }],
    403,
    'deployments.apps "y" is forbidden: User "system:anonymous" cannot get resource "deployments/scale" in API group "apps" in the namespace "x"',
  ],
  [
    'a stranger at a path',
    ['GET', '/nosuch', undefined, { user: '' }],
    403,
    'forbidden: User "system:anonymous" cannot get path "/nosuch"',
  ],
  [
    'a PUT of a version that is no number',
    ['PUT', `${ns}/configmaps/kept`, { metadata: { name: 'kept', resourceVersion: 'abc' } }],
    500,
    'strconv.ParseUint: parsing "abc": invalid syntax',
  ],
  [
    'a watch from a version that is no number',
    ['GET', `${ns}/configmaps?watch=1&resourceVersion=abc`],
    500,
    'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
  ],
  [
    'a watch that goes on',
    ['GET', `${ns}/configmaps?watch=1&continue=abc`],
    422,
    'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided',
  ],
  [
    'an empty dry run',
    ['POST', `${ns}/configmaps?dryRun=`, { metadata: { name: 'x' } }],
    422,
    'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: [""]: supported values: "All"',
  ],
  [
    'a manager that cannot be printed',
    ['POST', `${ns}/configmaps?fieldManager=a%01b`, { metadata: { name: 'x' } }],
    422,
    'CreateOptions.meta.k8s.io "" is invalid: fieldManager: Invalid value: "a\\x01b": invalid character U+0001 (at position 1)',
  ],
  [
    'a grace period that is no number',
    ['DELETE', `${ns}/configmaps/kept?gracePeriodSeconds=abc`],
    400,
    'strconv.ParseInt: parsing "abc": invalid syntax',
  ],
  [
    'a delete of another namespace of the name',
    ['DELETE', '/api/v1/namespaces/kube-public', { preconditions: { resourceVersion: '0' } }],
    409,
    /Operation cannot be fulfilled on namespaces "kube-public": Precondition failed: ResourceVersion in precondition: 0, /
      .source,
  ],
  [
    'writing to discovery',
    ['POST', '/apis', {}],
    405,
    'the server does not allow this method on the requested resource',
  ],
  [
    'a rule that allows nothing',
    ['POST', '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles', { metadata: { name: 'x' }, rules: [{}] }],
    422,
    'Role.rbac.authorization.k8s.io "x" is invalid: [rules[0].verbs: Required value: verbs must contain at least one value, rules[0].apiGroups: Required value: resource rules must supply at least one api group, rules[0].resources: Required value: resource rules must supply at least one resource]',
  ],
  [
    'a patch to another kind',
    [
      'PATCH',
      `${ns}/configmaps/kept`,
      { kind: 'Wrong' },
      { headers: { 'content-type': 'application/merge-patch+json' } },
    ],
    422,
    / "" is invalid: patch: Invalid value: ".*": no kind "Wrong" is registered for version "v1"/.source,
  ],
  [
    'a patch to what its kind cannot hold',
    [
      'PATCH',
      `${ns}/configmaps/kept`,
      { data: { a: 1 } },
      { headers: { 'content-type': 'application/merge-patch+json' } },
    ],
    422,
    / "" is invalid: patch: Invalid value: ".*": json: cannot unmarshal number into Go struct field ConfigMap.data of type string/
      .source,
  ],
  [
    'an endpoint without addresses',
    [
      'POST',
      '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices',
      { metadata: { name: 'x' }, addressType: 'IPv4', endpoints: [{}] },
    ],
    422,
    'EndpointSlice.discovery.k8s.io "x" is invalid: endpoints[0].addresses: Required value: must contain at least 1 address',
  ],
  [
    'a token that is none',
    ['GET', '/api', undefined, { user: '', headers: { authorization: 'Bearer foo' } }],
    401,
    'Unauthorized',
  ],
]

const secretsWithoutNames = { metadata: { name: 'nameless' }, secrets: [{}, {}] }

describe('the API server', () => {
  let w: Awaited<ReturnType<typeof world>>
  beforeAll(async () => {
    w = await world()
    await w.send('POST', `${ns}/configmaps`, { metadata: { name: 'kept' }, data: { a: 'b' } })
    await w.send('POST', `${ns}/serviceaccounts`, { metadata: { name: 'default' } })
  })

  it('stores lists whose items cannot be told apart, without managers', async () => {
    const { status, json } = await w.send('POST', `${ns}/serviceaccounts`, secretsWithoutNames)
    expect(status).toBe(201)
    expect(json).not.toHaveProperty('metadata.managedFields')
  })

  it.each(refusals)('refuses %s as the original does', async (_what, request, code, message) => {
    const { status, json } = await w.send(...request)
    expect({ status, json }).toMatchObject({ status: code, json: { kind: 'Status', status: 'Failure', code } })
    const said = (json as { message: string }).message
    expect(said === message || new RegExp(`^${message}`).test(said), said).toBe(true)
  })

  it('writes nothing where the answer could not be read', async () => {
    expect(await w.send('GET', `${ns}/configmaps/unread`)).toMatchObject({ status: 404 })
  })

  it('answers a path that nobody knows in plain text', async () => {
    expect(await w.send('GET', '/nosuch')).toMatchObject({ status: 404, text: '404 page not found\n' })
  })

  it('tells how long admission takes, plugin by plugin', async () => {
    await w.send('POST', `${ns}/configmaps`, { metadata: { name: 'admitted' } })
    const { text } = await w.send('GET', '/metrics')
    const series = (name: string, type: string): RegExp =>
      new RegExp(
        `^apiserver_admission_controller_admission_duration_seconds_count\\{name="${name}",operation="CREATE",rejected="false",type="${type}"\\} [1-9]`,
        'm',
      )
    expect(text).toMatch(series('NamespaceLifecycle', 'admit'))
    expect(text).toMatch(series('ResourceQuota', 'validate'))
    expect(text).not.toMatch(/name="CertificateApproval",operation="CREATE"/)
    expect(text).toMatch(
      /^apiserver_admission_step_admission_duration_seconds_bucket\{operation="CREATE",rejected="false",type="admit",le="2.5"\} [1-9]/m,
    )
  })

  it('counts requests under the names of the original', async () => {
    await w.send('GET', `${ns}/configmaps/kept`)
    const { text } = await w.send('GET', '/metrics')
    const get =
      'component="apiserver",dry_run="",group="",resource="configmaps",scope="resource",subresource="",verb="GET",version="v1"'
    expect(text).toMatch(new RegExp(`^apiserver_request_total\\{code="200",${get}\\} [0-9]+$`, 'm'))
    expect(text).toMatch(new RegExp(`^apiserver_request_duration_seconds_bucket\\{${get},le="0.005"\\} [0-9]+$`, 'm'))
    expect(text).toContain('apiserver_current_inflight_requests{request_kind="readOnly"} 1\n')
    expect(text).toMatch(/^apiserver_response_sizes_bucket\{.*resource="configmaps".*verb="GET".*le="1000"\} [0-9]+$/m)
    expect(text).toMatch(
      /^apiserver_flowcontrol_dispatched_requests_total\{flow_schema="exempt",priority_level="exempt"\} [0-9]+$/m,
    )
    const lasting = get.replace('dry_run="",', '')
    expect(text).toMatch(
      new RegExp(`^apiserver_request_sli_duration_seconds_bucket\\{${lasting},le="0.05"\\} [0-9]+$`, 'm'),
    )
    expect(text).toMatch(/^authentication_attempts\{result="success"\} [0-9]+$/m)
    expect(text).toMatch(/^authenticated_user_requests\{username="admin"\} [0-9]+$/m)
    expect(text).toMatch(/^authorization_duration_seconds_bucket\{result="allowed",le="0.001"\} [0-9]+$/m)
    expect(text).toContain('apiserver_flowcontrol_nominal_limit_seats{priority_level="workload-low"} 245\n')
    expect(text).toMatch(/^kubernetes_build_info\{.*git_version="v1.36.1",.*\} 1$/m)
    const step = 'operation="CREATE",rejected="false",type="validate",le="+Inf"'
    expect(text).toMatch(
      new RegExp(
        `^apiserver_admission_step_admission_duration_seconds_bucket\\{${step.replace('+', '\\+')}\\} [0-9]+$`,
        'm',
      ),
    )
    const slis = (await w.send('GET', '/metrics/slis')).text
    expect(slis).toContain('kubernetes_healthcheck{name="etcd",type="livez"} 1\n')
  })

  it('counts no requests for resources that are not served', async () => {
    await w.send('GET', '/api/v1/made-up-names')
    const { text } = await w.send('GET', '/metrics')
    expect(text).toContain('resource="configmaps"')
    expect(text).not.toContain('made-up-names')
  })

  it('sends what every answer carries', async () => {
    const { headers } = await w.send('GET', `${ns}/configmaps/kept`)
    expect(headers).toMatchObject({
      'audit-id': expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      'cache-control': 'no-cache, private',
      'content-type': 'application/json',
      'x-kubernetes-pf-flowschema-uid': expect.any(String),
      'x-kubernetes-pf-prioritylevel-uid': expect.any(String),
    })
  })

  it('gives a new object its name, uid and time, and draws another name when one is taken', async () => {
    const names = new Set<string>()
    for (let at = 0; at < 20; at++) {
      const { status, json } = await w.send('POST', `${ns}/configmaps`, { metadata: { generateName: 'gen-' } })
      expect(status).toBe(201)
      names.add((json as { metadata: { name: string } }).metadata.name)
    }
    expect(names.size).toBe(20)
    expect([...names].every((name) => /^gen-[bcdfghjklmnpqrstvwxz2456789]{5}$/.test(name))).toBe(true)
  })

  it('warns of unknown fields, refuses or ignores them as asked', async () => {
    const body = { metadata: { name: 'w' }, foo: 1 }
    const warned = await w.send('POST', `${ns}/configmaps?dryRun=All`, body)
    expect(warned.headers.warning).toBe('299 - "unknown field \\"foo\\""')
    expect((await w.send('POST', `${ns}/configmaps?dryRun=All&fieldValidation=Strict`, body)).status).toBe(400)
    const ignored = await w.send('POST', `${ns}/configmaps?dryRun=All&fieldValidation=Ignore`, body)
    expect(ignored).toMatchObject({ status: 201 })
    expect(ignored.headers.warning).toBeUndefined()
  })

  it('stores nothing under dry run, whatever is written', async () => {
    const before = w.store.revision()
    await w.send('POST', `${ns}/configmaps?dryRun=All`, { metadata: { name: 'dry' } })
    await w.send('PATCH', `${ns}/configmaps/kept?dryRun=All`, { data: { x: 'y' } }, merge)
    await w.send('DELETE', `${ns}/configmaps/kept?dryRun=All`)
    await w.send('POST', `${ns}/services?dryRun=All`, { metadata: { name: 's' }, spec: { ports: [{ port: 1 }] } })
    expect(w.store.revision()).toBe(before)
  })

  it('does not raise the revision for a write that changes nothing', async () => {
    const first = await w.send('PATCH', `${ns}/configmaps/kept`, { data: { a: 'b' } }, merge)
    const before = w.store.revision()
    const second = await w.send('PATCH', `${ns}/configmaps/kept`, { data: { a: 'b' } }, merge)
    expect(second.text).toBe(first.text)
    expect(w.store.revision()).toBe(before)
  })

  it('lists in pages of one state, though objects come and go meanwhile', async () => {
    for (const name of ['pa', 'pb', 'pc', 'pd']) {
      await w.send('POST', `${ns}/secrets`, { metadata: { name, labels: { page: 'yes' } } })
    }
    const first = await w.send('GET', `${ns}/secrets?limit=2`)
    const { metadata } = first.json as { metadata: { continue: string; remainingItemCount: number } }
    expect(metadata.remainingItemCount).toBe(2)
    await w.send('DELETE', `${ns}/secrets/pc`)
    await w.send('POST', `${ns}/secrets`, { metadata: { name: 'pcc' } })
    const rest = await w.send('GET', `${ns}/secrets?limit=2&continue=${metadata.continue}`)
    expect(namesOf(rest.json)).toEqual(['pc', 'pd'])
    expect(namesOf((await w.send('GET', `${ns}/secrets`)).json)).toEqual(['pa', 'pb', 'pcc', 'pd'])
  })

  it('tells who continues a forgotten state so, with a token to go on inconsistently', async () => {
    const first = await w.send('GET', `${ns}/secrets?limit=1`)
    const token = (first.json as { metadata: { continue: string } }).metadata.continue
    await w.send('POST', `${ns}/secrets`, { metadata: { name: 'later' } })
    w.store.compact(w.store.revision())
    const expired = await w.send('GET', `${ns}/secrets?limit=1&continue=${token}`)
    expect(expired).toMatchObject({ status: 410, json: { reason: 'Expired' } })
    const again = (expired.json as { metadata: { continue: string } }).metadata.continue
    expect(namesOf((await w.send('GET', `${ns}/secrets?limit=1&continue=${again}`)).json)).toEqual(['pb'])
  })

  it('keeps a list that was asked for current', async () => {
    const names = async () => namesOf((await w.send('GET', `${ns}/events`)).json)
    expect(await names()).toEqual([])
    const involvedObject = { namespace: 'default' }
    await w.send('POST', `${ns}/events`, { metadata: { name: 'e' }, involvedObject })
    expect(await names()).toEqual(['e'])
    expect(await names()).toEqual(['e'])
    await w.send('DELETE', `${ns}/events/e`)
    expect(await names()).toEqual([])
  })

  it('binds a pod once, and deletes it in its grace period', async () => {
    await w.send('POST', `${ns}/pods`, pod('bound'))
    const binding = { metadata: { name: 'bound' }, target: { kind: 'Node', name: 'n' } }
    expect(await w.send('POST', `${ns}/pods/bound/binding`, binding)).toMatchObject({
      status: 201,
      json: { kind: 'Status', status: 'Success', code: 201 },
    })
    expect(await w.send('POST', `${ns}/pods/bound/binding`, binding)).toMatchObject({
      status: 409,
      json: {
        message: 'Operation cannot be fulfilled on pods/binding "bound": pod bound is already assigned to node "n"',
      },
    })
    expect((await w.send('DELETE', `${ns}/pods/bound`)).json).toMatchObject({
      metadata: { deletionTimestamp: expect.any(String), deletionGracePeriodSeconds: 30, generation: 2 },
    })
    expect((await w.send('DELETE', `${ns}/pods/bound?gracePeriodSeconds=50`)).json).toMatchObject({
      metadata: { deletionGracePeriodSeconds: 30 },
    })
    expect((await w.send('DELETE', `${ns}/pods/bound?gracePeriodSeconds=5`)).json).toMatchObject({
      metadata: { deletionGracePeriodSeconds: 5 },
    })
    expect((await w.send('DELETE', `${ns}/pods/bound?gracePeriodSeconds=0`)).status).toBe(200)
    expect((await w.send('GET', `${ns}/pods/bound`)).status).toBe(404)
  })

  it('lets an object with finalizers go when the last is gone', async () => {
    await w.send('POST', `${ns}/configmaps`, { metadata: { name: 'fin', finalizers: ['a.b/c'] } })
    expect((await w.send('DELETE', `${ns}/configmaps/fin?propagationPolicy=Foreground`)).json).toMatchObject({
      metadata: { deletionTimestamp: expect.any(String), finalizers: ['a.b/c', 'foregroundDeletion'] },
    })
    expect((await w.send('PATCH', `${ns}/configmaps/fin`, { metadata: { finalizers: null } }, merge)).status).toBe(200)
    expect((await w.send('GET', `${ns}/configmaps/fin`)).status).toBe(404)
  })

  it('ends a namespace in three steps, and lets nothing new into it', async () => {
    await w.send('POST', '/api/v1/namespaces', { metadata: { name: 'gone' } })
    expect((await w.send('DELETE', '/api/v1/namespaces/gone')).json).toMatchObject({ status: { phase: 'Terminating' } })
    expect(await w.send('POST', '/api/v1/namespaces/gone/configmaps', { metadata: { name: 'x' } })).toMatchObject({
      status: 403,
      json: { details: { causes: [{ reason: 'NamespaceTerminating' }] } },
    })
    const done = { metadata: { name: 'gone' }, spec: { finalizers: [] } }
    expect((await w.send('PUT', '/api/v1/namespaces/gone/finalize', done)).status).toBe(200)
    expect((await w.send('GET', '/api/v1/namespaces/gone')).status).toBe(404)
  })

  it('scales, and counts generations by what is wanted', async () => {
    const labels = { a: 'b' }
    const template = { metadata: { labels }, spec: pod('x').spec }
    const apps = '/apis/apps/v1/namespaces/default/deployments'
    await w.send('POST', apps, { metadata: { name: 'd' }, spec: { selector: { matchLabels: labels }, template } })
    const scale = { metadata: { name: 'd' }, spec: { replicas: 4 } }
    expect((await w.send('PUT', `${apps}/d/scale`, scale)).json).toMatchObject({
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      spec: { replicas: 4 },
      status: { replicas: 0, selector: 'a=b' },
    })
    await w.send('PATCH', `${apps}/d/status`, { status: { replicas: 3 }, spec: { replicas: 9 } }, merge)
    expect((await w.send('GET', `${apps}/d`)).json).toMatchObject({
      metadata: { generation: 2 },
      spec: { replicas: 4 },
      status: { replicas: 3 },
    })
  })

  it('applies a configuration to an object that is not there by making it', async () => {
    const apply = { headers: { 'content-type': 'application/apply-patch+yaml' } }
    const config = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: applied}\ndata: {a: b}\n'
    const target = `${ns}/configmaps/applied?fieldManager=me`
    expect((await w.send('PATCH', target, config, apply)).status).toBe(201)
    expect((await w.send('PATCH', target, config, apply)).status).toBe(200)
    const other = `${ns}/configmaps/applied?fieldManager=you`
    expect(await w.send('PATCH', other, config.replace('a: b', 'a: c'), apply)).toMatchObject({
      status: 409,
      json: { message: 'Apply failed with 1 conflict: conflict with "me": .data.a' },
    })
    expect((await w.send('PATCH', `${other}&force=true`, config.replace('a: b', 'a: c'), apply)).status).toBe(200)
  })

  it('turns answers into tables, metadata and YAML', async () => {
    const as = (form: string) => ({ headers: { accept: `application/json;as=${form};v=v1;g=meta.k8s.io` } })
    const table = await w.send('GET', `${ns}/configmaps/kept`, undefined, as('Table'))
    expect(table.json).toMatchObject({ kind: 'Table', rows: [{ cells: ['kept', 1, expect.any(String)] }] })
    const partial = await w.send('GET', `${ns}/configmaps`, undefined, as('PartialObjectMetadataList'))
    expect(partial.json).toMatchObject({ kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' })
    expect(partial.text).not.toContain('"data"')
    const yaml = await w.send('GET', `${ns}/configmaps/kept`, undefined, { headers: { accept: 'application/yaml' } })
    expect(yaml.text).toMatch(/^apiVersion: v1\ndata:\n {2}a: b\nkind: ConfigMap\n/)
  })

  it('tells what it serves, once whole and then by its hash', async () => {
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json'
    const first = await w.send('GET', '/apis', undefined, { headers: { accept } })
    expect(first).toMatchObject({ status: 200, json: { kind: 'APIGroupDiscoveryList' } })
    const headers = { accept, 'if-none-match': first.headers.etag ?? '' }
    expect((await w.send('GET', '/apis', undefined, { headers })).status).toBe(304)
    expect((await w.send('GET', '/apis/apps/v1')).json).toMatchObject({
      kind: 'APIResourceList',
      resources: expect.arrayContaining([
        {
          name: 'deployments/scale',
          singularName: '',
          namespaced: true,
          group: 'autoscaling',
          version: 'v1',
          kind: 'Scale',
          verbs: ['get', 'patch', 'update'],
        },
      ]),
    })
    expect((await w.send('GET', '/livez?verbose')).text).toMatch(/^\[\+\]ping ok\n.*livez check passed\n$/s)
  })

  it('begins again where it was: bootstrap changes nothing the second time, but gives back what was taken away', async () => {
    const path = '/apis/rbac.authorization.k8s.io/v1/clusterroles/system:basic-user'
    const again = async () => {
      const { store, clock, random, keys, log } = w
      await w.run((await testServer({ store, clock, random, keys, log })).start())
    }
    const before = w.store.revision()
    await again()
    expect(w.store.revision()).toBe(before)
    await w.send('PATCH', path, { rules: [] }, merge)
    await again()
    expect((await w.send('GET', path)).json).toMatchObject({ rules: expect.arrayContaining([expect.anything()]) })
    const keep = { rules: [], metadata: { annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'false' } } }
    await w.send('PATCH', path, keep, merge)
    await again()
    expect((await w.send('GET', path)).text).not.toContain('selfsubjectaccessreviews')
  })
})

function namesOf(list: unknown): readonly string[] {
  return (list as { items: { metadata: { name: string } }[] }).items.map(({ metadata }) => metadata.name)
}
