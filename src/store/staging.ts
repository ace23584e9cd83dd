import { assert } from '../api/assert.ts'
import type { Entry, StoreEvent } from './store.ts'

export type Staged = Readonly<{ event: StoreEvent; timeMs: number; expiresAtMs: number }>

/** Commits that become durable together. */
export type Group = Readonly<{
  staged: Staged[]
  durable: Promise<void>
  resolve: () => void
  reject: (error: Error) => void
}>

/** What has been decided but is not visible yet: the group being written, the group that waits, and the heads they make. */
export interface Staging {
  add(staged: Staged): Promise<void>
  head(key: string): Entry | 'deleted' | undefined
  headRevision(): number
  /** Takes the waiting group to be written; undefined when nothing waits. */
  begin(): Group | undefined
  /** The group being written is durable: makes way for its versions to become visible by `publish`. */
  finish(group: Group, publish: () => void): void
  /** Refuses all that is under way: later commits build on the lost ones. Their revisions go to others. Returns how many there were. */
  refuseAll(error: Error): number
  /** Resolves with the last group under way. */
  flushed(): Promise<void>
}

export function stagingArea(visibleRevision: () => number): Staging {
  const heads = new Map<string, Staged>()
  let headRevision = visibleRevision()
  let waiting = newGroup()
  let writing: Group | undefined

  return {
    add(staged) {
      assert(staged.event.revision === headRevision + 1, 'commits are staged in the order of their revisions')
      headRevision += 1
      heads.set(staged.event.entry.key, staged)
      waiting.staged.push(staged)
      return waiting.durable
    },
    head(key) {
      const staged = heads.get(key)
      if (staged === undefined) return undefined
      return staged.event.type === 'delete' ? 'deleted' : staged.event.entry
    },
    headRevision: () => headRevision,
    begin() {
      if (waiting.staged.length === 0) return undefined
      writing = waiting
      waiting = newGroup()
      return writing
    },
    finish(group, publish) {
      for (const staged of group.staged) {
        const { key } = staged.event.entry
        if (heads.get(key) === staged) heads.delete(key)
      }
      publish()
      writing = undefined
      group.resolve()
    },
    refuseAll(error) {
      const groups = [writing, waiting]
      writing = undefined
      waiting = newGroup()
      heads.clear()
      headRevision = visibleRevision()
      for (const group of groups) group?.reject(error)
      return groups.reduce((sum, group) => sum + (group?.staged.length ?? 0), 0)
    },
    flushed: () => (waiting.staged.length > 0 ? waiting.durable : (writing?.durable ?? Promise.resolve())),
  }
}

function newGroup(): Group {
  let resolve = (): void => {}
  let reject = (_error: Error): void => {}
  const durable = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  // A writer that has gone away no longer looks at its promise: that is no reason to stop the process.
  durable.catch(() => {})
  return { staged: [], durable, resolve, reject }
}
