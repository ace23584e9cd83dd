import type { Pod, PodCondition, Status } from '../api/kinds.generated.ts'
import { kinds } from '../api/kinds.ts'
import type { Stored } from '../api/object.ts'
import { timestampOf } from '../api/wire-time.ts'
import type { Client } from '../client/client.ts'
import type { EventRecorder } from '../client/event-recorder.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Decision } from './decide.ts'
import type { PodInfo } from './pod-info.ts'
import type { Preemption } from './preemption.ts'

export type PodWriterParts = Readonly<{ client: Client; events: EventRecorder; clock: Clock; log: Log }>

/** Everything the scheduler writes: bindings, events, conditions, and victims' ends. */
export interface PodWriter {
  /** Undefined: bound. */
  bind(info: PodInfo, nodeName: string): Promise<Status | undefined>
  unschedulable(info: PodInfo, decision: Extract<Decision, Readonly<{ type: 'unschedulable' }>>): void
  failed(info: PodInfo, why: string): void
  stop(): void
}

/** Status writes under way; later ones for the same pod replace earlier ones that wait. */
const maxWrites = 16
/** events.k8s.io NoteLengthLimit. */
const maxNoteLength = 1024

type StatusPatch = Readonly<{ info: PodInfo; status: Readonly<Record<string, unknown>> }>

export function makePodWriter({ client, events, clock, log }: PodWriterParts): PodWriter {
  const waiting = new Map<string, StatusPatch>()
  let writing = 0
  let stopped = false

  const patchStatus = async ({ info, status }: StatusPatch): Promise<void> => {
    const { name, namespace, uid } = info.pod.metadata
    const body = { metadata: { uid }, status }
    const patched = await client.patch(kinds.pods, name, namespace, { type: 'strategic', body }, 'status')
    if (!patched.ok && patched.error.code !== 404 && patched.error.code !== 409) {
      log.warn('cannot write a pod’s scheduling condition', { pod: info.key, message: patched.error.message })
    }
  }
  const drain = (): void => {
    for (const [key, patch] of waiting) {
      if (writing >= maxWrites || stopped) return
      waiting.delete(key)
      writing++
      void patchStatus(patch).finally(() => {
        writing--
        drain()
      })
    }
  }
  const write = (info: PodInfo, condition: PodCondition, extra: Readonly<Record<string, unknown>>): void => {
    const changed = updatedCondition(info.pod, condition, clock.nowMs())
    if (changed === undefined && Object.keys(extra).length === 0) return
    waiting.set(info.uid, { info, status: { ...extra, ...(changed && { conditions: [changed] }) } })
    drain()
  }
  const condition = (info: PodInfo, reason: string, message: string): PodCondition => {
    const { generation } = info.pod.metadata
    const observed = generation === undefined ? {} : { observedGeneration: generation }
    return { type: 'PodScheduled', status: 'False', reason, message, ...observed }
  }
  return {
    async bind(info, nodeName) {
      const { name, namespace = '', uid } = info.pod.metadata
      const target = { kind: 'Node', name: nodeName }
      const body = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace, uid }, target }
      const bound = await client.createSubresource(kinds.pods, name, namespace, 'binding', body)
      if (!bound.ok) return bound.error
      events.event(info.pod, 'Normal', 'Scheduled', `Successfully assigned ${info.key} to ${nodeName}`)
      return undefined
    },
    unschedulable(info, { message, preemption, clearNomination }) {
      const had = info.pod.status.nominatedNodeName ?? ''
      const nomination = preemption?.nodeName ?? (clearNomination ? '' : had)
      events.event(info.pod, 'Warning', 'FailedScheduling', cut(message))
      write(
        info,
        condition(info, 'Unschedulable', message),
        nomination === had ? {} : { nominatedNodeName: nomination || null },
      )
      if (preemption !== undefined) evict(client, events, clock, log, info, preemption)
    },
    failed(info, why) {
      events.event(info.pod, 'Warning', 'FailedScheduling', cut(why))
      write(info, condition(info, 'SchedulerError', why), {})
    },
    stop() {
      stopped = true
    },
  }
}

function evict(
  client: Client,
  events: EventRecorder,
  clock: Clock,
  log: Log,
  preemptor: PodInfo,
  { nodeName, victims }: Preemption,
): void {
  for (const victim of victims) {
    if (victim.terminating) continue
    void deleteVictim(client, clock, victim).then((refused) => {
      if (refused !== undefined) return log.warn('cannot preempt a pod', { pod: victim.key, message: refused.message })
      events.event(victim.pod, 'Normal', 'Preempted', `Preempted by pod ${preemptor.uid} on node ${nodeName}`)
    })
  }
}

async function deleteVictim(client: Client, clock: Clock, { pod }: PodInfo): Promise<Status | undefined> {
  const { name, namespace, uid, generation } = pod.metadata
  const condition = updatedCondition(
    pod,
    {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'PreemptionByScheduler',
      message: 'default-scheduler: preempting to accommodate a higher priority pod',
      ...(generation === undefined ? {} : { observedGeneration: generation }),
    },
    clock.nowMs(),
  )
  const body = { metadata: { uid }, status: { conditions: condition === undefined ? [] : [condition] } }
  const patched = await client.patch(kinds.pods, name, namespace, { type: 'strategic', body }, 'status')
  if (!patched.ok && patched.error.code !== 404) return patched.error
  const deleted = await client.delete(kinds.pods, name, namespace, { preconditions: { uid } })
  return deleted.ok || deleted.error.code === 404 ? undefined : deleted.error
}

/** The condition to write, with the time it last changed its status; undefined: the pod has just this one. */
function updatedCondition({ status }: Stored<Pod>, wanted: PodCondition, nowMs: number): PodCondition | undefined {
  const old = status.conditions?.find(({ type }) => type === wanted.type)
  const same = old?.status === wanted.status
  if (
    same &&
    old.reason === wanted.reason &&
    old.message === wanted.message &&
    old.observedGeneration === wanted.observedGeneration
  ) {
    return undefined
  }
  return { ...wanted, lastTransitionTime: (same ? old.lastTransitionTime : undefined) ?? timestampOf(nowMs) }
}

function cut(message: string): string {
  return message.length <= maxNoteLength ? message : `${message.slice(0, maxNoteLength - 4)} ...`
}
