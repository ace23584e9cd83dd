import { expect, it } from 'vitest'
import { simRun } from '../../../host/contract/sim-run.ts'
import { simClock } from '../../../host/sim/clock.ts'
import { simDisk } from '../../../host/sim/disk.ts'
import { simKeys } from '../../../host/sim/keys.ts'
import { simLog } from '../../../host/sim/log.ts'
import { simRandom } from '../../../host/sim/random.ts'
import { testWorld } from '../../test-world.ts'
import recorded from './recorded-policies.json' with { type: 'json' }

type Obj = Readonly<Record<string, unknown>>
type Step = Readonly<{
  method: string
  path: string
  body?: Obj
  status: Readonly<{ code: number; reason?: string; message?: string; details?: unknown }>
  seen?: Obj
  warnings?: readonly string[]
}>

const policies = '/apis/admissionregistration.k8s.io/'

async function policyWorld() {
  const clock = simClock()
  const random = simRandom(1)
  const run = simRun(clock)
  const log = simLog(clock)
  const { send } = await testWorld({ clock, random, log, keys: simKeys(random), disk: simDisk({ clock, random }), run })
  const name = 'cel-policies'
  const labels = { team: 'blue', 'kubernetes.io/metadata.name': name }
  await send('POST', '/api/v1/namespaces', { metadata: { name, labels } })
  return send
}

type Spec = Readonly<{
  replicas: number
  strategy: unknown
  template: Readonly<{ spec: Readonly<{ containers: readonly Readonly<{ name: string; image: string }>[] }> }>
}>

/** What an answer shows of what was recorded of the original's. */
function shown(path: string, body: Obj): Obj {
  if (body.kind === 'Status') return { reason: body.reason, message: body.message, details: body.details }
  const { metadata, spec, data } = body as Readonly<{ metadata: Obj; spec: Spec; data?: Obj }>
  const { labels, annotations } = metadata
  if (!path.includes('/deployments')) return { labels, annotations, data }
  const containers = spec.template.spec.containers.map(({ name, image }) => `${name}=${image}`)
  return { replicas: spec.replicas, labels: labels ?? null, containers, strategy: spec.strategy }
}

/** Without what is made up at random. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value).replaceAll(/gen-\w{5}/g, 'gen-made'))

it('answers as the original did to requests under policies', async () => {
  const send = await policyWorld()
  for (const { method, path, body, status, seen = {}, warnings = [] } of recorded as readonly Step[]) {
    const sent = await send(method, path, body)
    const at = `${method} ${path} ${JSON.stringify(body)}: ${sent.text}`
    const { code, ...failure } = status
    expect.soft(sent.status, at).toBe(code)
    const warned = (sent.headers.warning ?? '').split(/, (?=299 - )/).filter((each) => each !== '')
    expect.soft(warned, at).toEqual(warnings)
    if (code < 300 && (method === 'DELETE' || path.startsWith(policies))) continue
    expect.soft(plain(shown(path, sent.json as Obj)), at).toEqual(plain(code < 300 ? seen : failure))
  }
})

const rule = { apiGroups: ['authorization.k8s.io'], apiVersions: ['v1'], operations: ['CREATE'] }
const reviewPolicy = {
  metadata: { name: 'reviews' },
  spec: {
    matchConstraints: {
      resourceRules: [{ ...rule, resources: ['subjectaccessreviews', 'localsubjectaccessreviews'] }],
    },
    validations: [{ expression: 'object.spec.user != "mallory"', message: 'nobody asks about mallory' }],
  },
}
const reviewBinding = {
  metadata: { name: 'reviews' },
  spec: { policyName: 'reviews', validationActions: ['Deny'] },
}

it('asks no policy about reviews, nor whether their namespace is there', async () => {
  const send = await policyWorld()
  expect(await send('POST', `${policies}v1/validatingadmissionpolicies`, reviewPolicy)).toMatchObject({ status: 201 })
  await send('POST', `${policies}v1/validatingadmissionpolicybindings`, reviewBinding)
  for (const path of ['subjectaccessreviews', 'namespaces/nowhere/localsubjectaccessreviews']) {
    const resourceAttributes = { verb: 'get', resource: 'pods', namespace: 'nowhere' }
    const asked = { spec: { user: 'mallory', resourceAttributes } }
    const answer = await send('POST', `/apis/authorization.k8s.io/v1/${path}`, asked)
    expect(answer).toMatchObject({ status: 201, json: { status: { allowed: false } } })
  }
})
