import { fail, ok, type Result } from '../api/result.ts'
import { intOf, maxInt, minInt } from './int.ts'
import type { Token } from './lexer.ts'
import { unescapeBytes, unescapeString } from './unescape.ts'
import { CelDouble, CelUint, type Literal } from './value.ts'

/** The value of a literal token. */
export function literalOf({ kind, text }: Token, negative: boolean): Result<Literal, string> {
  switch (kind) {
    case 'NUM_INT': {
      const value = negative ? -BigInt(text) : BigInt(text)
      return value < minInt || value > maxInt ? fail('invalid int literal') : ok(intOf(value))
    }
    case 'NUM_UINT': {
      const value = BigInt(text.slice(0, -1))
      return value >= 2n ** 64n ? fail('invalid uint literal') : ok(new CelUint(value))
    }
    case 'NUM_FLOAT': {
      const value = Number(text)
      return Number.isFinite(value) ? ok(new CelDouble(negative ? -value : value)) : fail('invalid double literal')
    }
    case 'STRING':
      return unescapeString(text)
    case 'BYTES':
      return unescapeBytes(text)
    case 'null':
      return ok(null)
    default:
      return ok(kind === 'true')
  }
}
