import type { Eventual } from '../admit/admission.ts'
import type { User } from '../call.ts'

/** 'unknown': somebody else may know the token. 'wrong': it is of this sort, and not good. */
export type TokenVerdict =
  | Readonly<{ type: 'known'; user: User; audiences?: readonly string[]; warnings?: readonly string[] }>
  | Readonly<{ type: 'unknown' }>
  | Readonly<{ type: 'wrong'; why: string }>

/** Knows some bearer tokens. `audiences`: for one of whom it must be meant, where the sort of token says for whom it is. */
export interface TokenAuthenticator {
  authenticate(token: string, audiences: readonly string[]): Eventual<TokenVerdict>
}

export const unknownToken: TokenVerdict = { type: 'unknown' }

/** The first that knows the token; what the others found wrong with it is told together. */
export function firstToKnow(authenticators: () => readonly TokenAuthenticator[]): TokenAuthenticator {
  return {
    async authenticate(token, audiences) {
      const wrong: string[] = []
      for (const authenticator of authenticators()) {
        const verdict = await authenticator.authenticate(token, audiences)
        if (verdict.type === 'known') return verdict
        if (verdict.type === 'wrong') wrong.push(verdict.why)
      }
      if (wrong.length === 0) return unknownToken
      return { type: 'wrong', why: `[invalid bearer token, ${wrong.join(', ')}]` }
    },
  }
}
