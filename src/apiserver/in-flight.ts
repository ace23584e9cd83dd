import type { Refusal } from '../api/refusal.ts'
import { fail, type Result } from '../api/result.ts'
import type { Answer, Verb } from './call.ts'

/** Bounds the requests at work at once. Those that last by nature do not count: watches, and streams once they have begun. */
export interface InFlight {
  run(verb: Verb, work: () => Promise<Result<Answer, Refusal>>): Promise<Result<Answer, Refusal>>
  count(): number
}

const tooMany: Refusal = {
  reason: 'TooManyRequests',
  message: 'Too many requests, please try again later.',
  retryAfterSeconds: 1,
}

export function inFlight(limit: number): InFlight {
  let count = 0
  return {
    count: () => count,
    async run(verb, work) {
      if (verb === 'watch') return work()
      if (count >= limit) return fail(tooMany)
      count += 1
      try {
        return await work()
      } finally {
        count -= 1
      }
    },
  }
}
