import type { FieldError, Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { Call } from '../call.ts'
import { isTrue } from '../request-info.ts'
import { bodyFormats, decodeAs, mediaTypeOf, readBody } from './body.ts'
import { integerOf } from './list-options.ts'
import { dryRunErrors } from './write-options.ts'

export type Propagation = 'Orphan' | 'Background' | 'Foreground'

export type DeleteOptions = Readonly<{
  gracePeriodSeconds?: number
  propagationPolicy?: Propagation
  orphanDependents?: boolean
  preconditions?: Readonly<{ uid?: string; resourceVersion?: string }>
  dryRun: boolean
  /** As the request gave them, for those who are asked whether it may be done. */
  stated: Readonly<Record<string, unknown>>
}>

const type = {
  group: 'meta.k8s.io',
  version: 'v1',
  kind: 'DeleteOptions',
  typeName: 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions',
}

/** Clients of custom kinds give them the name of these kinds' own group, as they do with all others (apimachinery's AddToGroupVersion). */
function typeFor({ endpoint: { kind } }: Call): typeof type {
  return kind?.custom === undefined ? type : { ...type, group: kind.group, version: kind.version }
}

/** From the body where there is one, else from the query: apiserver's rule. */
export async function deleteOptions(call: Call): Promise<Result<DeleteOptions, Refusal>> {
  const body = await readBody(call)
  if (!body.ok) return body
  if (body.value.length === 0) {
    const asked = fromQuery(call.query)
    return asked.ok ? checked(asked.value) : asked
  }
  const decoded = decodeAs(typeFor(call), body.value, bodyFormats[mediaTypeOf(call)] ?? 'json')
  if (!decoded.ok) return fail(bareRefusal(decoded.error))
  const { gracePeriodSeconds, propagationPolicy, orphanDependents, preconditions, dryRun } = decoded.value.object
  return checked({ gracePeriodSeconds, propagationPolicy, orphanDependents, preconditions, dryRun })
}

/** The original says what is wrong with delete options without saying of what. */
function bareRefusal(refusal: Refusal): Refusal {
  if (refusal.reason !== 'BadRequest') return refusal
  const message = refusal.message
    .replace(/^the object provided is unrecognized \(must be of type DeleteOptions\): ([\s\S]*) \([\s\S]*?\)$/, '$1')
    .replace(/^\S* in version "[^"]*" cannot be handled as a DeleteOptions: (no kind )/, '$1')
  return { ...refusal, message }
}

type Raw = Readonly<Record<string, unknown>>

function fromQuery(query: URLSearchParams): Result<Raw, Refusal> {
  const seconds = integerOf(query, 'gracePeriodSeconds')
  if (!seconds.ok) return seconds
  const orphan = query.get('orphanDependents')
  return ok({
    gracePeriodSeconds: seconds.value,
    propagationPolicy: query.get('propagationPolicy') || undefined,
    orphanDependents: orphan === null ? undefined : isTrue(orphan),
    dryRun: query.getAll('dryRun'),
  })
}

function checked(raw: Raw): Result<DeleteOptions, Refusal> {
  const dryRun = Array.isArray(raw.dryRun) ? raw.dryRun.map(String) : []
  const errors = [...policyErrors(raw), ...dryRunErrors(dryRun)]
  if (errors.length > 0) {
    return fail({ reason: 'Invalid', group: 'meta.k8s.io', kind: 'DeleteOptions', name: '', errors })
  }
  const { dryRun: _, ...known } = raw
  const stated = statedOptions({ ...known, ...(dryRun.length > 0 ? { dryRun } : {}) })
  return ok({ ...statedOptions(known), dryRun: dryRun.length > 0, stated })
}

function statedOptions(raw: Raw): Raw {
  return Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== undefined && value !== null))
}

const policies = ['Foreground', 'Background', 'Orphan']

function policyErrors({ propagationPolicy, orphanDependents }: Raw): FieldError[] {
  const errors: FieldError[] = []
  const field = 'propagationPolicy'
  if (propagationPolicy !== undefined && orphanDependents !== undefined) {
    const message = `Invalid value: ${JSON.stringify(propagationPolicy)}: orphanDependents and deletionPropagation cannot be both set`
    errors.push({ reason: 'FieldValueInvalid', field, message })
  }
  if (propagationPolicy !== undefined && !policies.includes(String(propagationPolicy))) {
    const supported = '"Foreground", "Background", "Orphan", "nil"'
    const message = `Unsupported value: ${JSON.stringify(propagationPolicy)}: supported values: ${supported}`
    errors.push({ reason: 'FieldValueNotSupported', field, message })
  }
  return errors
}
