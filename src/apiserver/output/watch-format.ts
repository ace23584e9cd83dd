import type { JsonObject } from '../../api/json-value.ts'
import { apiVersionOf, type Kind } from '../../api/kinds.ts'
import { encodeObject } from '../../api/protobuf/encode.ts'
import { encodeWatchFrame, envelopeOf } from '../../api/protobuf/envelope.ts'
import { protobufType } from '../../api/protobuf/media-type.ts'
import { type IncludeObject, type TableOptions, tableFor } from '../../api/table/table.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Entry } from '../../store/store.ts'
import { jsonFrame, type WatchFormat } from '../handle/watch-encoding.ts'
import type { Form } from './accept.ts'
import { protobufTypeOf, rawOf } from './protobuf-body.ts'
import { inBeta, partialMetadata } from './write-answer.ts'

const encoder = new TextEncoder()

/** How the events of a kind are written in the form that was negotiated. */
export function watchFormat(
  kind: Kind,
  form: Form,
  includeObject: IncludeObject,
  clock: Clock,
  noHeaders = false,
): WatchFormat {
  if (form.format === 'protobuf') return protobufFormat(kind, form)
  const asAsked = (value: object): object => (form.isBeta === true ? (inBeta(value) as object) : value)
  const object = (entry: Entry): Uint8Array => {
    if (form.as === 'object') return entry.json
    const value =
      form.as === 'metadata'
        ? partialMetadata(entry.object)
        : tableOf(kind, entry, { nowMs: clock.nowMs(), includeObject, noHeaders })
    return json(asAsked(value))
  }
  return {
    contentType: 'application/json',
    isPlain: form.as === 'object',
    object,
    frame: jsonFrame,
    bookmark: (version, isEnd) => json(asAsked(bookmarkObject(kind, form, version, isEnd))),
    status: json,
  }
}

function json(value: object): Uint8Array {
  return encoder.encode(JSON.stringify(value))
}

function tableOf(kind: Kind, { object }: Entry, options: TableOptions): object {
  const metadata = { resourceVersion: object.metadata.resourceVersion ?? '' }
  return tableFor(kind, [object], { ...options, metadata })
}

function protobufFormat(kind: Kind, form: Form): WatchFormat {
  const whole = (value: object): Uint8Array => encodeObject(protobufTypeOf(value as JsonObject), value as JsonObject)
  return {
    contentType: `${protobufType};stream=watch`,
    isPlain: false,
    object: (entry) =>
      form.as === 'object' ? envelopeOf(kind, rawOf(kind, entry)) : whole(partialMetadata(entry.object)),
    frame: encodeWatchFrame,
    bookmark: (version, isEnd) => whole(bookmarkObject(kind, form, version, isEnd)),
    status: whole,
  }
}

/** An object of the kind with nothing but a resourceVersion. */
function bookmarkObject(kind: Kind, form: Form, resourceVersion: string, isEnd: boolean): object {
  const annotations = isEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}
  const metadata = { resourceVersion, ...annotations }
  const partial = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata }
  switch (form.as) {
    case 'metadata':
      return partial
    case 'table':
      return {
        kind: 'Table',
        apiVersion: 'meta.k8s.io/v1',
        metadata: { resourceVersion },
        rows: [{ cells: [], object: partial }],
      }
    case 'object':
      return { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata }
  }
}
