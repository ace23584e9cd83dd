import type { Stored } from '../api/object.ts'

/** A local, eventually consistent copy of one kind, kept by list and watch. Objects are shared: never change one. They come
 * without metadata.managedFields, which an update may leave out. */
export interface Informer<T> {
  /** By objectKey: 'namespace/name' or 'name'. */
  get(key: string): Stored<T> | undefined
  /** In key order. */
  list(): readonly Stored<T>[]
  /** Objects whose index function (given when the informer was made) yields the value, in key order. */
  indexed(index: string, value: string): readonly Stored<T>[]
  /** The newest resourceVersion that the copy is known to include; '' before the first list. */
  resourceVersion(): string
  /** True once the first list is complete. */
  synced(): boolean
  whenSynced(): Promise<void>
  /** Called after the copy has changed: with both states for an update, one of them for a creation or deletion. */
  onChange(listener: (before: Stored<T> | undefined, after: Stored<T> | undefined) => void): void
  stop(): void
}
