/** How a v1 autoscaler's annotation holds spec.behavior of v2: as Go names and orders the fields, unset ones null. */
import { isJsonObject, type JsonObject } from '../json-value.ts'

const rulesFields = ['stabilizationWindowSeconds', 'selectPolicy', 'policies', 'tolerance']
const policyFields = ['type', 'value', 'periodSeconds']

function goName(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`
}

function goStruct(
  value: unknown,
  fields: readonly string[],
  inner: (field: string, value: unknown) => unknown,
): unknown {
  if (!isJsonObject(value)) return null
  return Object.fromEntries(fields.map((field) => [goName(field), inner(field, value[field]) ?? null]))
}

export function behaviorText(behavior: JsonObject): string {
  const policy = (value: unknown): unknown => goStruct(value, policyFields, (_field, each) => each)
  const rules = (value: unknown): unknown =>
    goStruct(value, rulesFields, (field, each) =>
      field === 'policies' && Array.isArray(each) ? each.map(policy) : each,
    )
  return JSON.stringify({ ScaleUp: rules(behavior.scaleUp), ScaleDown: rules(behavior.scaleDown) })
}

/** undefined: there is none, or it cannot be read. */
export function behaviorOfAnnotation(text: string | undefined): JsonObject | undefined {
  if (text === undefined) return undefined
  try {
    const value = jsonNames(JSON.parse(text))
    return isJsonObject(value) && Object.keys(value).length > 0 ? value : undefined
  } catch {
    return undefined
  }
}

function jsonNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(jsonNames)
  if (!isJsonObject(value)) return value
  const set = Object.entries(value).filter(([, each]) => each !== null)
  return Object.fromEntries(
    set.map(([key, each]) => [`${key.charAt(0).toLowerCase()}${key.slice(1)}`, jsonNames(each)]),
  )
}
