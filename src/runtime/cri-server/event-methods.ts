import { ok } from '../../api/result.ts'
import type { containerEventResponse, runtimeService } from '../../api/rpc/cri.generated.ts'
import type { Sent } from '../../api/rpc/message.ts'
import type { RpcHandlers } from '../../client/rpc.ts'
import type { ContainerRecord } from '../engine/engine-record.ts'
import type { RuntimeEvent } from '../pod-runtime.ts'
import { statusOf } from './container-status.ts'
import { type CriContext, nanoseconds } from './cri-context.ts'
import { containersOf } from './lookup.ts'
import { sandboxStatusMessage } from './sandbox-messages.ts'

type Methods = (typeof runtimeService)['methods']
type EventType =
  | 'CONTAINER_CREATED_EVENT'
  | 'CONTAINER_STARTED_EVENT'
  | 'CONTAINER_STOPPED_EVENT'
  | 'CONTAINER_DELETED_EVENT'
type Seen = Readonly<{ sandboxId: string; step: number }>
export type Told = Readonly<{ id: string; sandboxId: string; type: EventType; atMs: number }>

/** A subscriber that is this far behind has gone, or might as well: it is let go, and lists anew. */
const mostWaiting = 1000

export function eventMethods(context: CriContext): RpcHandlers<Methods> {
  const subscribe = eventSource(context)
  return {
    async *GetContainerEvents(_, { closed }) {
      for await (const told of subscribe(closed)) yield ok(await eventMessage(context, told))
    },
  }
}

/** Sandboxes are containers too in the CRI's events. Steps of a life: made, running, ended. */
const steps: readonly EventType[] = ['CONTAINER_CREATED_EVENT', 'CONTAINER_STARTED_EVENT', 'CONTAINER_STOPPED_EVENT']

/** The steps that somebody must hear of who has seen one of them: what happened in between is told, too. */
export function eventsBetween(before: number | undefined, after: number | undefined): readonly EventType[] {
  if (after === undefined) return before === undefined ? [] : ['CONTAINER_DELETED_EVENT']
  return steps.slice(before === undefined ? 0 : before + 1, after + 1)
}

export function containerStep({ state }: Pick<ContainerRecord, 'state'>): number {
  return { created: 0, running: 1, exited: 2, unknown: 2 }[state]
}

/** One watch of the engine for all subscribers, from the first one on. */
function eventSource(context: CriContext): (closed: AbortSignal) => AsyncIterable<Told> {
  const { engine, clock } = context
  const listeners = new Set<(told: Told) => void>()
  let seen: Map<string, Seen> | undefined
  const now = (): Map<string, Seen> =>
    new Map([
      ...engine.sandboxes().map(({ id, state }) => [id, { sandboxId: id, step: state === 'ready' ? 1 : 2 }] as const),
      ...engine.containers().map((one) => [one.id, { sandboxId: one.sandboxId, step: containerStep(one) }] as const),
    ])
  const look = ({ sandboxId, containerId = sandboxId }: RuntimeEvent): void => {
    if (seen === undefined) return
    const before = seen.get(containerId)
    const after = now().get(containerId)
    if (after === undefined) seen.delete(containerId)
    else seen.set(containerId, after)
    for (const type of eventsBetween(before?.step, after?.step))
      for (const listener of listeners) listener({ id: containerId, sandboxId, type, atMs: clock.nowMs() })
  }
  return (closed) => {
    if (seen === undefined) {
      seen = now()
      engine.onEvent(look)
    }
    return queueOf(listeners, closed)
  }
}

async function* queueOf(listeners: Set<(told: Told) => void>, closed: AbortSignal): AsyncIterable<Told> {
  const waiting: Told[] = []
  let wake: () => void = () => {}
  const listener = (told: Told): void => {
    waiting.push(told)
    wake()
  }
  listeners.add(listener)
  const onClosed = (): void => wake()
  closed.addEventListener('abort', onClosed)
  try {
    while (!closed.aborted && waiting.length <= mostWaiting) {
      const told = waiting.shift()
      if (told !== undefined) yield told
      else await new Promise<void>((resolve) => (wake = resolve))
    }
  } finally {
    listeners.delete(listener)
    closed.removeEventListener('abort', onClosed)
  }
}

async function eventMessage(
  context: CriContext,
  { id, sandboxId, type, atMs }: Told,
): Promise<Sent<typeof containerEventResponse>> {
  const sandbox = context.engine.sandboxRecord(sandboxId)
  const statuses = await Promise.all(containersOf(context, sandboxId).map((record) => statusOf(context, record)))
  return {
    containerId: id,
    containerEventType: type,
    createdAt: nanoseconds(atMs),
    ...(sandbox === undefined ? {} : { podSandboxStatus: sandboxStatusMessage(sandbox) }),
    containersStatuses: statuses,
  }
}
