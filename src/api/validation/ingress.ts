import type {
  HTTPIngressPath,
  Ingress,
  IngressBackend,
  IngressClass,
  IngressClassParametersReference,
  IngressRule,
  IngressSpec,
  IngressTLS,
  TypedLocalObjectReference,
} from '../kinds.generated.ts'
import {
  child,
  type Errors,
  forbidden,
  immutable,
  index,
  invalid,
  invalidEach,
  notSupported,
  required,
  tooLong,
} from './field-error.ts'
import { parseIp, validateIp } from './ip.ts'
import {
  dnsLabelErrors,
  dnsSubdomainErrors,
  pathSegmentErrors,
  portNameErrors,
  portNumberErrors,
  wildcardSubdomainErrors,
} from './names.ts'
import { utf8Bytes, validateMetaUpdate, validateNewMeta } from './object-meta.ts'
import { validateDomainPrefixedPath } from './qualified-names.ts'

const classAnnotation = 'kubernetes.io/ingress.class'
const notAnIp = 'must be a DNS name, not an IP address'

/** What of an old object, let in by older rules, may stay as it is. */
type Leniency = Readonly<{ secretNames: boolean; wildcardRules: boolean }>
const strict: Leniency = { secretNames: false, wildcardRules: false }

export function validateIngress(ingress: Ingress): Errors {
  const { metadata = {}, spec = {} } = ingress
  const annotated = metadata.annotations?.[classAnnotation]
  const differs = annotated !== undefined && spec.ingressClassName !== undefined && annotated !== spec.ingressClassName
  return [
    ...validateWhole(ingress, strict),
    ...(differs
      ? [
          invalid(
            child('annotations', classAnnotation),
            annotated,
            'must match `ingressClassName` when both are specified',
          ),
        ]
      : []),
  ]
}

export function validateIngressUpdate(ingress: Ingress, old: Ingress): Errors {
  const { rules = [], tls = [] } = old.spec ?? {}
  const leniency = {
    secretNames: tls.some(({ secretName = '' }) => secretNameErrors(secretName).length > 0),
    wildcardRules: rules.some((rule) => isWildcard(rule) && validateRuleValue('', rule).length > 0),
  }
  return [...validateMetaUpdate(ingress.metadata ?? {}, old.metadata ?? {}), ...validateWhole(ingress, leniency)]
}

export function validateIngressStatusUpdate(ingress: Ingress, old: Ingress): Errors {
  const path = 'status.loadBalancer.ingress'
  const before = (old.status?.loadBalancer?.ingress ?? []).map(({ ip = '' }) => ip)
  return [
    ...validateMetaUpdate(ingress.metadata ?? {}, old.metadata ?? {}),
    ...(ingress.status?.loadBalancer?.ingress ?? []).flatMap(({ ip = '', hostname = '' }, at) => [
      ...(ip === '' ? [] : validateIp(child(index(path, at), 'ip'), ip, before)),
      ...(hostname === ''
        ? []
        : [
            ...invalidEach(child(index(path, at), 'hostname'), hostname, dnsSubdomainErrors(hostname)),
            ...(parseIp(hostname) === undefined
              ? []
              : [invalid(child(index(path, at), 'hostname'), hostname, notAnIp)]),
          ]),
    ]),
  ]
}

function validateWhole({ metadata = {}, spec = {} }: Ingress, leniency: Leniency): Errors {
  return [...validateNewMeta(metadata, true, dnsSubdomainErrors), ...validateSpec(spec, leniency)]
}

function validateSpec({ rules, defaultBackend, tls, ingressClassName }: IngressSpec, leniency: Leniency): Errors {
  const isEmpty = (rules ?? []).length === 0 && defaultBackend === undefined
  return [
    ...(isEmpty ? [invalid('spec', rules ?? null, 'either `defaultBackend` or `rules` must be specified')] : []),
    ...(defaultBackend === undefined ? [] : validateBackend('spec.defaultBackend', defaultBackend)),
    ...(rules ?? []).flatMap((rule, at) => validateRule(index('spec.rules', at), rule, leniency)),
    ...(tls ?? []).flatMap((one, at) => validateTls(index('spec.tls', at), one, leniency)),
    ...(ingressClassName === undefined
      ? []
      : invalidEach('spec.ingressClassName', ingressClassName, dnsSubdomainErrors(ingressClassName))),
  ]
}

function validateTls(field: string, { hosts = [], secretName = '' }: IngressTLS, { secretNames }: Leniency): Errors {
  return [
    ...hosts.flatMap((host, at) => invalidEach(index(child(field, 'hosts'), at), host, hostErrors(host))),
    ...(secretNames ? [] : invalidEach(child(field, 'secretName'), secretName, secretNameErrors(secretName))),
  ]
}

function secretNameErrors(name: string): readonly string[] {
  return name === '' ? [] : dnsSubdomainErrors(name)
}

function hostErrors(host: string): readonly string[] {
  return host.includes('*') ? wildcardSubdomainErrors(host) : dnsSubdomainErrors(host)
}

function isWildcard({ host = '' }: IngressRule): boolean {
  return host.includes('*')
}

function validateRule(field: string, rule: IngressRule, { wildcardRules }: Leniency): Errors {
  const { host = '' } = rule
  return [
    ...(parseIp(host) === undefined ? [] : [invalid(child(field, 'host'), host, notAnIp)]),
    ...(host === '' ? [] : invalidEach(child(field, 'host'), host, hostErrors(host))),
    ...(isWildcard(rule) && wildcardRules ? [] : validateRuleValue(field, rule)),
  ]
}

function validateRuleValue(field: string, { http }: IngressRule): Errors {
  if (http === undefined) return []
  const path = child(field, 'http', 'paths')
  const paths = http.paths ?? []
  return [
    ...(paths.length === 0 ? [required(path)] : []),
    ...paths.flatMap((one, at) => validatePath(index(path, at), one)),
  ]
}

const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix']
const forbiddenInPaths = ['//', '/./', '/../', '%2f', '%2F']
const forbiddenEnds = ['/..', '/.']

function validatePath(field: string, { path = '', pathType, backend }: HTTPIngressPath): Errors {
  if (pathType === undefined || pathType === null)
    return [required(child(field, 'pathType'), 'pathType must be specified')]
  return [...validatePathText(field, path, pathType), ...validateBackend(child(field, 'backend'), backend ?? {})]
}

function validatePathText(field: string, path: string, pathType: string): Errors {
  const at = child(field, 'path')
  const relative = path.startsWith('/') ? [] : [invalid(at, path, 'must be an absolute path')]
  if (pathType === 'ImplementationSpecific') return path === '' ? [] : relative
  if (!pathTypes.includes(pathType)) return [notSupported(child(field, 'pathType'), pathType, pathTypes)]
  return [
    ...relative,
    ...forbiddenInPaths
      .filter((part) => path.includes(part))
      .map((part) => invalid(at, path, `must not contain '${part}'`)),
    ...forbiddenEnds.filter((end) => path.endsWith(end)).map((end) => invalid(at, path, `cannot end with '${end}'`)),
  ]
}

function validateBackend(field: string, { resource, service }: IngressBackend): Errors {
  if (resource !== undefined && service !== undefined)
    return [invalid(field, '', 'cannot set both resource and service backends')]
  if (resource !== undefined) return validateTypedReference(child(field, 'resource'), resource)
  if (service === undefined) return [invalid(field, '', 'resource or service backend is required')]
  const { name = '', port } = service
  const at = child(field, 'service', 'name')
  return [
    ...(name === '' ? [required(at)] : invalidEach(at, name, dnsLabelErrors(name))),
    ...validateBackendPort(field, port?.name ?? '', port?.number ?? 0),
  ]
}

function validateBackendPort(field: string, name: string, number: number): Errors {
  const at = child(field, 'service', 'port')
  if (name !== '' && number !== 0) return [invalid(field, '', 'cannot set both port name & port number')]
  if (name !== '') return invalidEach(child(at, 'name'), name, portNameErrors(name))
  if (number !== 0) return invalidEach(child(at, 'number'), number, portNumberErrors(number))
  return [required(field, 'port name or number is required')]
}

function validateTypedReference(
  field: string,
  { apiGroup, kind = '', name = '' }: Pick<TypedLocalObjectReference, 'apiGroup' | 'kind' | 'name'>,
): Errors {
  return [
    ...(apiGroup === undefined ? [] : invalidEach(child(field, 'apiGroup'), apiGroup, dnsSubdomainErrors(apiGroup))),
    ...requiredSegment(child(field, 'kind'), kind),
    ...requiredSegment(child(field, 'name'), name),
  ]
}

function requiredSegment(field: string, value: string): Errors {
  return value === '' ? [required(field)] : invalidEach(field, value, pathSegmentErrors(value))
}

const mostControllerBytes = 250
const scopes = ['Cluster', 'Namespace']

export function validateIngressClass({ metadata = {}, spec }: IngressClass): Errors {
  const { controller = '', parameters } = spec ?? {}
  const path = 'spec.controller'
  return [
    ...validateNewMeta(metadata, false, dnsSubdomainErrors),
    ...(utf8Bytes(controller) > mostControllerBytes ? [tooLong(path, mostControllerBytes)] : []),
    ...validateDomainPrefixedPath(path, controller),
    ...(parameters === undefined ? [] : validateParameters('spec.parameters', parameters)),
  ]
}

function validateParameters(field: string, parameters: IngressClassParametersReference): Errors {
  const { scope, namespace } = parameters
  const [atScope, at] = [child(field, 'scope'), child(field, 'namespace')]
  const common = validateTypedReference(field, parameters)
  if (scope === undefined) return [...common, required(atScope)]
  if (!scopes.includes(scope)) return [...common, notSupported(atScope, scope, scopes)]
  if (scope === 'Cluster') {
    return namespace === undefined ? common : [...common, forbidden(at, "`parameters.scope` is set to 'Cluster'")]
  }
  return namespace === undefined
    ? [...common, required(at, "`parameters.scope` is set to 'Namespace'")]
    : [...common, ...invalidEach(at, namespace, dnsLabelErrors(namespace))]
}

export function validateIngressClassUpdate(ingressClass: IngressClass, old: IngressClass): Errors {
  return [
    ...validateMetaUpdate(ingressClass.metadata ?? {}, old.metadata ?? {}),
    ...immutable('spec.controller', ingressClass.spec?.controller ?? '', old.spec?.controller ?? ''),
    ...validateIngressClass(ingressClass),
  ]
}
