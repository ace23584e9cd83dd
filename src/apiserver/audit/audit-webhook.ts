import type { Clock, Timer } from '../../ports/clock.ts'
import type { Http } from '../../ports/http.ts'
import type { Log } from '../../ports/log.ts'
import type { Random } from '../../ports/random.ts'
import { callWebhook, type WebhookEndpoint } from '../configuration/webhook-endpoint.ts'
import type { AuditEvent, AuditSink } from './event.ts'
import { tokenBucket } from './token-bucket.ts'

type Parts = Readonly<{ http: Pick<Http, 'request'>; clock: Clock; random: Random; log: Log }>

export type BatchOptions = Readonly<{
  /** So many events wait or are on their way at most. */
  mostHeld: number
  mostInBatch: number
  batchWaitMs: number
  throttle: Readonly<{ perSecond: number; burst: number }>
  firstPauseMs: number
}>

/** Those of kube-apiserver's --audit-webhook-batch-… and --audit-webhook-initial-backoff. */
export const auditWebhookDefaults: BatchOptions = {
  mostHeld: 10_000,
  mostInBatch: 400,
  batchWaitMs: 30_000,
  throttle: { perSecond: 10, burst: 15 },
  firstPauseMs: 10_000,
}

const timeoutMs = 30_000
const attempts = 5
const pauseFactor = 1.5
const pauseJitter = 0.2

/**
 * Sends events as EventLists, many at once, so many times a second at most, each tried again a few times with longer and longer pauses,
 * whatever went wrong: apiserver's plugin/pkg/audit/buffered and webhook. What does not fit, counting what is on its way, or cannot be
 * sent, is lost, and said to be.
 */
export function auditWebhook(
  endpoint: WebhookEndpoint,
  { http, clock, random, log }: Parts,
  { mostHeld, mostInBatch, batchWaitMs, throttle, firstPauseMs }: BatchOptions = auditWebhookDefaults,
): AuditSink {
  const waiting: AuditEvent[] = []
  let held = 0
  let lost = 0
  let timer: Timer | undefined
  let isDue = false
  let isRunning = false
  let running: Promise<void> = Promise.resolve()
  const closing = new AbortController()
  const sending = new Set<Promise<void>>()
  const takeTurn = tokenBucket(clock, throttle)
  const send = delivery(endpoint, { http, clock, random, log }, firstPauseMs, closing.signal)
  /** All that waits where its time has come, else whole batches only. */
  const run = async (): Promise<void> => {
    while (waiting.length >= mostInBatch || (isDue && waiting.length > 0)) {
      if (!closing.signal.aborted) await takeTurn()
      const items = waiting.splice(0, mostInBatch)
      // One that is slow to go does not hold up those behind it.
      const sent = send(items).finally(() => {
        held -= items.length
        sending.delete(sent)
      })
      sending.add(sent)
    }
    isDue = false
    isRunning = false
    tellLost()
    if (waiting.length > 0) wait()
  }
  const start = (): void => {
    if (isRunning) return
    isRunning = true
    running = run()
  }
  const wait = (): void => {
    timer ??= clock.after(batchWaitMs, () => {
      timer = undefined
      isDue = true
      start()
    })
  }
  const tellLost = (): void => {
    if (lost > 0) log.warn('audit events were lost', { url: endpoint.url, events: lost })
    lost = 0
  }
  return {
    write(event) {
      if (held >= mostHeld) lost += 1
      else {
        held += 1
        waiting.push(event)
      }
      if (waiting.length >= mostInBatch) start()
      else wait()
    },
    async close() {
      closing.abort()
      timer?.cancel()
      isDue = true
      await running
      await run()
      await Promise.all(sending)
    },
  }
}

/** Sends one batch, as often as it takes or may be tried. Once `closing` is aborted it does not wait any more. */
function delivery(
  endpoint: WebhookEndpoint,
  { http, clock, random, log }: Parts,
  firstPauseMs: number,
  closing: AbortSignal,
): (items: readonly AuditEvent[]) => Promise<void> {
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = clock.after(ms, resolve)
      closing.addEventListener('abort', () => {
        timer.cancel()
        resolve()
      })
    })
  return async (items) => {
    const body = { kind: 'EventList', apiVersion: 'audit.k8s.io/v1', metadata: {}, items }
    let pauseMs = firstPauseMs
    for (let left = attempts - 1; ; left--) {
      const answered = await callWebhook(http, endpoint, body, timeoutMs)
      // An answer need not have a body.
      if (answered.ok || answered.error.endsWith('it answered no JSON')) return
      if (left === 0 || closing.aborted) {
        log.error('audit events could not be sent', { url: endpoint.url, events: items.length, error: answered.error })
        return
      }
      await pause(pauseMs * (1 + (pauseJitter * random.below(1000)) / 1000))
      pauseMs *= pauseFactor
    }
  }
}
