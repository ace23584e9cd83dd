import { fields, type Shape, shapeFaults } from '../../api/config-shape.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { parseYamlText } from '../../api/yaml-text.ts'

export type ConfigForm = Readonly<{
  kind: string
  apiVersions: readonly string[]
  shapes: Readonly<Record<string, Shape>>
}>

/** A configuration object from YAML or JSON text, its form checked. Errors are all that is wrong, in one line. */
export function parseConfig<T>(text: string, form: ConfigForm): Result<T, string> {
  const parsed = parseYamlText(text)
  if (!parsed.ok) return parsed
  const { value } = parsed.value
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail(`it is no ${form.kind}`)
  const { kind, apiVersion } = value as Readonly<{ kind?: unknown; apiVersion?: unknown }>
  if (kind !== form.kind || !form.apiVersions.includes(String(apiVersion))) {
    const wanted = `${form.apiVersions[0]} ${form.kind}`
    return fail(`it is ${apiVersion ?? 'of no apiVersion'} ${kind ?? 'and no kind'}, and must be ${wanted}`)
  }
  const shape = fields({ kind: 'string', apiVersion: 'string', metadata: 'any', ...form.shapes })
  const faults = shapeFaults(shape, value)
  return faults.length === 0 ? ok(value as T) : fail(faults.join('; '))
}

/** Milliseconds of a Go duration such as '1h30m' or '500ms'; undefined where it is none. */
export function durationMs(text: string): number | undefined {
  if (text === '0') return 0
  if (!/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined
  const units: Readonly<Record<string, number>> = {
    ns: 1e-6,
    us: 1e-3,
    µs: 1e-3,
    ms: 1,
    s: 1000,
    m: 60_000,
    h: 3_600_000,
  }
  let total = 0
  for (const [, number = '0', unit = 's'] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)) {
    total += Number(number) * (units[unit] ?? 0)
  }
  return total
}
