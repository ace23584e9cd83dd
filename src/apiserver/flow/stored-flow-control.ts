import type { Client } from '../../client/client.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import type { Store } from '../../store/store.ts'
import { danglingKeeper } from './dangling.ts'
import { onFlowConfig, readFlowConfig } from './flow-config.ts'
import { type FlowControl, flowControl } from './flow-control.ts'
import type { FlowMeters } from './flow-meter.ts'
import type { Sizes } from './work-estimate.ts'

export type StoredFlowParts = Readonly<{
  store: Store
  clock: Clock
  log: Log
  seats: number
  objects: Sizes['objects']
  meters: FlowMeters
}>

/** Flow control by the objects in the store. */
export interface StoredFlowControl {
  readonly flow: FlowControl
  /** Lends seats, and tells schemas of their levels through the client, from now on; resolves when all have been told. */
  start(client: Client): Promise<void>
  close(): void
}

export function storedFlowControl({ store, clock, log, seats, objects, meters }: StoredFlowParts): StoredFlowControl {
  const flow = flowControl({ clock, seats, objects, meters }, readFlowConfig(store))
  let keepDangling: (() => Promise<void>) | undefined
  const unfollow = onFlowConfig(store, () => {
    flow.configure(readFlowConfig(store))
    void keepDangling?.()
  })
  return {
    flow,
    async start(client) {
      flow.start()
      keepDangling = danglingKeeper({ store, clock, log, client })
      await keepDangling()
    },
    close() {
      flow.stop()
      unfollow()
    },
  }
}
