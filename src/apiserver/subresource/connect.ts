import type { BodyType } from '../../api/decode.ts'
import { apiVersionOf, type Kind } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import { fail } from '../../api/result.ts'
import type { Admission, Attributes } from '../admit/admission.ts'
import { throughBoth } from '../admit/chain.ts'
import type { Call, Handle } from '../call.ts'
import { isTrue } from '../request-info.ts'

/** How the options of a connection are written in its query. */
type Option = 'flag' | 'text' | 'texts' | 'numbers' | 'path'

const streams = { stdin: 'flag', stdout: 'flag', stderr: 'flag', tty: 'flag', container: 'text' } as const

const optionsOf: Readonly<Record<string, Readonly<Record<string, Option>>>> = {
  PodExecOptions: { ...streams, command: 'texts' },
  PodAttachOptions: streams,
  PodPortForwardOptions: { ports: 'numbers' },
  PodProxyOptions: { path: 'path' },
  ServiceProxyOptions: { path: 'path' },
  NodeProxyOptions: { path: 'path' },
}

/** Who runs something in a pod, or reaches through an object, is asked by admission before: apiserver's ConnectResource. */
export function admittedConnection(admission: Admission, kind: Kind, body: BodyType, handle: Handle): Handle {
  return async (call) => {
    if ((call.query.get('dryRun') ?? '') !== '')
      return fail({ reason: 'BadRequest', message: 'dryRun is not supported' })
    const { user, info, deadlineMs, annotate, outside } = call
    const { namespace, name, subresource } = info
    const warn = (message: string): void => void call.warnings.push(message)
    const what = { kind, body, namespace, name, subresource, options: {}, dryRun: false }
    const attributes: Attributes = { ...what, operation: 'CONNECT', user, deadlineMs, warn, annotate, outside }
    const refusal = await throughBoth(admission, attributes, connectionOptions(body, call))
    return refusal === undefined ? handle(call) : fail(refusal)
  }
}

function connectionOptions(body: BodyType, call: Call): ApiObject {
  const { kind, group, version } = body
  const fields = Object.entries(optionsOf[kind] ?? {}).flatMap(([name, form]) => {
    const value = optionValue(form, name, call)
    return value === undefined ? [] : [[name, value] as const]
  })
  return { kind, apiVersion: apiVersionOf({ group, version }), ...Object.fromEntries(fields) } as unknown as ApiObject
}

function optionValue(form: Option, name: string, { query, info }: Call): unknown {
  const all = query.getAll(name)
  switch (form) {
    case 'flag':
      return isTrue(query.get(name)) || undefined
    case 'text':
      return query.get(name) || undefined
    case 'texts':
      return all.length === 0 ? undefined : all
    case 'numbers':
      return all.length === 0 ? undefined : all.flatMap((text) => text.split(',')).map(Number)
    case 'path':
      return info.rest || undefined
  }
}
