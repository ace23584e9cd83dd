import { assert } from '../api/assert.ts'
import type { ApiObject } from '../api/object.ts'
import { fail, ok } from '../api/result.ts'
import type { Clock } from '../ports/clock.ts'
import { checkpoints } from './checkpoint.ts'
import { type CommitQueue, commitQueue } from './commit-queue.ts'
import { type EntryMaker, entryMaker } from './entry.ts'
import { expiryIndex } from './expiry.ts'
import { housekeeping } from './housekeeping.ts'
import { type Keyspace, keyspace } from './keyspace.ts'
import type { StoreRecord } from './record.ts'
import { recover } from './recovery.ts'
import type { Entry, Stamp, Store, StoreEvent, StoreOptions, StoreParts, Write, WriteError } from './store.ts'
import { openWal } from './wal.ts'
import { watcherIndex } from './watchers.ts'

type Head = (key: string) => Entry | undefined

/** Recovers what is in the folder, which nobody else may have open, and goes on from there. */
export async function openMvccStore(
  parts: StoreParts,
  options: StoreOptions,
  release: () => Promise<void>,
): Promise<Store> {
  const { disk, clock, log, directory, onFatal } = parts
  const entries = entryMaker(options.parsedBytes)
  const visible = keyspace({ events: options.historyEvents, bytes: options.historyBytes })
  const expiry = expiryIndex()
  const watchers = watcherIndex()
  const entryOf = ({ key, json, revision, createRevision }: StoreRecord): Entry =>
    entries.make(key, json, revision, createRevision)

  const { segments, snapshotRevision } = await recover(disk, log, directory, {
    restore(record) {
      visible.restore(entryOf(record))
      expiry.set(record.key, record.expiresAtMs)
    },
    restored: visible.restored,
    replay(record) {
      visible.apply(eventOf(record, entryOf(record), visible), record.timeMs)
      expiry.set(record.key, record.expiresAtMs)
    },
  })
  const wal = await openWal(disk, directory, segments, visible.revision() + 1)
  const checkpoint = checkpoints(
    {
      disk,
      clock,
      log,
      directory,
      wal,
      onFatal,
      thresholdBytes: () => Math.max(options.snapshotBytes, visible.sizeBytes() / 2),
      visibleRevision: visible.revision,
      visibleEntries: () => visible.entries().map((entry) => ({ entry, expiresAtMs: expiry.expiresAtMs(entry.key) })),
    },
    snapshotRevision,
  )
  const queue = commitQueue({
    wal,
    onFatal,
    visibleRevision: visible.revision,
    publish(group) {
      for (const { event, timeMs, expiresAtMs } of group) {
        visible.apply(event, timeMs)
        expiry.set(event.entry.key, expiresAtMs)
      }
      watchers.deliver(group.map((staged) => staged.event))
      keeper.wake()
    },
    betweenGroups: checkpoint.consider,
    onFull: (error, refused) => log.error('the disk is full: commits were refused', { refused, error: error.message }),
  })
  const head = (key: string): Entry | undefined => {
    const staged = queue.head(key)
    return staged === 'deleted' ? undefined : (staged ?? visible.get(key))
  }
  const commit = committer(head, queue, entries, clock)
  const keeper = housekeeping({
    clock,
    keyspace: visible,
    expiry,
    historyMs: options.historyMs,
    async expire(keys) {
      const durable: Promise<void>[] = []
      for (const key of keys) {
        const entry = visible.get(key)
        // A write under way decides anew when the key expires.
        if (entry === undefined || queue.head(key) !== undefined) continue
        const result = commit({ type: 'delete', key, revision: entry.revision, stamp: stampWith(entry.object) })
        if (result.ok) durable.push(result.value.durable)
      }
      await Promise.allSettled(durable)
    },
  })
  keeper.wake()
  return {
    revision: visible.revision,
    oldestRevision: visible.oldestRevision,
    get: visible.get,
    head,
    range: visible.range,
    count: visible.count,
    commit,
    flushed: queue.flushed,
    compact: visible.compact,
    watch(prefix, fromRevision, onEvents) {
      const missed = visible.eventsAfter(fromRevision, prefix)
      if (!missed.ok) return missed
      const cancel = watchers.add(prefix, visible.revision(), onEvents)
      if (missed.value.length > 0) onEvents(missed.value)
      return ok({ cancel })
    },
    async close() {
      keeper.stop()
      await queue.close()
      await checkpoint.idle()
      await wal.close()
      watchers.clear()
      await release()
    },
  }
}

/** The last state of an object that expires, under the revision of its deletion. */
function stampWith(object: ApiObject): Stamp {
  return (revision) => ({ ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } })
}

function eventOf(record: StoreRecord, entry: Entry, visible: Keyspace): StoreEvent {
  const previous = visible.get(record.key)
  assert(record.type === 'put' || previous !== undefined, `the deletion of ${record.key} follows its creation`)
  const event = { type: record.type === 'put' ? 'put' : 'delete', revision: record.revision, entry } as const
  return previous === undefined ? event : { ...event, previous }
}

const encoder = new TextEncoder()

function committer(head: Head, queue: CommitQueue, entries: EntryMaker, clock: Clock): Store['commit'] {
  return (write) => {
    const before = head(write.key)
    const error = refusal(write, before)
    if (error !== undefined) return fail(error)
    const revision = queue.headRevision() + 1
    const object = write.stamp(revision)
    const json = encoder.encode(JSON.stringify(object))
    const entry = entries.make(write.key, json, revision, before?.createRevision ?? revision, object)
    const event = { type: write.type === 'delete' ? 'delete' : 'put', revision, entry } as const
    const timeMs = clock.nowMs()
    const ttlSeconds = write.type === 'delete' ? undefined : write.ttlSeconds
    const durable = queue.add({
      event: before === undefined ? event : { ...event, previous: before },
      timeMs,
      expiresAtMs: ttlSeconds === undefined ? 0 : timeMs + ttlSeconds * 1000,
    })
    return ok({ entry, durable })
  }
}

function refusal(write: Write, before: Entry | undefined): WriteError | undefined {
  const { key } = write
  if (write.type === 'create') return before === undefined ? undefined : { reason: 'Exists', key }
  if (before === undefined) return { reason: 'NotFound', key }
  return before.revision === write.revision ? undefined : { reason: 'Conflict', key }
}
