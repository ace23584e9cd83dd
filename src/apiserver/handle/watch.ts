import type { Kind } from '../../api/kinds.ts'
import type { Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { statusOf } from '../../api/status.ts'
import type { Clock, Timer } from '../../ports/clock.ts'
import type { Random } from '../../ports/random.ts'
import type { ByteSink } from '../../ports/streams.ts'
import type { Entry, Store, StoreEvent, StoreWatch } from '../../store/store.ts'
import type { Answer, Call } from '../call.ts'
import { scopePrefix, storeKey } from '../resource.ts'
import { showEntries, showEvents, storedEntry } from '../versions/shown.ts'
import { type InTurn, inTurn } from './in-turn.ts'
import { type ListOptions, listOptions, revisionOf } from './list-options.ts'
import { matches, type Selection, selectionOf } from './selection.ts'
import { versionUnread } from './update.ts'
import { asOf, typeOf, type WatchEncoder, type WatchEventType } from './watch-encoding.ts'
import type { WatchMeter, WatchMeters } from './watch-meter.ts'

/** A watcher that is this far behind is ended; its client lists again, as it does when kube-apiserver drops it. */
const behindLimitBytes = 16 * 1024 * 1024
/** As the watch cache does, about once a minute. */
const bookmarkMs = 60_000
/** Without timeoutSeconds a watch ends after half an hour to an hour: --min-request-timeout, and as much again at random. */
const minTimeoutMs = 1_800_000

export type WatchParts = Readonly<{ store: Store; clock: Clock; random: Random; watchMeters: WatchMeters }>

export function watchObjects(
  parts: WatchParts,
  kind: Kind,
  call: Call,
  encoder: WatchEncoder,
): Result<Answer, Refusal> {
  const options = listOptions(call.query, true)
  if (!options.ok) return options
  const selection = selectionOf(kind, call.query, call.info.hasName ? call.info.name : '')
  if (!selection.ok) return selection
  const revision = revisionOf(options.value.resourceVersion)
  if (!revision.ok) return fail(unreadVersion(options.value.resourceVersion))
  const meter = parts.watchMeters(kind)
  const watch = { parts, kind, selection: selection.value, options: options.value, encoder, meter }
  const prefix = watchPrefix(selection.value, call.info.namespace)
  const start = (sink: ByteSink): void =>
    void runWatch({ ...watch, prefix, since: revision.value, turn: inTurn() }, sink)
  const headers = { 'content-type': encoder.contentType }
  return ok({ type: 'response', response: { type: 'stream', status: 200, headers, start } })
}

function unreadVersion(text: string): Refusal {
  return versionUnread(text, `resourceVersion: Invalid value: ${JSON.stringify(text)}: `)
}

function watchPrefix({ kind, name }: Selection, namespace: string): string {
  const one = name !== undefined && (!kind.namespaced || namespace !== '')
  return one ? storeKey(kind, namespace, name) : scopePrefix(kind, namespace)
}

type Watch = Readonly<{
  parts: WatchParts
  kind: Kind
  selection: Selection
  options: ListOptions
  encoder: WatchEncoder
  meter: WatchMeter
  prefix: string
  since: number
  /** Everything that is sent waits for what came before it: a webhook may have to convert that first. */
  turn: InTurn
}>

async function runWatch(watch: Watch, sink: ByteSink): Promise<void> {
  const { parts, options } = watch
  const timers: Timer[] = []
  const retired = watch.kind.custom?.retired
  const end = (): void => sink.end()
  retired?.addEventListener('abort', end)
  let following: StoreWatch | undefined
  sink.closed.addEventListener('abort', () => {
    retired?.removeEventListener('abort', end)
    following?.cancel()
    for (const timer of timers) timer.cancel()
  })
  timers.push(parts.clock.after(timeoutMs(watch), end))
  const since = await sendInitial(watch, sink)
  if (sink.closed.aborted) return
  following = follow(watch, since, sink)
  if (following !== undefined && options.allowWatchBookmarks) sendBookmarks(watch, sink, timers)
}

function timeoutMs({ options, parts }: Watch): number {
  const { timeoutSeconds = 0 } = options
  return timeoutSeconds > 0 ? timeoutSeconds * 1000 : minTimeoutMs + parts.random.below(minTimeoutMs)
}

/** Sends the present state where it is asked for. Returns the revision from which to follow. */
async function sendInitial(watch: Watch, sink: ByteSink): Promise<number> {
  const { parts, options, since, encoder } = watch
  const wantsState = options.sendInitialEvents ?? since === 0
  if (!wantsState) return since === 0 ? parts.store.revision() : since
  const answer = parts.store.range({ prefix: watch.prefix })
  if (!answer.ok) return since
  await sendState(watch, answer.value.entries, sink)
  const { revision } = answer.value
  if (options.sendInitialEvents === true && options.allowWatchBookmarks) {
    sink.write(encoder.bookmark(String(revision), true))
  }
  return revision
}

async function sendState(watch: Watch, stored: readonly Entry[], sink: ByteSink): Promise<void> {
  const shown = await showEntries(watch.kind, stored)
  if (!shown.ok) return refuse(watch, shown.error, sink)
  for (const entry of shown.value) {
    if (!isSelected(watch, entry)) continue
    if (!sendOne(watch, 'ADDED', entry, sink)) await sink.drained()
    if (sink.closed.aborted) return
  }
}

function follow(watch: Watch, since: number, sink: ByteSink): StoreWatch | undefined {
  const { parts, prefix } = watch
  const current = parts.store.revision()
  const onEvents = (events: readonly StoreEvent[]): void => send(watch, events, sink)
  // A revision to come is waited for: the watch begins with the first event after it.
  const started = parts.store.watch(
    prefix,
    Math.min(since, current),
    since > current ? later(since, onEvents) : onEvents,
  )
  if (started.ok) return started.value
  const message = `too old resource version: ${since} (${started.error.oldest})`
  refuse(watch, { reason: 'Expired', message }, sink)
  return undefined
}

/** The last that a watcher hears: why it can hear no more. */
function refuse({ encoder }: Watch, refusal: Refusal, sink: ByteSink): void {
  const { metadata: _empty, ...status } = statusOf(refusal)
  sink.write(encoder.error({ ...status, metadata: {} }))
  sink.end()
}

function later(since: number, onEvents: (events: readonly StoreEvent[]) => void) {
  return (events: readonly StoreEvent[]): void => {
    const due = events.filter((event) => event.revision > since)
    if (due.length > 0) onEvents(due)
  }
}

function send(watch: Watch, events: readonly StoreEvent[], sink: ByteSink): void {
  watch.turn(showEvents(watch.kind, events), (shown) => {
    if (sink.closed.aborted) return
    if (shown.ok) sendShown(watch, shown.value, sink)
    else refuse(watch, shown.error, sink)
  })
}

function sendShown(watch: Watch, events: readonly StoreEvent[], sink: ByteSink): void {
  if (watch.selection.all) sendAll(watch, events, sink)
  else {
    for (const event of events) {
      const seen = selected(watch, event)
      if (seen !== undefined) sendOne(watch, seen.type, seen.entry, sink)
    }
  }
  if (sink.bufferedBytes() > behindLimitBytes) sink.end()
}

function sendAll({ encoder, meter }: Watch, events: readonly StoreEvent[], sink: ByteSink): void {
  let sizeBytes = 0
  for (const { entry } of events) {
    meter.sent(entry.json.length)
    sizeBytes += entry.json.length
  }
  if (sink.pass === undefined || !encoder.isPlain) sink.write(encoder.batch(events))
  else
    sink.pass(
      events.map((event) => ({ type: typeOf(event), object: event.entry.object })),
      sizeBytes,
    )
}

/** Whoever is in this process has the object itself. */
function sendOne({ encoder, meter }: Watch, type: WatchEventType, entry: Entry, sink: ByteSink): boolean {
  meter.sent(entry.json.length)
  return sink.pass !== undefined && encoder.isPlain
    ? sink.pass([{ type, object: entry.object }], entry.json.length)
    : sink.write(encoder.event(type, entry))
}

function isSelected({ kind, selection }: Watch, shown: Entry): boolean {
  if (selection.all) return true
  return matches(selection, kind === selection.kind ? shown.object : storedEntry(shown).object)
}

/** What a watcher of the selection sees: an object that begins to match is added to it, one that ceases to is deleted from it. */
function selected(watch: Watch, event: StoreEvent): Readonly<{ type: WatchEventType; entry: Entry }> | undefined {
  const { entry, previous, revision } = event
  const before = previous !== undefined && isSelected(watch, previous)
  if (event.type === 'delete') return before ? { type: 'DELETED', entry } : undefined
  const after = isSelected(watch, entry)
  if (after) return { type: before ? typeOf(event) : 'ADDED', entry }
  return before && previous !== undefined ? { type: 'DELETED', entry: asOf(previous, revision) } : undefined
}

/** Events are told synchronously as they become visible, so whoever follows has seen everything up to the store's revision. */
function sendBookmarks(watch: Watch, sink: ByteSink, timers: Timer[]): void {
  const { parts, encoder, turn } = watch
  const next = (): void => {
    timers[1] = parts.clock.after(bookmarkMs, () => {
      const revision = String(parts.store.revision())
      turn(undefined, () => sink.write(encoder.bookmark(revision, false)))
      next()
    })
  }
  next()
}
