import type { Clock, Timer } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import { type CriClient, rpcMessage } from './cri-client.ts'
import type { CriState } from './cri-state.ts'

/** The original's; where the runtime tells of changes, lists only mend what was missed. */
const relistMs = 1_000
const relistWithEventsMs = 10_000

/** Keeps what is known current: by lists, and at once where the runtime tells that something has changed. */
export function startCriWatch(
  { runtime }: CriClient,
  state: CriState,
  { clock, log }: Readonly<{ clock: Clock; log: Log }>,
): Readonly<{ stop(): void }> {
  const stopped = new AbortController()
  const closed = stopped.signal
  let hasEvents = false
  let answers = true
  let timer: Timer | undefined
  /** Something has changed since the list under way was asked for. */
  let again = false
  let running = false
  const relist = async (): Promise<void> => {
    again = true
    if (running) return
    running = true
    timer?.cancel()
    while (again && !closed.aborted) {
      again = false
      const answered = await state.relist()
      if (answered !== answers)
        log[answered ? 'info' : 'warn'](`the container runtime ${answered ? 'answers again' : 'does not answer'}`)
      answers = answered
    }
    running = false
    if (!closed.aborted) timer = clock.after(hasEvents && answers ? relistWithEventsMs : relistMs, () => void relist())
  }
  const listen = async (): Promise<void> => {
    while (!closed.aborted) {
      for await (const event of runtime.GetContainerEvents({}, { closed })) {
        if (!event.ok && event.error.code === 'Unimplemented') return
        if (closed.aborted) return
        if (!event.ok) log.info('events of the container runtime broke off', { message: rpcMessage(event.error) })
        hasEvents = event.ok
        void relist()
      }
      hasEvents = false
      await clock.sleep(relistMs)
    }
  }
  void listen()
  timer = clock.after(relistMs, () => void relist())
  return {
    stop() {
      stopped.abort()
      timer?.cancel()
    },
  }
}
