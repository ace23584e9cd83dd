import type {
  APIService,
  APIServiceCondition,
  DiscoveryV1EndpointPort,
  EndpointSlice,
  Service,
} from '../../api/kinds.generated.ts'

type Verdict = Pick<APIServiceCondition, 'status' | 'reason' | 'message'>

export type BackendState = Readonly<{
  service: Service | undefined
  slices: readonly EndpointSlice[]
}>

/** Why the backend need not even be asked; undefined where it has to be: kube-aggregator's remote availability controller. */
export function unavailability({ spec }: APIService, { service, slices }: BackendState): Verdict | undefined {
  const { name = '', namespace = '', port = 443 } = spec?.service ?? {}
  const where = `service/${name} in ${JSON.stringify(namespace)}`
  const no = (reason: string, message: string): Verdict => ({ status: 'False', reason, message })
  if (service === undefined) return no('ServiceNotFound', `${where} is not present`)
  if (service.spec?.type !== 'ClusterIP') return undefined
  const declared = service.spec.ports?.find((one) => one.port === port)
  if (declared === undefined) return no('ServicePortError', `${where} is not listening on port ${port}`)
  if (slices.length === 0) return no('EndpointsNotFound', `cannot find endpointslices for ${where}`)
  const portName = declared.name ?? ''
  if (slices.some((slice) => isReady(slice, portName))) return undefined
  const message = `endpointslices for ${where} have no addresses with port name ${JSON.stringify(portName)}`
  return no('MissingEndpoints', message)
}

function isReady({ endpoints, ports }: EndpointSlice, portName: string): boolean {
  const isThere = (endpoints ?? []).some(({ conditions }) => conditions?.ready !== false)
  const isPort = ({ name, port }: DiscoveryV1EndpointPort): boolean => (name ?? '') === portName && port !== undefined
  return isThere && (ports ?? []).some(isPort)
}

export const passed: Verdict = { status: 'True', reason: 'Passed', message: 'all checks passed' }

export function failedCheck(message: string): Verdict {
  return { status: 'False', reason: 'FailedDiscoveryCheck', message }
}

/** The conditions with the verdict; the very same ones where it says nothing new. */
export function withVerdict(service: APIService, verdict: Verdict, time: string): readonly APIServiceCondition[] {
  const conditions = service.status?.conditions ?? []
  const known = conditions.find(({ type }) => type === 'Available')
  const { status, reason = '', message = '' } = verdict
  const isSame = known?.status === status && known.reason === reason && known.message === message
  if (isSame) return conditions
  const lastTransitionTime = known?.status === status ? (known.lastTransitionTime ?? time) : time
  const after = { type: 'Available', status, reason, message, lastTransitionTime }
  return [...conditions.filter(({ type }) => type !== 'Available'), after]
}
