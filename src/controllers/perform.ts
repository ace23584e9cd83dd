import { unreachable } from '../api/assert.ts'
import type { Status } from '../api/kinds.generated.ts'
import type { Kind } from '../api/kinds.ts'
import { objectKey, type StoredMeta } from '../api/object.ts'
import { ok, type Result } from '../api/result.ts'
import type { Client } from '../client/client.ts'
import type { EventRecorder } from '../client/event-recorder.ts'
import type { Action, Report, Target } from './action.ts'
import { isNamespaceTerminating, notAlive, passes } from './refused.ts'

/** What a write left behind: the version it made, or a deletion. */
export type Written = Readonly<{ kind: Kind; key: string; uid: string; resourceVersion?: string }>

export type Failure = Readonly<{ action: Action; status: Status }>

export type Performed = Readonly<{
  written: readonly Written[]
  /** The first action that failed; those after it were not tried. */
  failure?: Failure
  requeueAfterMs?: number
}>

type Writing = Exclude<Action, { type: 'event' | 'requeue' }>
type Deps = Readonly<{ client: Client; events: EventRecorder }>
type Attempt = Readonly<{ written?: Written; failure?: Failure; hopeless?: true }>

/** Deletions sent at once. */
const deletionsAtOnce = 50

/** Carries actions out. What is no failure is said in refused.ts. */
export async function perform(deps: Deps, actions: readonly Action[]): Promise<Performed> {
  const written: Written[] = []
  let requeueAfterMs: number | undefined
  let at = 0
  let batchSize = 1
  while (at < actions.length) {
    const action = actions[at] as Action
    if (action.type === 'event') deps.events.event(action.subject, action.eventType, action.reason, action.message)
    else if (action.type === 'requeue') requeueAfterMs = Math.min(action.afterMs, requeueAfterMs ?? action.afterMs)
    if (action.type === 'event' || action.type === 'requeue') {
      at += 1
      continue
    }
    batchSize = action.type === 'create' && actions[at - 1]?.type === 'create' ? batchSize * 2 : 1
    const limit = action.type === 'create' ? batchSize : action.type === 'delete' ? deletionsAtOnce : 1
    const batch = alike(actions, at, limit)
    const attempts = await Promise.all(batch.map((each) => attempt(deps, each)))
    for (const each of attempts) if (each.written !== undefined) written.push(each.written)
    const failure = attempts.find((each) => each.failure !== undefined)?.failure
    if (failure !== undefined) return { written, failure }
    if (attempts.some((each) => each.hopeless)) return { written }
    at += batch.length
  }
  return requeueAfterMs === undefined ? { written } : { written, requeueAfterMs }
}

/** The actions of the same type from there on, limit at most. */
function alike(actions: readonly Action[], from: number, limit: number): readonly Writing[] {
  const batch: Writing[] = []
  for (let at = from; at < actions.length && batch.length < limit; at++) {
    const action = actions[at] as Action
    if (action.type === 'event' || action.type === 'requeue' || action.type !== actions[from]?.type) break
    batch.push(action)
  }
  return batch
}

async function attempt(deps: Deps, action: Writing): Promise<Attempt> {
  const answer = await send(deps.client, action)
  const report = 'report' in action ? action.report : undefined
  if (answer.ok) {
    const written = answer.value
    if (report !== undefined) tellDone(deps, report, written.key)
    return { written }
  }
  if (isNamespaceTerminating(answer.error)) return { hopeless: true }
  if (passes(action, answer.error)) return {}
  if (report !== undefined) tellFailed(deps, report, answer.error)
  return { failure: { action, status: answer.error } }
}

function tellDone({ events }: Deps, { subject, done }: Report, key: string): void {
  events.event(subject, 'Normal', done.reason, done.message + key.slice(key.indexOf('/') + 1))
}

function tellFailed({ events }: Deps, { subject, failed }: Report, status: Status): void {
  events.event(subject, 'Warning', failed.reason, failed.message + (status.message ?? ''))
}

async function send(client: Client, action: Writing): Promise<Result<Written, Status>> {
  switch (action.type) {
    case 'create':
      return versionOf(
        action.kind,
        await client.create<unknown>(action.kind, { ...(action.object as object), metadata: action.object.metadata }),
      )
    case 'update':
      return versionOf(action.kind, await client.update<unknown>(action.kind, action.object))
    case 'updateStatus':
      return versionOf(action.kind, await client.update<unknown>(action.kind, action.object, 'status'))
    case 'updateApproval':
      return versionOf(action.kind, await client.update<unknown>(action.kind, action.object, 'approval'))
    case 'scale':
      return versionOf(action.kind, await client.update<unknown>(action.kind, action.object, 'scale'))
    case 'finalize':
      return versionOf(action.kind, await client.update<unknown>(action.kind, action.object, 'finalize'))
    case 'patch':
      return sendPatch(client, action)
    case 'delete':
      return sendDelete(client, action)
    default:
      unreachable(action)
  }
}

async function sendPatch(client: Client, action: Extract<Action, { type: 'patch' }>): Promise<Result<Written, Status>> {
  const { target, patch, subresource, whileAlive } = action
  const refused = whileAlive === undefined ? undefined : await notAlive(client, whileAlive)
  if (refused !== undefined) return { ok: false, error: refused }
  return versionOf(target.kind, await client.patch(target.kind, target.name, target.namespace, patch, subresource))
}

/** Only ever the life that was observed: the uid is a precondition. */
async function sendDelete(
  client: Client,
  action: Extract<Action, { type: 'delete' }>,
): Promise<Result<Written, Status>> {
  const { kind, name, namespace, uid } = action.target
  const preconditions = { uid, ...action.options?.preconditions }
  const answer = await client.delete(kind, name, namespace, { ...action.options, preconditions })
  return answer.ok ? ok({ kind, key: keyOf(action.target), uid }) : answer
}

function keyOf({ name, namespace }: Target): string {
  return objectKey({ metadata: namespace === undefined ? { name } : { name, namespace } })
}

function versionOf(kind: Kind, answer: Result<Readonly<{ metadata: StoredMeta }>, Status>): Result<Written, Status> {
  if (!answer.ok) return answer
  const { uid, resourceVersion } = answer.value.metadata
  return ok({ kind, key: objectKey(answer.value), uid, resourceVersion })
}
