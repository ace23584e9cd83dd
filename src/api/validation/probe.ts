import type { Container, LifecycleHandler, Probe } from '../kinds.generated.ts'
import {
  child,
  type Errors,
  forbidden,
  invalid,
  invalidEach,
  nonNegative,
  notSupported,
  required,
} from './field-error.ts'
import { headerNameErrors, portErrors } from './names.ts'

/** What probes and hooks can do; not both can do all of it. */
type Handler = Readonly<Pick<Probe, 'exec' | 'httpGet' | 'tcpSocket' | 'grpc'> & Pick<LifecycleHandler, 'sleep'>>

const handlerKinds = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const

function validateHandler(field: string, handler: Handler, graceSeconds: number | undefined): Errors {
  const kinds = handlerKinds.filter((kind) => handler[kind] !== undefined)
  if (kinds.length === 0) return [required(field, 'must specify a handler type')]
  return kinds.flatMap((kind, at) =>
    at === 0
      ? validateAction(child(field, kind), handler, graceSeconds)
      : [forbidden(child(field, kind), 'may not specify more than 1 handler type')],
  )
}

function validateAction(field: string, handler: Handler, graceSeconds: number | undefined): Errors {
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler
  if (exec !== undefined) return (exec.command ?? []).length === 0 ? [required(child(field, 'command'))] : []
  if (httpGet !== undefined) return validateHttpGet(field, httpGet)
  if (tcpSocket !== undefined) return validatePort(field, tcpSocket.port)
  if (grpc !== undefined) return validatePort(field, grpc.port)
  const seconds = sleep?.seconds ?? 0
  if (graceSeconds === undefined || (seconds >= 0 && seconds <= graceSeconds)) return []
  const detail = `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`
  return [invalid(field, seconds, detail)]
}

function validatePort(field: string, port: number | string | undefined): Errors {
  return invalidEach(child(field, 'port'), port ?? 0, portErrors(port))
}

const schemes = ['HTTP', 'HTTPS']

function validateHttpGet(
  field: string,
  { path = '', port, scheme = '', httpHeaders = [] }: NonNullable<Probe['httpGet']>,
): Errors {
  return [
    ...(path === '' ? [required(child(field, 'path'))] : []),
    ...validatePort(field, port),
    ...(schemes.includes(scheme) ? [] : [notSupported(child(field, 'scheme'), scheme, schemes)]),
    ...httpHeaders.flatMap(({ name = '' }) => invalidEach(child(field, 'httpHeaders'), name, headerNameErrors(name))),
  ]
}

function validateProbe(field: string, probe: Probe, graceSeconds: number | undefined): Errors {
  const grace = probe.terminationGracePeriodSeconds
  return [
    ...validateHandler(field, probe, graceSeconds),
    ...nonNegative(child(field, 'initialDelaySeconds'), probe.initialDelaySeconds),
    ...nonNegative(child(field, 'timeoutSeconds'), probe.timeoutSeconds),
    ...nonNegative(child(field, 'periodSeconds'), probe.periodSeconds),
    ...nonNegative(child(field, 'successThreshold'), probe.successThreshold),
    ...nonNegative(child(field, 'failureThreshold'), probe.failureThreshold),
    ...(grace !== undefined && grace <= 0
      ? [invalid(child(field, 'terminationGracePeriodSeconds'), grace, 'must be greater than 0')]
      : []),
  ]
}

function validateOnceProbe(field: string, probe: Probe | undefined, graceSeconds: number | undefined): Errors {
  if (probe === undefined) return []
  const { successThreshold = 1 } = probe
  return [
    ...validateProbe(field, probe, graceSeconds),
    ...(successThreshold === 1 ? [] : [invalid(child(field, 'successThreshold'), successThreshold, 'must be 1')]),
  ]
}

function validateReadinessProbe(field: string, probe: Probe | undefined, graceSeconds: number | undefined): Errors {
  if (probe === undefined) return []
  const grace = probe.terminationGracePeriodSeconds
  return [
    ...validateProbe(field, probe, graceSeconds),
    ...(grace === undefined
      ? []
      : [invalid(child(field, 'terminationGracePeriodSeconds'), grace, 'must not be set for readinessProbes')]),
  ]
}

export function validateProbes(field: string, container: Container, graceSeconds: number | undefined): Errors {
  return [
    ...validateOnceProbe(child(field, 'livenessProbe'), container.livenessProbe, graceSeconds),
    ...validateReadinessProbe(child(field, 'readinessProbe'), container.readinessProbe, graceSeconds),
    ...validateOnceProbe(child(field, 'startupProbe'), container.startupProbe, graceSeconds),
  ]
}

/** stopSignal belongs to a feature that is off: it is dropped, not refused. */
export function validateLifecycle(
  field: string,
  { postStart, preStop }: NonNullable<Container['lifecycle']>,
  graceSeconds: number | undefined,
): Errors {
  return [
    ...(postStart === undefined ? [] : validateHandler(child(field, 'postStart'), postStart, graceSeconds)),
    ...(preStop === undefined ? [] : validateHandler(child(field, 'preStop'), preStop, graceSeconds)),
  ]
}
