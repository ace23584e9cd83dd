import type { FieldSelector } from '../../api/field-selector.ts'
import type { Requirement } from '../../api/label-requirement.ts'
import type { User } from '../call.ts'

/** What an authorizer is asked: may this be done? Of a request, an access review or an impersonation. */
export type Wish = Readonly<{
  isResource: boolean
  verb: string
  group: string
  /** '' where a rule does not care. */
  version?: string
  resource: string
  subresource: string
  name: string
  namespace: string
  /** Other than resources. */
  path: string
  /** What a list, watch or deletion of many is limited to, where that could be understood. */
  fieldSelector?: FieldSelector
  labelSelector?: readonly Requirement[]
}>

/** 'deny' ends the chain; 'no opinion' leaves it to the next, and is a no at its end. */
export type Decision = Readonly<{ verdict: 'allow' | 'deny' | 'no opinion'; reason: string; error?: string }>

/** One link of the chain. Local ones answer at once; a webhook takes its time. */
export interface Authorizer {
  authorize(user: User, wish: Wish): Decision | Promise<Decision>
}

/** One that always answers at once. */
export interface LocalAuthorizer {
  authorize(user: User, wish: Wish): Decision
}

export const masters = 'system:masters'

/** Whoever is in the group may do everything. */
export const privileged: LocalAuthorizer = {
  authorize: ({ groups }) => (groups.includes(masters) ? { verdict: 'allow', reason: '' } : noOpinion('')),
}

export function noOpinion(reason: string): Decision {
  return { verdict: 'no opinion', reason }
}

/** As union, of such as answer at once. */
export function localUnion(authorizers: readonly LocalAuthorizer[]): LocalAuthorizer {
  return {
    authorize(user, wish) {
      const said: Decision[] = []
      for (const authorizer of authorizers) {
        const decision = authorizer.authorize(user, wish)
        if (isFinal(decision)) return decision
        said.push(decision)
      }
      return together(said)
    },
  }
}

/** The first that allows or denies decides; what the others said is told together. */
export function union(authorizers: readonly Authorizer[]): Authorizer {
  return { authorize: (user, wish) => askFrom(authorizers, 0, user, wish, []) }
}

function askFrom(
  authorizers: readonly Authorizer[],
  first: number,
  user: User,
  wish: Wish,
  unheard: readonly Decision[],
): Decision | Promise<Decision> {
  const said = [...unheard]
  for (let at = first; at < authorizers.length; at++) {
    const decision = (authorizers[at] as Authorizer).authorize(user, wish)
    if (decision instanceof Promise) {
      return decision.then((late) => (isFinal(late) ? late : askFrom(authorizers, at + 1, user, wish, [...said, late])))
    }
    if (isFinal(decision)) return decision
    said.push(decision)
  }
  return together(said)
}

function isFinal({ verdict }: Decision): boolean {
  return verdict !== 'no opinion'
}

function together(said: readonly Decision[]): Decision {
  const reason = said.flatMap((one) => (one.reason === '' ? [] : [one.reason])).join('\n')
  const errors = [...new Set(said.flatMap(({ error }) => (error === undefined ? [] : [error])))]
  return { verdict: 'no opinion', reason, ...(errors.length === 0 ? {} : { error: aggregated(errors) }) }
}

/** As Go's errors.Aggregate puts several into one. */
export function aggregated(errors: readonly string[]): string {
  const different = [...new Set(errors)]
  return different.length === 1 ? (different[0] ?? '') : `[${different.join(', ')}]`
}
