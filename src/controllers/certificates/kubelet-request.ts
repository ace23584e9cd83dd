import { decodeBase64 } from '../../api/base64.ts'
import type { CertificateSigningRequest } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import type { Result } from '../../api/result.ts'
import { type CertificateRequest, parseCertificateRequest } from '../../api/x509/certificate-request.ts'

export type StoredRequest = Stored<CertificateSigningRequest>

export function parsedRequest({ spec }: StoredRequest): Result<CertificateRequest, string> {
  return parseCertificateRequest(new TextDecoder('latin1').decode(decodeBase64(spec.request)))
}

export function hasCondition({ status }: StoredRequest, type: 'Approved' | 'Denied' | 'Failed'): boolean {
  return (status.conditions ?? []).some((condition) => condition.type === type && condition.status === 'True')
}

export function isIssued({ status }: StoredRequest): boolean {
  return (status.certificate ?? '') !== ''
}

const nodesGroup = 'system:nodes'
const nodePrefix = 'system:node:'

/** Usages that must be there, all of them and no others; an RSA key may encipher besides. */
function usagesFault(usages: readonly string[], purpose: 'client auth' | 'server auth'): string | undefined {
  const bare = ['digital signature', purpose]
  const full = ['digital signature', 'key encipherment', purpose].sort()
  const given = new Set(usages)
  const matches = (wanted: readonly string[]): boolean =>
    given.size === wanted.length && wanted.every((usage) => given.has(usage))
  return matches(bare) || matches(full) ? undefined : `usages did not match [${full.join(' ')}]`
}

function isForNodes({ subject }: CertificateRequest): boolean {
  return subject.organizations.length === 1 && subject.organizations[0] === nodesGroup
}

/** Why this is no request of a kubelet for a client certificate; kubernetes' pkg/apis/certificates ValidateKubeletClientCSR. */
export function kubeletClientFault(request: CertificateRequest, usages: readonly string[]): string | undefined {
  if (!isForNodes(request)) return 'subject organization is not system:nodes'
  if (request.dnsNames.length > 0) return 'DNS subjectAltNames are not allowed'
  if (request.emailAddresses.length > 0) return 'Email subjectAltNames are not allowed'
  if (request.ipAddresses.length > 0) return 'IP subjectAltNames are not allowed'
  if (request.uris.length > 0) return 'URI subjectAltNames are not allowed'
  return nameFault(request) ?? usagesFault(usages, 'client auth')
}

/** Why this is no request of a kubelet for a serving certificate. */
export function kubeletServingFault(request: CertificateRequest, usages: readonly string[]): string | undefined {
  if (!isForNodes(request)) return 'subject organization is not system:nodes'
  if (request.dnsNames.length + request.ipAddresses.length === 0) return 'DNS or IP subjectAltName is required'
  if (request.emailAddresses.length > 0) return 'Email subjectAltNames are not allowed'
  if (request.uris.length > 0) return 'URI subjectAltNames are not allowed'
  return usagesFault(usages, 'server auth') ?? nameFault(request)
}

function nameFault({ subject }: CertificateRequest): string | undefined {
  return subject.commonName.startsWith(nodePrefix) ? undefined : 'subject common name does not begin with system:node:'
}
