import type { Kind } from './kinds.ts'
import type { ApiObject } from './object.ts'
import type { Refusal } from './refusal.ts'
import type { Result } from './result.ts'

/** Converted objects, in the order of those given. A promise where somebody else converts them: a webhook. */
export type Conversion = Result<readonly ApiObject[], Refusal> | Promise<Result<readonly ApiObject[], Refusal>>

/**
 * How one served version of a kind and the form in which its objects are stored become one another. The stored objects are those of
 * one kind, `stored`; every other version that is served has a Versioning, and so has `stored` itself where what was stored once may
 * be shown otherwise today (custom resources: defaults and fields that a schema has gained or lost).
 *
 * To add a version to a kind of Kubernetes' own: write the two pure functions in a file of api/conversion/, and define the version in
 * the table of kinds with `versioning: versionOf(theStoredKind, toStored, fromStored)`. Rules (validation, strategy, admission,
 * tables of columns) are written once, for the stored version; defaults are the version's own.
 */
export type Versioning = Readonly<{
  stored: Kind
  /**
   * Whose form admission, validation and strategies see. 'stored': Kubernetes' own kinds. 'served': custom resources, each version of
   * which has a schema of its own.
   */
  judgedAs: 'stored' | 'served'
  /** Gives an object itself back where it is stored as it is shown: then its stored bytes are sent. */
  fromStored(objects: readonly ApiObject[]): Conversion
  toStored(objects: readonly ApiObject[]): Conversion
  /** Conversions may have to be waited for. */
  waits?: true
}>

/** The kind as which the objects of a kind are stored: itself, but for kinds with several versions. */
export function storedKind(kind: Kind): Kind {
  return kind.versioning?.stored ?? kind
}

/** The kind whose rules an object of the kind has to keep. */
export function judgedKind(kind: Kind): Kind {
  return kind.versioning?.judgedAs === 'stored' ? kind.versioning.stored : kind
}
