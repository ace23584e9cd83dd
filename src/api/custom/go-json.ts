import { isJsonList, isJsonObject } from '../json-value.ts'

/** JSON as Go writes maps: keys sorted. Equal values have equal texts. */
export function goJson(value: unknown): string {
  return JSON.stringify(sorted(value)) ?? 'null'
}

function sorted(value: unknown): unknown {
  if (isJsonList(value)) return value.map(sorted)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  )
}
