import type { ApiObject } from '../../api/object.ts'
import type { Refusal } from '../../api/refusal.ts'
import { ok, type Result } from '../../api/result.ts'
import type { Writer } from '../handle/writing.ts'
import { convertOne } from './shown.ts'

/** The object in the form of the stored version, and its writer as one who writes that: what rules and admission are to see. */
export async function toJudged(
  writer: Writer,
  object: ApiObject,
): Promise<Result<Readonly<{ writer: Writer; object: ApiObject }>, Refusal>> {
  const { versioning } = writer.kind
  if (versioning === undefined) return ok({ writer, object })
  const converted = await convertOne(versioning.toStored, object)
  return converted.ok
    ? ok({ writer: { ...writer, kind: versioning.stored, requested: writer.kind }, object: converted.value })
    : converted
}
