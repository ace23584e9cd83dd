import { type BodyType, type Decoded, type DecodeOptions, decodeObject } from '../decode.ts'
import type { Kind } from '../kinds.ts'
import type { ApiObject } from '../object.ts'
import type { Refusal } from '../refusal.ts'
import type { Result } from '../result.ts'
import { decodeCustom, isCustom } from './decode-custom.ts'

/** An object of any served kind, or of a type that is never stored. */
export function decodeKind(
  type: BodyType | Kind,
  body: Uint8Array | unknown,
  options: DecodeOptions,
): Result<Decoded<ApiObject>, Refusal> {
  return 'custom' in type && isCustom(type) ? decodeCustom(type, body, options) : decodeObject(type, body, options)
}
