import { assert } from '../api/assert.ts'
import type { ApiObject } from '../api/object.ts'
import { fail, ok } from '../api/result.ts'
import type { Clock } from '../ports/clock.ts'
import type { Disk } from '../ports/disk.ts'
import { type AtRest, plainAtRest } from './at-rest.ts'
import { checkpoints } from './checkpoint.ts'
import { type CommitQueue, commitQueue } from './commit-queue.ts'
import { type EntryMaker, entryMaker } from './entry.ts'
import { type Expiry, expiryIndex } from './expiry.ts'
import { housekeeping } from './housekeeping.ts'
import { type Keyspace, keyspace } from './keyspace.ts'
import type { StoreRecord } from './record.ts'
import { look, type Recovery, recover } from './recovery.ts'
import type { SnapshotEntry } from './snapshot.ts'
import type { Staged } from './staging.ts'
import type { Entry, Stamp, Store, StoreEvent, StoreOptions, StoreParts, Write, WriteError } from './store.ts'
import { openWal } from './wal.ts'
import { type Watchers, watcherIndex } from './watchers.ts'

type Head = (key: string) => Entry | undefined

/** What is visible, and who is to hear of it. */
type Shown = Readonly<{ visible: Keyspace; expiry: Expiry; watchers: Watchers; entries: EntryMaker }>

/** Recovers what is in the folder, which nobody else may have open, and goes on from there. */
export async function openMvccStore(
  parts: StoreParts,
  options: StoreOptions,
  release: () => Promise<void>,
): Promise<Store> {
  const { disk, clock, log, directory, atRest = plainAtRest } = parts
  const shown: Shown = {
    visible: keyspace({ events: options.historyEvents, bytes: options.historyBytes }),
    expiry: expiryIndex(),
    watchers: watcherIndex(),
    entries: entryMaker(options.parsedBytes),
  }
  const { visible, expiry, watchers, entries } = shown
  const onFatal = (error: Error): void => {
    keeper.stop()
    parts.onFatal(error)
  }
  await prepare(disk, directory, atRest)
  const { segments, snapshotRevision } = await recover(disk, log, directory, recoveryInto(shown, atRest))
  const wal = await openWal(disk, directory, segments, visible.revision() + 1)
  const thresholdBytes = (): number => Math.max(options.snapshotBytes, visible.sizeBytes() / 2)
  const visibleEntries = (): readonly SnapshotEntry[] =>
    visible.entries().map((entry) => ({ entry, expiresAtMs: expiry.expiresAtMs(entry.key) }))
  const checkpoint = checkpoints(
    {
      disk,
      clock,
      log,
      directory,
      atRest,
      wal,
      onFatal,
      thresholdBytes,
      visibleRevision: visible.revision,
      visibleEntries,
    },
    snapshotRevision,
  )
  const queue = commitQueue({
    wal,
    atRest,
    onFatal,
    visibleRevision: visible.revision,
    publish(group) {
      publish(shown, group)
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
  const expire = expirer(visible, queue, commit)
  const keeper = housekeeping({ clock, keyspace: visible, expiry, historyMs: options.historyMs, expire })
  keeper.wake()
  const close = async (): Promise<void> => {
    keeper.stop()
    await queue.close()
    await checkpoint.idle()
    await wal.close()
    watchers.clear()
    await release()
  }
  return { ...reading(shown), head, commit, flushed: queue.flushed, compact: visible.compact, close }
}

/** Lets whoever has to ask for keys see what will be opened. */
async function prepare(disk: Disk, directory: string, atRest: AtRest): Promise<void> {
  const preparing = atRest.prepare?.()
  if (preparing === undefined) return
  await look(disk, directory, preparing.see)
  await preparing.ready()
}

function recoveryInto({ visible, expiry, entries }: Shown, atRest: AtRest): Recovery {
  const entryOf = ({ key, json, revision, createRevision }: StoreRecord): Entry =>
    entries.make(key, atRest.open(key, json), revision, createRevision)
  return {
    restore(record) {
      visible.restore(entryOf(record))
      expiry.set(record.key, record.expiresAtMs)
    },
    restored: visible.restored,
    replay(record) {
      visible.apply(eventOf(record, entryOf(record), visible), record.timeMs)
      expiry.set(record.key, record.expiresAtMs)
    },
  }
}

/** First everything becomes visible, then it is told: who hears of the first event of a group can read the last. */
function publish({ visible, expiry, watchers }: Shown, group: readonly Staged[]): void {
  for (const { event, timeMs, expiresAtMs } of group) {
    visible.apply(event, timeMs)
    expiry.set(event.entry.key, expiresAtMs)
  }
  watchers.deliver(group.map((staged) => staged.event))
}

function reading({
  visible,
  watchers,
}: Shown): Pick<Store, 'revision' | 'oldestRevision' | 'get' | 'range' | 'count' | 'watch'> {
  return {
    revision: visible.revision,
    oldestRevision: visible.oldestRevision,
    get: visible.get,
    range: visible.range,
    count: visible.count,
    watch(prefix, fromRevision, onEvents) {
      const missed = visible.eventsAfter(fromRevision, prefix)
      if (!missed.ok) return missed
      const cancel = watchers.add(prefix, visible.revision(), onEvents)
      if (missed.value.length > 0) onEvents(missed.value)
      return ok({ cancel })
    },
  }
}

function expirer(
  visible: Keyspace,
  queue: CommitQueue,
  commit: Store['commit'],
): (keys: readonly string[]) => Promise<void> {
  return async (keys) => {
    const durable: Promise<void>[] = []
    for (const key of keys) {
      const entry = visible.get(key)
      // A write under way decides anew when the key expires.
      if (entry === undefined || queue.head(key) !== undefined) continue
      const result = commit({ type: 'delete', key, revision: entry.revision, stamp: stampWith(entry.object) })
      if (result.ok) durable.push(result.value.durable)
    }
    await Promise.allSettled(durable)
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
    const type = write.type === 'delete' ? 'delete' : 'put'
    const timeMs = clock.nowMs()
    const ttlSeconds = write.type === 'delete' ? undefined : write.ttlSeconds
    const durable = queue.add({
      event: before === undefined ? { type, revision, entry } : { type, revision, entry, previous: before },
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
