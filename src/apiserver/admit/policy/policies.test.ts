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
  await send('POST', '/api/v1/namespaces', { body: { metadata: { name, labels } } })
  return send
}

/** What a step's answer shows of what was recorded. */
function shown(step: Step, body: Obj, headers: Obj): Obj {
  const status = body as Step['status']
  const warning = headers.warning as string | readonly string[] | undefined
  const warnings = warning === undefined ? undefined : [warning].flat()
  if (step.status.code >= 300)
    return { code: status.code, reason: status.reason, message: status.message, details: status.details, warnings }
  const { metadata, spec, data } = body as Readonly<{ metadata: Obj; spec: any; data?: Obj }>
  if (step.path.includes('/deployments'))
    return {
      replicas: spec.replicas,
      labels: metadata.labels ?? null,
      containers: spec.template.spec.containers.map((each: any) => `${each.name}=${each.image}`),
      strategy: spec.strategy,
      warnings,
    }
  return { labels: metadata.labels, annotations: metadata.annotations, data, warnings }
}

it('answers as the original did to requests under policies', async () => {
  const send = await policyWorld()
  for (const step of recorded as readonly Step[]) {
    const { status, headers, json: body } = await send(step.method, step.path, step.body === undefined ? {} : { body: step.body })
    const at = `${step.method} ${step.path} ${JSON.stringify(step.body)}`
    const { code, ...failure } = step.status
    expect.soft(status, `${at} ${JSON.stringify(body)}`).toBe(code)
    if (status !== code || (code < 300 && step.path.startsWith(policies))) continue
    const expected = code < 300 ? step.seen : { code, ...failure }
    if (code < 300 && step.method === 'DELETE') continue
    expect.soft(shown(step, body as Obj, headers as Obj), at).toEqual({ ...expected, warnings: step.warnings })
  }
})
