import { decodeBase64 } from '../base64.ts'
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from '../kinds.generated.ts'
import { parseCertificates } from '../x509/certificate.ts'
import { parseCertificateRequest } from '../x509/certificate-request.ts'
import {
  duplicate,
  type Errors,
  forbidden,
  index,
  invalid,
  invalidEach,
  notSupported,
  required,
  tooLong,
} from './field-error.ts'
import { dnsLabelErrors, dnsSubdomainErrors, pathSegmentErrors } from './names.ts'
import { validateMetaUpdate, validateNewMeta } from './object-meta.ts'

const legacySigner = 'kubernetes.io/legacy-unknown'
const shortestSeconds = 600
const conditionsPath = 'status.conditions'

const usages = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
]

/** All but the signature of the request: checking it takes keys. */
export function validateCertificateSigningRequest(csr: CertificateSigningRequest): Errors {
  return validateWhole(csr, undefined)
}

function validateWhole(csr: CertificateSigningRequest, old: CertificateSigningRequest | undefined): Errors {
  const { metadata = {}, spec } = csr
  const { request = '', signerName = '', expirationSeconds } = spec ?? {}
  const parsed = parseCertificateRequest(textOf(request))
  return [
    ...validateNewMeta(metadata, false, pathSegmentErrors),
    ...(parsed.ok ? [] : [invalid('spec.request', request === '' ? null : request, parsed.error)]),
    ...validateUsages(spec?.usages ?? []),
    ...(signerName === legacySigner
      ? [invalid('spec.signerName', signerName, 'the legacy signerName is not allowed via this API version')]
      : validateSignerName('spec.signerName', signerName)),
    ...(expirationSeconds !== undefined && expirationSeconds < shortestSeconds
      ? [
          invalid(
            'spec.expirationSeconds',
            expirationSeconds,
            'may not specify a duration less than 600 seconds (10 minutes)',
          ),
        ]
      : []),
    ...validateConditions(conditionsOf(csr)),
    ...validateCertificate(csr, old),
  ]
}

/** An absent list of bytes is null in JSON. */
function textOf(base64: string | null): string {
  return new TextDecoder('latin1').decode(decodeBase64(base64 ?? ''))
}

function validateUsages(given: readonly string[]): Errors {
  const path = 'spec.usages'
  return [
    ...(given.length === 0 ? [required(path)] : []),
    ...given.flatMap((usage, at) => (usages.includes(usage) ? [] : [notSupported(index(path, at), usage, usages)])),
    ...given.flatMap((usage, at) => (given.indexOf(usage) < at ? [duplicate(index(path, at), usage)] : [])),
  ]
}

const longestDomain = 253
const longestName = longestDomain + 1 + longestDomain + 1 + 63

/** 'example.com/signer-name'. */
export function validateSignerName(field: string, name: string): Errors {
  if (name === '') return [required(field)]
  const [domain = '', path = '', ...more] = name.split('/')
  if (!name.includes('/') || more.length > 0) {
    const detail = "must be a fully qualified domain and path of the form 'example.com/signer-name'"
    return [invalid(field, name, detail)]
  }
  const labels = domain.split('.')
  return [
    ...(domain.length > longestDomain ? [tooLong(field, longestDomain)] : []),
    ...validateLabels(field, domain, labels, dnsLabelErrors),
    ...(labels.length < 2
      ? [invalid(field, domain, 'should be a domain with at least two segments separated by dots')]
      : []),
    ...validateLabels(field, path, path.split('.'), dnsSubdomainErrors),
    ...(name.length > longestName ? [tooLong(field, longestName)] : []),
  ]
}

/** Only the first label that is wrong is told. */
function validateLabels(
  field: string,
  shown: string,
  labels: readonly string[],
  errorsOf: (label: string) => readonly string[],
): Errors {
  const wrong = labels.find((label) => errorsOf(label).length > 0)
  if (wrong === undefined) return []
  const lead = `validating label ${JSON.stringify(wrong)}: `
  return invalidEach(
    field,
    shown,
    errorsOf(wrong).map((error) => lead + error),
  )
}

type Condition = CertificateSigningRequestCondition

function conditionsOf({ status }: CertificateSigningRequest): readonly Condition[] {
  return status?.conditions ?? []
}

const finalTypes = ['Approved', 'Denied', 'Failed']
const opposites: Readonly<Record<string, string>> = { Approved: 'Denied', Denied: 'Approved' }

function validateConditions(conditions: readonly Condition[]): Errors {
  const seen = new Set<string>()
  return conditions.flatMap(({ type = '', status = '' }, at) => {
    const path = index(conditionsPath, at)
    const supported = finalTypes.includes(type) ? ['True'] : ['False', 'True', 'Unknown']
    const opposite = opposites[type]
    const errors = [
      ...(type === '' ? [required(`${path}.type`)] : []),
      ...(status === ''
        ? [required(`${path}.status`)]
        : supported.includes(status)
          ? []
          : [notSupported(`${path}.status`, status, supported)]),
      ...(opposite !== undefined && seen.has(opposite)
        ? [invalid(conditionsPath, type, 'Approved and Denied conditions are mutually exclusive')]
        : []),
      ...(seen.has(type) ? [duplicate(`${path}.type`, type)] : []),
    ]
    seen.add(type)
    return errors
  })
}

function validateCertificate(csr: CertificateSigningRequest, old: CertificateSigningRequest | undefined): Errors {
  const certificate = csr.status?.certificate ?? ''
  if (certificate === '' || certificate === (old?.status?.certificate ?? '')) return []
  const parsed = parseCertificates(textOf(certificate))
  return parsed.ok ? [] : [invalid('status.certificate', '<certificate data>', parsed.error)]
}

type Permitted = Readonly<{ approval: boolean; certificate: boolean }>

export function validateCertificateSigningRequestUpdate(
  csr: CertificateSigningRequest,
  old: CertificateSigningRequest,
): Errors {
  return validateChange(csr, old, { approval: false, certificate: false })
}

export function validateCertificateSigningRequestStatus(
  csr: CertificateSigningRequest,
  old: CertificateSigningRequest,
): Errors {
  return validateChange(csr, old, { approval: false, certificate: true })
}

export function validateCertificateSigningRequestApproval(
  csr: CertificateSigningRequest,
  old: CertificateSigningRequest,
): Errors {
  return validateChange(csr, old, { approval: true, certificate: false })
}

function validateChange(csr: CertificateSigningRequest, old: CertificateSigningRequest, permitted: Permitted): Errors {
  const [now, before] = [conditionsOf(csr), conditionsOf(old)]
  return [
    ...validateWhole(csr, old),
    ...finalTypes
      .filter((type) => ofType(now, type).length < ofType(before, type).length)
      .map((type) => forbidden(conditionsPath, `updates may not remove a condition of type "${type}"`)),
    ...(permitted.approval ? [] : ['Approved', 'Denied'].flatMap((type) => validateKept(type, now, before))),
    ...validateCertificateChange(csr, old, permitted),
    ...validateMetaUpdate(csr.metadata ?? {}, old.metadata ?? {}),
  ]
}

function ofType(conditions: readonly Condition[], type: string): readonly Condition[] {
  return conditions.filter((condition) => condition.type === type)
}

/** Its instances are kept as they were before this is looked at: only that there are more can be wrong. */
function validateKept(type: string, now: readonly Condition[], before: readonly Condition[]): Errors {
  if (ofType(now, type).length <= ofType(before, type).length) return []
  return [forbidden(conditionsPath, `updates may not add a condition of type "${type}"`)]
}

function validateCertificateChange(
  csr: CertificateSigningRequest,
  old: CertificateSigningRequest,
  permitted: Permitted,
): Errors {
  const [now, before] = [csr.status?.certificate ?? '', old.status?.certificate ?? '']
  if (now === before) return []
  if (!permitted.certificate) return [forbidden('status.certificate', 'updates may not set certificate content')]
  return before === '' ? [] : [forbidden('status.certificate', 'updates may not modify existing certificate content')]
}
