import type { Kind } from '../../api/kinds.ts'
import { protobufType } from '../../api/protobuf/media-type.ts'
import type { Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { IncludeObject } from '../../api/table/table.ts'
import type { Clock } from '../../ports/clock.ts'
import type { HttpHeaders, HttpRequest, HttpResponse } from '../../ports/http.ts'
import type { Random } from '../../ports/random.ts'
import type { Answer, Call } from '../call.ts'
import { firstOnce, type WatchEncoder, watchEncoder } from '../handle/watch-encoding.ts'
import { newUid } from '../object-meta.ts'
import { isTrue } from '../request-info.ts'
import { type Form, negotiate, onlyAccepted } from './accept.ts'
import type { ListCache } from './object-json.ts'
import { watchFormat } from './watch-format.ts'
import { writeAnswer, writeRefusal } from './write-answer.ts'

export interface Output {
  /** Why no answer to a write could be in a form that the client takes: then nothing is written. */
  refusal(request: HttpRequest, kind: Kind | undefined): Refusal | undefined
  respond(
    request: HttpRequest,
    query: URLSearchParams,
    answered: Result<Answer, Refusal>,
    warnings: readonly string[],
    /** Under what the request came in flow control. */
    flow?: HttpHeaders,
  ): HttpResponse
  /** One for each kind and form, so that what one watcher had encoded serves the others. */
  watchEncoder(kind: Kind, call: Call): Result<WatchEncoder, Refusal>
}

export type OutputParts = Readonly<{ clock: Clock; random: Random; lists: ListCache }>

const watchTypes = ['application/json;stream=watch', `${protobufType};stream=watch`]
const jsonForm: Form = { format: 'json', as: 'object' }

export function output({ clock, random, lists }: OutputParts): Output {
  const encoders = new WeakMap<Kind, Map<string, WatchEncoder>>()
  const write = (request: HttpRequest, query: URLSearchParams, answered: Result<Answer, Refusal>): HttpResponse => {
    const pretty = isPretty(request, query)
    const kind = answered.ok && 'kind' in answered.value ? answered.value.kind : undefined
    const transformable = answered.ok && answered.value.type === 'review' ? 'metadata' : kind && 'all'
    const form = negotiate(request.headers.accept, transformable ?? 'nothing', kind?.custom !== undefined)
    // Whoever accepts nothing that we have is told so in JSON; a refusal goes out even to those who accept nothing.
    if (!answered.ok) return writeRefusal(answered.error, { form: form.ok ? form.value : errorForm(request), pretty })
    if (answered.value.type === 'response') return answered.value.response
    if (!form.ok) return writeRefusal(form.error, { form: errorForm(request), pretty })
    const misfit = misfitOf(answered.value, form.value, query)
    if (misfit !== undefined) return writeRefusal(misfit, { form: jsonForm, pretty })
    const includeObject = includeObjectOf(query)
    return writeAnswer(answered.value, { form: form.value, includeObject, pretty, nowMs: clock.nowMs(), lists })
  }
  return {
    refusal(request, kind) {
      const form = negotiate(request.headers.accept, 'all', kind?.custom !== undefined)
      return form.ok ? undefined : form.error
    },
    respond(request, query, answered, warnings, flow) {
      const response = write(request, query, answered)
      if (response.type === 'websocket') return response
      const headers = {
        'audit-id': request.headers['audit-id'] ?? newUid(random),
        'cache-control': 'no-cache, private',
        ...flow,
        ...response.headers,
        ...(warnings.length === 0 ? {} : { warning: warningHeader(warnings) }),
      }
      return { ...response, headers }
    },
    watchEncoder(kind, call) {
      const form = negotiate(
        call.request.headers.accept?.replaceAll(/;\s*stream=watch/g, ''),
        'all',
        kind.custom !== undefined,
      )
      if (!form.ok) return form
      if (form.value.format === 'yaml') return fail(onlyAccepted(watchTypes))
      const includeObject = includeObjectOf(call.query)
      const shared = (noHeaders: boolean): WatchEncoder => {
        const ofKind = encoders.get(kind) ?? new Map<string, WatchEncoder>()
        encoders.set(kind, ofKind)
        const { format, as, isBeta = false } = form.value
        const key = `${format} ${as} ${isBeta} ${includeObject} ${noHeaders}`
        const known = ofKind.get(key)
        if (known !== undefined) return known
        const made = watchEncoder(watchFormat(kind, form.value, includeObject, clock, noHeaders))
        ofKind.set(key, made)
        return made
      }
      return ok(form.value.as === 'table' ? firstOnce(shared(false), shared(true)) : shared(false))
    },
  }
}

/** A Status goes out as protobuf, too, also where the objects of a kind cannot. */
function errorForm({ headers }: HttpRequest): Form {
  const form = negotiate(headers.accept, 'nothing')
  return form.ok ? form.value : jsonForm
}

/** Transformations that were asked for of the wrong thing, or in a wrong way. */
function misfitOf(answer: Answer, form: Form, query: URLSearchParams): Refusal | undefined {
  const include = query.get('includeObject') ?? ''
  if (form.as === 'table' && !['', 'None', 'Object', 'Metadata'].includes(include)) {
    const problem = `includeObject: Invalid value: ${JSON.stringify(include)}: must be 'Metadata', 'Object', 'None', or empty`
    return { reason: 'BadRequest', message: `Unable to convert to Table as requested: ${problem}` }
  }
  if (form.of === undefined || !('kind' in answer) || answer.kind === undefined) return undefined
  const { kind, group } = answer.kind
  const goType = `*${group === '' ? 'core' : group.replace(/\..*$/, '')}.${kind}`
  if (form.of === 'one' && answer.type === 'list')
    return notOfThis(`you requested PartialObjectMetadata, but the requested object is a list (${goType}List)`)
  if (form.of === 'list' && answer.type !== 'list')
    return notOfThis(`you requested PartialObjectMetadataList, but the requested object is not a list (${goType})`)
  return undefined
}

function notOfThis(message: string): Refusal {
  const head = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message } as const
  return { reason: 'Passed', status: { ...head, reason: 'NotAcceptable', code: 406 } }
}

function includeObjectOf(query: URLSearchParams): IncludeObject {
  const asked = query.get('includeObject')
  return asked === 'None' || asked === 'Object' ? asked : 'Metadata'
}

/** As asked for; people at a terminal or in a browser get it without asking. */
function isPretty({ headers }: HttpRequest, query: URLSearchParams): boolean {
  const asked = query.get('pretty')
  if (asked !== null) return isTrue(asked)
  return /^(?:curl|Wget|Mozilla\/5\.0)/.test(headers['user-agent'] ?? '')
}

const mostWarningRunes = 4096
const cutWarningRunes = 256

/**
 * RFC 7234 warnings with agent '-' left out, as apimachinery writes them. Where they are too much together, each is cut, and those that
 * are too many are left out.
 */
function warningHeader(warnings: readonly string[]): string {
  const distinct = [...new Set(warnings)].map((text) => [...text])
  const total = distinct.reduce((sum, runes) => sum + runes.length, 0)
  const shown = total <= mostWarningRunes ? distinct : cutWarnings(distinct)
  return shown.map((runes) => `299 - ${JSON.stringify(runes.join(''))}`).join(', ')
}

function cutWarnings(texts: readonly (readonly string[])[]): readonly (readonly string[])[] {
  let written = 0
  return texts.flatMap((runes) => {
    if (written >= mostWarningRunes) return []
    const cut = runes.slice(0, cutWarningRunes)
    written += cut.length
    return [cut]
  })
}
