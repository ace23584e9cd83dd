import { decodeBase64 } from '../base64.ts'
import type { APIService, APIServiceSpec } from '../kinds.generated.ts'
import { child, type Errors, index, invalid, invalidEach, notSupported, required } from './field-error.ts'
import { dns1035LabelErrors, dnsSubdomainErrors, pathSegmentErrors, portNumberErrors } from './names.ts'
import { validateMetaUpdate, validateNewMeta } from './object-meta.ts'

const mostGroupPriority = 20_000
const mostVersionPriority = 1000

export function validateApiService({ metadata = {}, spec }: APIService): Errors {
  const wanted = spec ?? { groupPriorityMinimum: 0, versionPriority: 0 }
  const { group = '', version = '' } = wanted
  const nameErrors = (name: string): readonly string[] => {
    const errors = pathSegmentErrors(name)
    if (errors.length > 0 || name === `${version}.${group}`) return errors
    return [`must be \`spec.version+"."+spec.group\`: ${JSON.stringify(`${version}.${group}`)}`]
  }
  return [...validateNewMeta(metadata, false, nameErrors), ...validateSpec(wanted)]
}

function validateSpec(spec: APIServiceSpec): Errors {
  const { group = '', version = '', groupPriorityMinimum = 0, versionPriority = 0 } = spec
  return [
    ...(group === '' && version !== 'v1'
      ? [required('spec.group', 'only v1 may have an empty group and it better be legacy kube')]
      : []),
    ...(group === '' ? [] : invalidEach('spec.group', group, dnsSubdomainErrors(group))),
    ...invalidEach('spec.version', version, dns1035LabelErrors(version)),
    ...validatePriority('groupPriorityMinimum', groupPriorityMinimum, mostGroupPriority),
    ...validatePriority('versionPriority', versionPriority, mostVersionPriority),
    ...validateBackend(spec),
  ]
}

function validatePriority(field: string, value: number, most: number): Errors {
  if (value > 0 && value <= most) return []
  return [invalid(child('spec', field), value, `must be positive and less than ${most}`)]
}

function validateBackend({ service, caBundle = '', insecureSkipTLSVerify = false }: APIServiceSpec): Errors {
  if (service === undefined) {
    const shown = `${decodeBase64(caBundle).length} bytes`
    return [
      ...(caBundle === '' ? [] : [invalid('spec.caBundle', shown, 'local APIServices may not have a caBundle')]),
      ...(insecureSkipTLSVerify
        ? [invalid('spec.insecureSkipTLSVerify', true, 'local APIServices may not have insecureSkipTLSVerify')]
        : []),
    ]
  }
  const { namespace = '', name = '', port = 0 } = service
  const portErrors = portNumberErrors(port)
  return [
    ...(namespace === '' ? [required('spec.service.namespace')] : []),
    ...(name === '' ? [required('spec.service.name')] : []),
    ...(portErrors.length === 0
      ? []
      : [invalid('spec.service.port', port, `port is not valid: ${portErrors.join(', ')}`)]),
    ...(insecureSkipTLSVerify && caBundle !== ''
      ? [invalid('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present')]
      : []),
  ]
}

export function validateApiServiceUpdate(service: APIService, old: APIService): Errors {
  return [...validateMetaUpdate(service.metadata ?? {}, old.metadata ?? {}), ...validateApiService(service)]
}

const statuses = ['True', 'False', 'Unknown']

export function validateApiServiceStatusUpdate(service: APIService, old: APIService): Errors {
  return [
    ...validateMetaUpdate(service.metadata ?? {}, old.metadata ?? {}),
    ...(service.status?.conditions ?? []).flatMap(({ status = '' }, at) =>
      statuses.includes(status)
        ? []
        : [notSupported(child(index('status.conditions', at), 'status'), status, statuses)],
    ),
  ]
}
