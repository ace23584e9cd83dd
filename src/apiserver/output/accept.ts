import type { Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'

/** The form in which an answer goes out. */
export type Form = Readonly<{
  format: 'json' | 'yaml' | 'protobuf'
  /** What an object is turned into first. */
  as: 'object' | 'table' | 'metadata'
  /** Only of a list: asked for as PartialObjectMetadataList; only of an object: as PartialObjectMetadata. */
  of?: 'list' | 'one'
  /** A table or metadata in the older version of meta.k8s.io, which has the same fields. */
  isBeta?: true
}>

type Clause = Readonly<{ type: string; parameters: ReadonlyMap<string, string>; quality: number }>

/** Clauses of an Accept header, best first; equal ones in their order. */
export function acceptClauses(accept: string): readonly Clause[] {
  const clauses = accept.split(',').flatMap((text) => {
    const [type = '', ...rest] = text.split(';').map((part) => part.trim())
    if (type === '') return []
    const parameters = new Map(rest.map((part) => splitParameter(part)))
    const quality = Number(parameters.get('q') ?? 1)
    return [{ type: type.toLowerCase(), parameters, quality: Number.isFinite(quality) ? quality : 1 }]
  })
  return clauses.sort((a, b) => b.quality - a.quality)
}

function splitParameter(text: string): readonly [string, string] {
  const at = text.indexOf('=')
  return at < 0 ? [text.toLowerCase(), ''] : [text.slice(0, at).toLowerCase(), text.slice(at + 1)]
}

const formats: Readonly<Record<string, Form['format']>> = {
  'application/json': 'json',
  'application/yaml': 'yaml',
  'application/vnd.kubernetes.protobuf': 'protobuf',
  '*/*': 'json',
}
const jsonObject: Form = { format: 'json', as: 'object' }
const available = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']

/** Parsed once for each header text; clients use few. Cleared when it grows beyond what any set of clients has. */
const known = new Map<string, Result<Form, Refusal>>()
const knownLimit = 1000

/** What the client accepts best of what we have: apiserver's NegotiateOutputMediaType. */
export function negotiate(
  accept: string | undefined,
  transformable: Transformable,
  isCustom = false,
): Result<Form, Refusal> {
  if (accept === undefined || accept === '' || accept === 'application/json') return ok(jsonObject)
  const key = `${transformable} ${isCustom} ${accept}`
  const before = known.get(key)
  if (before !== undefined) return before
  const form = choose(accept, transformable, isCustom)
  if (known.size >= knownLimit) known.clear()
  known.set(key, form)
  return form
}

function choose(accept: string, transformable: Transformable, isCustom: boolean): Result<Form, Refusal> {
  for (const { type, parameters } of acceptClauses(accept)) {
    const format = formats[type]
    if (format === undefined) continue
    const as = transformation(parameters, transformable)
    // Tables have no protobuf, nor have objects whose type is a schema.
    const hasForm = format !== 'protobuf' || as === 'metadata' || (as === 'object' && !isCustom)
    if (as === undefined || !hasForm) continue
    const beta = as !== 'object' && parameters.get('v') === 'v1beta1' ? { isBeta: true as const } : {}
    return ok(as === 'metadata' ? { format, as, of: partialOf(parameters), ...beta } : { format, as, ...beta })
  }
  // Which of its two refusals the original gives hangs on whether a transformation was asked for.
  return fail(isCustom || /;\s*as=/.test(accept) ? onlyAccepted(available) : notAcceptable(available))
}

/** What may be made of an answer: a table and metadata alone; metadata alone; `nothing`, and then it goes out as it is. */
export type Transformable = 'all' | 'metadata' | 'nothing'

const transformations: Readonly<Record<string, Form['as']>> = {
  Table: 'table',
  PartialObjectMetadata: 'metadata',
  PartialObjectMetadataList: 'metadata',
}

function transformation(parameters: ReadonlyMap<string, string>, transformable: Transformable): Form['as'] | undefined {
  const as = parameters.get('as') ?? ''
  if (as === '') return 'object'
  const isMeta = parameters.get('g') === 'meta.k8s.io' && ['v1', 'v1beta1'].includes(parameters.get('v') ?? '')
  const asked = isMeta ? transformations[as] : undefined
  // What is no object of a kind, such as the Status of a deletion, goes out as it is.
  if (asked !== undefined && transformable === 'nothing') return 'object'
  return asked === 'table' && transformable === 'metadata' ? undefined : asked
}

function partialOf(parameters: ReadonlyMap<string, string>): 'list' | 'one' {
  return parameters.get('as') === 'PartialObjectMetadataList' ? 'list' : 'one'
}

export function notAcceptable(representations: readonly string[]): Refusal {
  const message = `406: Not Acceptable\n\nAvailable representations: ${representations.join(', ')}`
  return { reason: 'NotAcceptable', message }
}

/** As apiserver's NewNotAcceptableError, which has no details. */
export function onlyAccepted(representations: readonly string[]): Refusal {
  const message = `only the following media types are accepted: ${representations.join(', ')}`
  const head = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message } as const
  return { reason: 'Passed', status: { ...head, reason: 'NotAcceptable', code: 406 } }
}
