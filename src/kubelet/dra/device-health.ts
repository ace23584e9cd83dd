import type { ResourceHealth } from '../../api/kinds.generated.ts'
import { type deviceHealth, draResourceHealth } from '../../api/rpc/dra-health.generated.ts'
import type { Received } from '../../api/rpc/message.ts'
import { rpcClient } from '../../client/rpc.ts'
import type { Clock, Timer } from '../../ports/clock.ts'
import type { GrpcChannel } from '../../ports/grpc.ts'
import type { PreparedDevice } from './claim-records.ts'

/** How DRA drivers say that their devices are. As the original's pkg/kubelet/cm/dra: the newest word counts for a while. */
export interface DeviceHealths {
  /** Listens to the driver until the function that it gives is called. */
  watch(driver: string, channel: GrpcChannel): () => void
  of(device: Pick<PreparedDevice, 'driver' | 'pool' | 'device'>): Pick<ResourceHealth, 'health' | 'message'>
}

type Known = Readonly<{ health: string; message: string; untilMs: number }>

const words = { HEALTHY: 'Healthy', UNHEALTHY: 'Unhealthy', UNKNOWN: 'Unknown' } as const
const defaultTimeoutMs = 30_000
const retryMs = 5_000
const longestMessage = 1024

/** changed: what is known of the driver's devices is not what it was. */
export function makeDeviceHealths(clock: Clock, changed: (driver: string) => void): DeviceHealths {
  const byDriver = new Map<string, Map<string, Known>>()
  const expiries = new Map<string, Timer>()
  /** What was said too long ago counts no more. */
  const awaitExpiry = (driver: string): void => {
    expiries.get(driver)?.cancel()
    const nowMs = clock.monotonicMs()
    const times = [...(byDriver.get(driver)?.values() ?? [])].map(({ untilMs }) => untilMs).filter((ms) => ms >= nowMs)
    if (times.length === 0) return void expiries.delete(driver)
    const expire = (): void => {
      changed(driver)
      awaitExpiry(driver)
    }
    expiries.set(driver, clock.after(Math.min(...times) - nowMs + 1, expire))
  }
  const forget = (driver: string): void => {
    expiries.get(driver)?.cancel()
    if (byDriver.delete(driver)) changed(driver)
  }
  const note = (driver: string, reported: readonly Received<typeof deviceHealth>[]): void => {
    const known = byDriver.get(driver) ?? new Map<string, Known>()
    byDriver.set(driver, known)
    let isNews = false
    for (const one of reported) {
      const key = `${one.device?.poolName}/${one.device?.deviceName}`
      const next = knownOf(one, clock.monotonicMs())
      const before = known.get(key)
      if (before?.health !== next.health || before.message !== next.message) isNews = true
      known.set(key, next)
    }
    if (isNews) changed(driver)
    awaitExpiry(driver)
  }
  return {
    watch(driver, channel) {
      const ending = new AbortController()
      let timer: Timer | undefined
      const listen = async (): Promise<void> => {
        const answers = rpcClient(channel, draResourceHealth).NodeWatchResources({}, { closed: ending.signal })
        let isServed = true
        for await (const answer of answers) {
          if (ending.signal.aborted) return
          if (answer.ok) note(driver, answer.value.devices)
          else isServed = answer.error.code !== 'Unimplemented'
        }
        forget(driver)
        // A driver need not tell; one that does, but went away, may come back.
        if (isServed && !ending.signal.aborted) timer = clock.after(retryMs, () => void listen())
      }
      void listen()
      return () => {
        timer?.cancel()
        ending.abort()
        forget(driver)
      }
    },
    of({ driver, pool, device }) {
      const known = byDriver.get(driver)?.get(`${pool}/${device}`)
      if (known === undefined || known.untilMs < clock.monotonicMs()) return { health: 'Unknown' }
      return { health: known.health, ...(known.message === '' ? {} : { message: known.message }) }
    },
  }
}

function knownOf(reported: Received<typeof deviceHealth>, nowMs: number): Known {
  const { health, message, healthCheckTimeoutSeconds } = reported
  const seconds = Number(healthCheckTimeoutSeconds)
  const timeoutMs = seconds > 0 ? seconds * 1000 : defaultTimeoutMs
  const told = message.length > longestMessage ? `${message.slice(0, longestMessage - 3)}...` : message
  return { health: words[health as keyof typeof words] ?? 'Unknown', message: told, untilMs: nowMs + timeoutMs }
}
