import type { Kind } from '../api/kinds.ts'
import type { ApiObject, Stored } from '../api/object.ts'
import type { DeleteOptions, Draft, Patch } from '../client/client.ts'
import type { EventSubject, EventType } from '../client/event-recorder.ts'

/** Which object, and which life of it. */
export type Target = Readonly<{ kind: Kind; name: string; namespace?: string; uid: string }>

/** Events that tell how a creation or deletion went: the message is followed by the object's name, or by what was refused. */
export type Report = Readonly<{
  subject: EventSubject
  done: Readonly<{ reason: string; message: string }>
  failed: Readonly<{ reason: string; message: string }>
}>

/**
 * All that a controller can decide to do. Actions are carried out in order, up to the first that fails; creations that follow one another
 * are sent in batches that double, deletions that follow one another at once.
 */
export type Action =
  | Readonly<{ type: 'create'; kind: Kind; object: Draft<unknown>; report?: Report }>
  | Readonly<{ type: 'update'; kind: Kind; object: ApiObject }>
  | Readonly<{ type: 'updateStatus'; kind: Kind; object: ApiObject }>
  /** PUT to a certificate signing request's approval subresource. */
  | Readonly<{ type: 'updateApproval'; kind: Kind; object: ApiObject }>
  /** PUT of a Scale to the scale subresource of what `kind` says. */
  | Readonly<{ type: 'scale'; kind: Kind; object: ApiObject }>
  /** PUT to a namespace's finalize subresource. */
  | Readonly<{ type: 'finalize'; kind: Kind; object: ApiObject }>
  | Readonly<{
      type: 'patch'
      target: Target
      patch: Patch
      subresource?: 'status'
      /** Asks the API first whether this object still lives and is not going away: adoption must not give to the dying. */
      whileAlive?: Target
      /** Invalid is no failure: the object has changed so that there is nothing to do. */
      forgiveInvalid?: boolean
    }>
  | Readonly<{ type: 'delete'; target: Target; options?: DeleteOptions; report?: Report }>
  | Readonly<{ type: 'event'; subject: EventSubject; eventType: EventType; reason: string; message: string }>
  /** Look again after this time, though nothing may have happened. */
  | Readonly<{ type: 'requeue'; afterMs: number }>

export function create<T>(kind: Kind<T>, object: Draft<T>, report?: Report): Action {
  return { type: 'create', kind, object, ...(report === undefined ? {} : { report }) }
}

export function update<T>(kind: Kind<T>, object: Stored<T>): Action {
  return { type: 'update', kind, object: object as unknown as ApiObject }
}

export function updateStatus<T>(kind: Kind<T>, object: Stored<T>): Action {
  return { type: 'updateStatus', kind, object: object as unknown as ApiObject }
}

export function updateApproval<T>(kind: Kind<T>, object: Stored<T>): Action {
  return { type: 'updateApproval', kind, object: object as unknown as ApiObject }
}

export function finalize<T>(kind: Kind<T>, object: Stored<T>): Action {
  return { type: 'finalize', kind, object: object as unknown as ApiObject }
}

export function remove(target: Target, options?: DeleteOptions, report?: Report): Action {
  return {
    type: 'delete',
    target,
    ...(options === undefined ? {} : { options }),
    ...(report === undefined ? {} : { report }),
  }
}

export function event(subject: EventSubject, eventType: EventType, reason: string, message: string): Action {
  return { type: 'event', subject, eventType, reason, message }
}

export function requeue(afterMs: number): Action {
  return { type: 'requeue', afterMs }
}

export function targetOf<T>(kind: Kind<T>, { metadata: { name, namespace, uid } }: Stored<T>): Target {
  return { kind, name, uid, ...(namespace === undefined ? {} : { namespace }) }
}
