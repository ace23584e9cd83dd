import type { BodyType } from '../../api/decode.ts'
import { groupResource, type Kind } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Refusal } from '../../api/refusal.ts'
import type { Result } from '../../api/result.ts'
import type { User } from '../call.ts'

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'

/** What a request is about to do, besides its object: apiserver's admission.Attributes. */
export type Attributes = Readonly<{
  operation: Operation
  user: User
  /** Of what kind the object is, unless `body` says otherwise. */
  kind: Kind
  /** The resource that the request names, where that is another version of the kind. */
  requested?: Kind
  /** What the object is where it is not of that kind: a Scale, an Eviction, PodExecOptions. */
  body?: BodyType
  namespace: string
  /** '' where it is not known yet, and for the objects of a deleted collection. */
  name: string
  subresource?: string
  /** The object as it is stored: of updates, and of deletes. */
  before?: ApiObject
  /** CreateOptions, UpdateOptions or DeleteOptions as the request gave them. */
  options: Readonly<Record<string, unknown>>
  dryRun: boolean
  /** When the request must have been answered. */
  deadlineMs: number
  warn(message: string): void
  /** Noted with the request's audit event. */
  annotate(key: string, value: string): void
  /** Time that was spent waiting for others: webhooks. */
  outside(ms: number): void
}>

/** Known at once, or later: who gets it awaits only what is a promise, so that what is known costs no turn of the event loop. */
export function isNewPod({ kind, operation, subresource }: Attributes): boolean {
  return groupResource(kind) === 'pods' && operation === 'CREATE' && subresource === undefined
}

export type Eventual<T> = T | Promise<T>

/** Passes the object on, perhaps changed, or refuses it. For DELETE the object is the one to go, which nothing changes. */
export type Mutate = (attributes: Attributes, object: ApiObject) => Eventual<Result<ApiObject, Refusal>>

/** Why the object may not be stored, or go. */
export type Validate = (attributes: Attributes, object: ApiObject) => Eventual<Refusal | undefined>

export type Plugin = Readonly<{
  /** Before the strategy prepares and validates what the client sent. */
  mutate?: Mutate
  /** After that, on the object as it will be stored. */
  validate?: Validate
  /** Whether all of `mutate` is to be gone through once more, after it has been for these attributes. Asked only after a wait. */
  wantsAgain?(attributes: Attributes): boolean
}>

/** All plugins, in order. */
export type Admission = Readonly<{ mutate: Mutate; validate: Validate }>
