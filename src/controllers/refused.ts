import type { Status } from '../api/kinds.generated.ts'
import type { Client } from '../client/client.ts'
import type { Action, Target } from './action.ts'

/** Whether a refusal leaves nothing to do: what was to be deleted or changed is gone. */
export function passes(action: Action, status: Status): boolean {
  switch (action.type) {
    case 'delete':
      // Conflict: the uid is another's now; where a version was given too, it may only be that.
      return status.code === 404 || (status.code === 409 && !action.options?.preconditions?.resourceVersion)
    case 'patch':
      return status.code === 404 || (action.forgiveInvalid === true && status.code === 422)
    case 'update':
    case 'updateStatus':
    case 'finalize':
      return status.code === 404
    default:
      return false
  }
}

/** Somebody else was faster: no failure worth a word, the next look will show what they did. */
export function isLostRace({ code }: Status): boolean {
  return code === 409
}

/** All in the namespace is going: nothing can be made in it any more, and nobody minds. */
export function isNamespaceTerminating(status: Status): boolean {
  return status.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') ?? false
}

/** Why nothing may be given to the object any more, as the API itself knows it; undefined while it lives. */
export async function notAlive(client: Client, target: Target): Promise<Status | undefined> {
  const answer = await client.get(target.kind, target.name, target.namespace)
  if (!answer.ok) return { ...answer.error, code: 409 }
  const { uid, deletionTimestamp } = answer.value.metadata
  if (uid === target.uid && deletionTimestamp === undefined) return undefined
  const what = `${target.kind.kind} ${target.name}`
  const message =
    uid === target.uid ? `${what} has just been deleted at ${deletionTimestamp}` : `${what} is another now`
  return { kind: 'Status', status: 'Failure', reason: 'Conflict', code: 409, message }
}
