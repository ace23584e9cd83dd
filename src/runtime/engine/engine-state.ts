import { assert } from '../../api/assert.ts'
import type { Disk } from '../../ports/disk.ts'
import type { Log } from '../../ports/log.ts'
import type { RuntimeEvent } from '../pod-runtime.ts'
import type { EnginePaths } from './engine-parts.ts'
import type { ContainerRecord, SandboxRecord } from './engine-record.ts'

/** Sandboxes and containers as the engine knows them: in memory for readers, on disk for the next process. */
export interface EngineState {
  readonly sandboxes: ReadonlyMap<string, SandboxRecord>
  readonly containers: ReadonlyMap<string, ContainerRecord>
  /** Readers see it at once; the promise resolves when it is written. */
  putSandbox(record: SandboxRecord): Promise<void>
  putContainer(record: ContainerRecord): Promise<void>
  dropSandbox(id: string): Promise<void>
  dropContainer(id: string): Promise<void>
  onEvent(listener: (event: RuntimeEvent) => void): void
  /** Resolves when the container is no longer running, or is gone. */
  whenEnded(id: string): Promise<void>
}

export function engineState(disk: Disk, paths: EnginePaths, log: Log): EngineState {
  const sandboxes = new Map<string, SandboxRecord>()
  const containers = new Map<string, ContainerRecord>()
  const listeners: ((event: RuntimeEvent) => void)[] = []
  const waiting = new Map<string, (() => void)[]>()
  const writes = orderedWrites(disk, log)
  const tell = (event: RuntimeEvent): void => {
    for (const listener of listeners) listener(event)
  }
  const wake = (id: string): void => {
    const woken = waiting.get(id) ?? []
    waiting.delete(id)
    for (const resolve of woken) resolve()
  }
  return {
    sandboxes,
    containers,
    putSandbox(record) {
      sandboxes.set(record.id, record)
      tell({ type: 'sandbox-changed', sandboxId: record.id })
      return writes.put(paths.sandboxRecord(record.id), record)
    },
    putContainer(record) {
      assert(sandboxes.has(record.sandboxId), 'a container belongs to a sandbox')
      containers.set(record.id, record)
      if (record.state !== 'running') wake(record.id)
      tell({ type: 'container-changed', sandboxId: record.sandboxId, containerId: record.id })
      return writes.put(paths.containerRecord(record.id), record)
    },
    dropSandbox(id) {
      sandboxes.delete(id)
      tell({ type: 'sandbox-changed', sandboxId: id })
      return writes.drop(paths.sandboxRecord(id))
    },
    dropContainer(id) {
      const sandboxId = containers.get(id)?.sandboxId
      containers.delete(id)
      wake(id)
      if (sandboxId !== undefined) tell({ type: 'container-changed', sandboxId, containerId: id })
      return writes.drop(paths.containerRecord(id))
    },
    onEvent: (listener) => void listeners.push(listener),
    whenEnded(id) {
      if (containers.get(id)?.state !== 'running') return Promise.resolve()
      return new Promise((resolve) => waiting.set(id, [...(waiting.get(id) ?? []), resolve]))
    },
  }
}

/** Writes of one file happen in the order they were asked for. */
function orderedWrites(disk: Disk, log: Log) {
  const tails = new Map<string, Promise<void>>()
  const after = (path: string, work: () => Promise<void>): Promise<void> => {
    const run = (tails.get(path) ?? Promise.resolve()).then(work).catch((error: unknown) => {
      // The kernel still knows the truth; the next start will find it there.
      log.error('cannot write a record', { path, error: String(error) })
    })
    const tail = run.then(() => {
      if (tails.get(path) === tail) tails.delete(path)
    })
    tails.set(path, tail)
    return run
  }
  return {
    put: (path: string, record: unknown) =>
      after(path, () => disk.writeFile(path, new TextEncoder().encode(JSON.stringify(record)), { mode: 0o600 })),
    drop: (path: string) => after(path, () => disk.remove(path)),
  }
}
