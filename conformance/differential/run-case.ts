import type { Case, Step } from './case.ts'
import { differences } from './difference.ts'
import type { Answered, Asked, Exchange } from './exchange.ts'
import { normaliser, type Plain } from './normalise.ts'
import { fill, fillText, type Known } from './template.ts'
import { viewed } from './views.ts'

export type Sides = Readonly<{ original: Exchange; coracle: Exchange }>

export type StepDifference = Readonly<{ step: number; request: string; differences: readonly string[] }>

export type Outcome = Readonly<{ name: string; differences: readonly StepDifference[] }>

/** Runs a case on both sides in lockstep, in a namespace of its own, and takes away what it made. */
export async function runCase(one: Case, namespace: string, sides: Sides): Promise<Outcome> {
  const original = side(sides.original, namespace)
  const coracle = side(sides.coracle, namespace)
  const needsNamespace = JSON.stringify(one.steps).includes('{{ns}}')
  const found: StepDifference[] = []
  try {
    if (needsNamespace) await Promise.all([original.open(), coracle.open()])
    for (const [at, step] of one.steps.entries()) {
      const pair = viewed(step.view, await Promise.all([original.take(step), coracle.take(step)]))
      const differ = differences(...pair)
      if (differ.length > 0)
        found.push({ step: at, request: `${step.method ?? 'GET'} ${step.path}`, differences: differ })
    }
  } finally {
    await Promise.all([original.close(needsNamespace), coracle.close(needsNamespace)])
  }
  return { name: one.name, differences: found }
}

type Side = Readonly<{
  open(): Promise<void>
  take(step: Step): Promise<Plain>
  close(hadNamespace: boolean): Promise<void>
}>

function side(exchange: Exchange, namespace: string): Side {
  const answers: unknown[] = []
  const made = new Set<string>()
  const { plain } = normaliser()
  const admin = (method: string, path: string, body?: unknown): Promise<Answered> =>
    exchange(asked({ method, path, body }, { namespace, answers }))
  return {
    async open() {
      await admin('POST', '/api/v1/namespaces', { metadata: { name: namespace } })
      // Controllers would make it; pods are refused without.
      await admin('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name: 'default' } })
      made.add(`/api/v1/namespaces/${namespace}/serviceaccounts/default`)
    },
    async take(step) {
      const request = asked(step, { namespace, answers })
      const answered = await answeredAs(exchange, request, step.until)
      const body = parsed(answered)
      answers.push(body)
      remember(made, request, answered, body)
      return plain(answered, prefixOf(request.body))
    },
    async close(hadNamespace) {
      for (const path of [...made].reverse()) await remove(admin, path)
      if (hadNamespace) await removeNamespace(admin, namespace)
    },
  }
}

const patienceMs = 10_000
const pauseMs = 25

/** The answer that was waited for, or after a while the last one: then it is seen to differ. */
async function answeredAs(exchange: Exchange, request: Asked, until: RegExp | undefined): Promise<Answered> {
  const giveUpMs = Date.now() + patienceMs
  for (;;) {
    const answered = await exchange(request)
    const { status, body } = answered
    if (until === undefined || until.test(`${status} ${new TextDecoder().decode(body)}`)) return answered
    if (Date.now() > giveUpMs) return answered
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}

function prefixOf(body: string | undefined): string | undefined {
  const [, prefix] = /"generateName":"([^"]+)"/.exec(body ?? '') ?? []
  return prefix
}

const patience = { gracePeriodSeconds: 0, propagationPolicy: 'Background' }

type Admin = (method: string, path: string, body?: unknown) => Promise<Answered>

async function remove(admin: Admin, path: string): Promise<void> {
  const { status } = await admin('DELETE', path, patience)
  if (status === 404) return
  if (/^\/api\/v1\/namespaces\/[^/]+$/.test(path)) return removeNamespace(admin, path.slice(path.lastIndexOf('/') + 1))
  const left = await admin('GET', path)
  if (left.status !== 200) return
  const bare = [{ op: 'add', path: '/metadata/finalizers', value: [] }]
  await admin('PATCH', path, bare)
}

async function removeNamespace(admin: Admin, namespace: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}`
  await admin('DELETE', path)
  await admin('PUT', `${path}/finalize`, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
    spec: {},
  })
}

/** What a step made, to be taken away at the end: by the name in the answer, not by what was asked for. */
function remember(made: Set<string>, { method, path }: Asked, { status }: Answered, body: unknown): void {
  const bare = path.replace(/\?.*$/, '').replace(/\/$/, '')
  if (status === 201 && method === 'PATCH') made.add(bare)
  if (status !== 201 || method !== 'POST' || /dryRun/.test(path)) return
  const name = (body as { metadata?: { name?: unknown } } | undefined)?.metadata?.name
  const isCollection = /\/(v1)\/(namespaces\/[^/]+\/)?[a-z]+$/.test(bare)
  if (typeof name === 'string' && isCollection) made.add(`${bare}/${name}`)
}

function parsed({ body }: Answered): unknown {
  const text = new TextDecoder().decode(body)
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function asked(step: Step, known: Known): Asked {
  const { method = 'GET', as, events } = step
  const filled = fill(step.body, known)
  const body = filled === undefined || typeof filled === 'string' ? filled : JSON.stringify(filled)
  const type = method === 'PATCH' ? 'application/json-patch+json' : 'application/json'
  const sent = fill(step.headers ?? {}, known) as Readonly<Record<string, string>>
  const who =
    as === undefined || as === ''
      ? {}
      : impersonation(fill(as, known) as Readonly<{ user: string; groups?: readonly string[] }>)
  return {
    method,
    path: encodeSpaces(fillText(step.path, known)),
    headers: { ...(body === undefined ? {} : { 'content-type': type }), ...who, ...sent },
    body,
    withCertificate: as !== '',
    ...(events === undefined ? {} : { lines: events }),
  }
}

/** Cases are written readably; what HTTP forbids in a path is escaped. */
function encodeSpaces(path: string): string {
  return path.replaceAll(' ', '%20').replaceAll('"', '%22')
}

function impersonation({ user, groups }: Exclude<Step['as'], '' | undefined>): Readonly<Record<string, string>> {
  return { 'impersonate-user': user, ...(groups === undefined ? {} : { 'impersonate-group': groups.join(',') }) }
}
