import type { Clock, Timer } from '../../ports/clock.ts'
import type { Http } from '../../ports/http.ts'
import type { Log } from '../../ports/log.ts'
import { callWebhook, type WebhookEndpoint } from '../configuration/webhook-endpoint.ts'
import type { AuditEvent, AuditSink } from './event.ts'

type Parts = Readonly<{ http: Pick<Http, 'request'>; clock: Clock; log: Log }>

// kube-apiserver's own defaults of --audit-webhook-batch-…
const mostWaiting = 10_000
const mostInBatch = 400
const batchWaitMs = 30_000
const timeoutMs = 30_000
const attempts = 4
const firstPauseMs = 10_000

/** Sends events as EventLists, many at once. What does not fit, or cannot be sent, is lost, and said to be. */
export function auditWebhook(endpoint: WebhookEndpoint, { http, clock, log }: Parts): AuditSink {
  let waiting: AuditEvent[] = []
  let lost = 0
  let timer: Timer | undefined
  let running: Promise<void> | undefined
  let isClosed = false

  const send = async (items: readonly AuditEvent[]): Promise<void> => {
    const body = { kind: 'EventList', apiVersion: 'audit.k8s.io/v1', metadata: {}, items }
    for (let attempt = 1, pauseMs = firstPauseMs; ; attempt++, pauseMs *= 1.5) {
      const answered = await callWebhook(http, endpoint, body, timeoutMs)
      // An answer need not have a body.
      if (answered.ok || answered.error.endsWith('it answered no JSON')) return
      if (attempt < attempts && !isClosed) await clock.sleep(pauseMs)
      else {
        log.error('audit events could not be sent', { url: endpoint.url, events: items.length, error: answered.error })
        return
      }
    }
  }
  const run = async (): Promise<void> => {
    timer?.cancel()
    timer = undefined
    while (waiting.length > 0) {
      const items = waiting.slice(0, mostInBatch)
      waiting = waiting.slice(mostInBatch)
      await send(items)
    }
    if (lost > 0) log.warn('audit events were lost', { url: endpoint.url, events: lost })
    lost = 0
    running = undefined
  }
  const start = (): void => {
    running ??= run()
  }
  return {
    write(event) {
      if (waiting.length >= mostWaiting) {
        lost += 1
        return
      }
      waiting.push(event)
      if (waiting.length >= mostInBatch) start()
      else timer ??= clock.after(batchWaitMs, start)
    },
    async close() {
      isClosed = true
      timer?.cancel()
      if (waiting.length > 0) start()
      await running
    },
  }
}
