import { decodeKind } from '../../api/custom/decode-kind.ts'
import { type BodyType, type Decoded, strictRefusal } from '../../api/decode.ts'
import type { Kind } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import { decodeProtobufBody } from '../../api/protobuf/decode.ts'
import type { Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { Call } from '../call.ts'
import type { FieldValidation } from './write-options.ts'

/** As kube-apiserver's --max-request-bytes. */
export const bodyLimitBytes = 3 * 1024 * 1024

export async function readBody(call: Call): Promise<Result<Uint8Array, Refusal>> {
  const body = await call.request.body.bytes(bodyLimitBytes)
  if (body.ok) return body
  if (body.error === 'TooLarge') {
    const message = `Request entity too large: limit is ${bodyLimitBytes}`
    return fail({ reason: 'RequestEntityTooLarge', message })
  }
  return fail({ reason: 'BadRequest', message: 'unexpected EOF' })
}

/** The media type without its parameters, in lower case. */
export function mediaTypeOf(call: Call): string {
  return (call.request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}

export type BodyFormat = 'json' | 'yaml' | 'protobuf'

export const bodyFormats: Readonly<Record<string, BodyFormat>> = {
  '': 'json',
  'application/json': 'json',
  'application/yaml': 'yaml',
  'application/vnd.kubernetes.protobuf': 'protobuf',
}

/** Reads and decodes the body; unknown and repeated fields become warnings or a refusal as fieldValidation says. */
export async function decodeRequest(
  call: Call,
  type: BodyType | Kind,
  validation: FieldValidation,
): Promise<Result<ApiObject, Refusal>> {
  const format = bodyFormats[mediaTypeOf(call)]
  const isCustom = 'custom' in type && type.custom !== undefined
  if (format === undefined || (isCustom && format === 'protobuf')) {
    const accepted = 'application/json, application/yaml, application/vnd.kubernetes.protobuf'
    const message = `the body of the request was in an unknown format - accepted media types include: ${accepted}`
    return fail({ reason: 'UnsupportedMediaType', message })
  }
  const body = await readBody(call)
  if (!body.ok) return body
  const decoded = decodeAs(type, body.value, format)
  if (!decoded.ok) return decoded
  return judgeStrictness(call, type, decoded.value, validation)
}

export function judgeStrictness(
  call: Call,
  type: BodyType,
  decoded: Decoded<Readonly<Record<string, unknown>>>,
  validation: FieldValidation,
): Result<ApiObject, Refusal> {
  if (decoded.strictErrors.length > 0) {
    if (validation === 'Strict') return fail(strictRefusal(type, decoded))
    if (validation === 'Warn') call.warnings.push(...decoded.strictErrors)
  }
  // Every type that is decoded here has metadata, which decoding always writes.
  return ok(decoded.object as ApiObject)
}

export function decodeAs(
  type: BodyType | Kind,
  body: Uint8Array,
  format: BodyFormat,
): Result<Decoded<Readonly<Record<string, unknown>>>, Refusal> {
  return format === 'protobuf' ? decodeProtobufBody(type, body) : decodeKind(type, body, { format })
}
