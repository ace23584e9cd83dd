import { encodeBase64 } from '../../api/base64.ts'
import { JsonSyntaxError, parseJsonText, plainJson } from '../../api/json-text.ts'
import { isJsonObject, jsonTypeName } from '../../api/json-value.ts'
import type { Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'

/** Where a list goes on. revision -1: wherever the newest state is, as a token for clients whose snapshot has expired. */
export type Position = Readonly<{ revision: number; after: string }>

/** As apiserver's EncodeContinue: base64url JSON of version, revision and start key, which begins after the last key sent. */
export function continueToken({ revision, after }: Position): string {
  const json = JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: `${after}\0` })
  return encodeBase64(new TextEncoder().encode(json)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

export function readContinueToken(token: string): Result<Position, Refusal> {
  const text = decode(token)
  if (text === undefined) return invalid('illegal base64 data at input byte 0')
  const parsed = parse(text)
  if (!parsed.ok) return invalid(parsed.error)
  const { v, rv, start } = parsed.value
  if (v !== 'meta.k8s.io/v1') return invalid(`server does not recognize this encoded version ${String(v)}`)
  if (typeof start !== 'string' || start === '')
    return invalid('incorrect encoded start resourceVersion (version meta.k8s.io/v1)')
  if (typeof rv !== 'number' || rv === 0)
    return invalid('incorrect encoded start resourceVersion (version meta.k8s.io/v1)')
  return ok({ revision: rv, after: start.endsWith('\0') ? start.slice(0, -1) : start })
}

function invalid(why: string): Result<never, Refusal> {
  return fail({ reason: 'BadRequest', message: `invalid continue token: continue key is not valid: ${why}` })
}

function parse(text: string): Result<Readonly<Record<string, unknown>>, string> {
  try {
    const value = plainJson(parseJsonText(text))
    if (isJsonObject(value)) return ok(value)
    return fail(`json: cannot unmarshal ${jsonTypeName(value)} into Go value of type storage.continueToken`)
  } catch (error) {
    if (error instanceof JsonSyntaxError) return fail(error.message)
    throw error
  }
}

function decode(token: string): string | undefined {
  try {
    const binary = atob(token.replaceAll('-', '+').replaceAll('_', '/'))
    return new TextDecoder().decode(Uint8Array.from(binary, (character) => character.charCodeAt(0)))
  } catch {
    return undefined
  }
}
