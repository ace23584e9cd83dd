import type { FieldError, Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { Call } from '../call.ts'

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict'

/** What the query of a write says besides its object: CreateOptions, UpdateOptions, PatchOptions. */
export type WriteOptions = Readonly<{
  dryRun: boolean
  fieldManager: string
  fieldValidation: FieldValidation
  /** Patches only; undefined where it is not given. */
  force?: boolean
  /** As the request gave them, for those who are asked whether it may be done. */
  stated: Readonly<Record<string, unknown>>
}>

type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions'

export function writeOptions(call: Call, kind: OptionsKind): Result<WriteOptions, Refusal> {
  const { query } = call
  const errors = [...dryRunErrors(query.getAll('dryRun')), ...fieldErrors(query)]
  if (errors.length > 0) return fail({ reason: 'Invalid', group: 'meta.k8s.io', kind, name: '', errors })
  const force = query.get('force')
  return ok({
    dryRun: query.has('dryRun'),
    fieldManager: query.get('fieldManager') || managerOf(call.request.headers['user-agent'] ?? ''),
    fieldValidation: (query.get('fieldValidation') || 'Warn') as FieldValidation,
    stated: statedOptions(query),
    ...(force === null ? {} : { force: !['false', '0'].includes(force.toLowerCase()) }),
  })
}

function statedOptions(query: URLSearchParams): Readonly<Record<string, unknown>> {
  const stated: Record<string, unknown> = {}
  const dryRun = query.getAll('dryRun')
  if (dryRun.length > 0) stated.dryRun = dryRun
  for (const name of ['fieldManager', 'fieldValidation']) {
    const value = query.get(name) ?? ''
    if (value !== '') stated[name] = value
  }
  return stated
}

export function dryRunErrors(values: readonly string[]): FieldError[] {
  if (values.every((value) => value === 'All')) return []
  const message = `Unsupported value: ${JSON.stringify(values)}: supported values: "All"`
  return [{ reason: 'FieldValueNotSupported', field: 'dryRun', message }]
}

const longestManager = 128

function fieldErrors(query: URLSearchParams): FieldError[] {
  const errors: FieldError[] = []
  const manager = query.get('fieldManager') ?? ''
  if (new TextEncoder().encode(manager).length > longestManager) {
    const message = `Too long: may not be more than ${longestManager} bytes`
    errors.push({ reason: 'FieldValueTooLong', field: 'fieldManager', message })
  }
  const at = [...manager].findIndex((character) => /\p{C}/u.test(character))
  if (at >= 0) {
    const code = ([...manager][at]?.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
    const message = `Invalid value: ${goQuoted(manager)}: invalid character U+${code} (at position ${at})`
    errors.push({ reason: 'FieldValueInvalid', field: 'fieldManager', message })
  }
  const validation = query.get('fieldValidation') ?? ''
  if (!['', 'Ignore', 'Strict', 'Warn'].includes(validation)) {
    const message = `Unsupported value: ${JSON.stringify(validation)}: supported values: "", "Ignore", "Strict", "Warn"`
    errors.push({ reason: 'FieldValueNotSupported', field: 'fieldValidation', message })
  }
  return errors
}

/** As Go's %q: control characters below a space have two hexadecimal digits. */
function goQuoted(text: string): string {
  return JSON.stringify(text).replace(/\\u00([0-9a-f]{2})/g, '\\x$1')
}

/** The user agent up to its first slash: how kube-apiserver names a manager that does not name itself. */
function managerOf(userAgent: string): string {
  const [product = ''] = userAgent.split('/')
  return product.replace(/\p{C}/gu, '').slice(0, longestManager)
}
