import type { BodyType } from '../api/decode.ts'
import type { Kind } from '../api/kinds.ts'
import type { ApiObject } from '../api/object.ts'
import type { Refusal } from '../api/refusal.ts'
import type { Result } from '../api/result.ts'
import type { HttpRequest, HttpResponse } from '../ports/http.ts'
import type { Entry } from '../store/store.ts'
import type { RequestInfo } from './request-info.ts'

export type User = Readonly<{
  name: string
  uid?: string
  groups: readonly string[]
  extra?: Readonly<Record<string, readonly string[]>>
}>

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection'

export type Handle = (call: Call) => Promise<Result<Answer, Refusal>> | Result<Answer, Refusal>

/** One resource or subresource that is served: routes and discovery are made from the table of these. */
export type Endpoint = Readonly<{
  group: string
  version: string
  plural: string
  subresource?: string
  namespaced: boolean
  /** What requests and answers carry, as discovery names it. */
  body: BodyType
  /** The stored kind beneath; absent for virtual ones such as SubjectAccessReview. */
  kind?: Kind
  handles: Readonly<Partial<Record<Verb, Handle>>>
  /** What discovery tells of, in its order, where that is not all that is handled in the usual order. */
  advertised?: readonly Verb[]
}>

/** A request that has been authenticated and authorised, with what it is for. */
export type Call = Readonly<{
  request: HttpRequest
  info: RequestInfo
  query: URLSearchParams
  user: User
  endpoint: Endpoint
  /** When it must have been answered. */
  deadlineMs: number
  /** Sent as Warning headers with the answer. Handlers add to it. */
  warnings: string[]
  /** Noted with the request's audit event, if it has one. */
  annotate(key: string, value: string): void
  /** Time that was spent waiting for others: webhooks. */
  outside(ms: number): void
}>

/** What a handler answers, before it gets the form that the client accepts. */
export type Answer =
  /** An object as the store has it: sent without encoding it again. */
  | Readonly<{ type: 'entry'; status: 200 | 201; kind: Kind; entry: Entry }>
  /** An object made for this answer. `kind` where it is one of a stored kind, so that it has a table. */
  | Readonly<{ type: 'object'; status: 200 | 201 | 202; object: ApiObject | StatusObject; kind?: Kind }>
  /** What is answered and never stored, such as access reviews and tokens: it has metadata, but no table. */
  | Readonly<{ type: 'review'; object: ApiObject }>
  /** `prefix` where these are all objects with it, now: then the answer's bytes may be kept and sent again. */
  | Readonly<{ type: 'list'; kind: Kind; entries: () => readonly Entry[]; meta: ListMeta; prefix?: string }>
  /** Ready for the wire: discovery, health, streams, proxied answers. */
  | Readonly<{ type: 'response'; response: HttpResponse }>

export type StatusObject = Readonly<{ kind: string; apiVersion: string }>

/** Without a version where nothing is stored. */
export type ListMeta = Readonly<{ resourceVersion?: string; continue?: string; remainingItemCount?: number }>
