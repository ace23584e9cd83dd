import { encodeBase64 } from '../../api/base64.ts'
import { kinds } from '../../api/kinds.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { CertificateTemplate } from '../../api/x509/build.ts'
import type { CertificateRequest } from '../../api/x509/certificate-request.ts'
import { type Action, updateStatus } from '../action.ts'
import { kubeletClientSigner } from './approval.ts'
import {
  hasCondition,
  isIssued,
  kubeletClientFault,
  kubeletServingFault,
  type StoredRequest,
} from './kubelet-request.ts'

/** The signer's fault with a request that it has to judge; its name is the key. */
const signers: Readonly<
  Record<string, (request: CertificateRequest, usages: readonly string[]) => string | undefined>
> = {
  'kubernetes.io/kube-apiserver-client': (_request, usages) => clientUsagesFault(usages),
  [kubeletClientSigner]: kubeletClientFault,
  'kubernetes.io/kubelet-serving': kubeletServingFault,
  'kubernetes.io/legacy-unknown': () => undefined,
}

function clientUsagesFault(usages: readonly string[]): string | undefined {
  const allowed = ['digital signature', 'key encipherment', 'client auth']
  const other = usages.find((usage) => !allowed.includes(usage))
  if (other !== undefined) return `invalid usage for client certificate: ${other}`
  return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth'
}

export function isToSign(csr: StoredRequest): boolean {
  const isApproved = hasCondition(csr, 'Approved') && !hasCondition(csr, 'Failed')
  return isApproved && !isIssued(csr) && signers[csr.spec.signerName] !== undefined
}

const minuteMs = 60_000
/** A client whose clock is a little behind must be able to use it at once. */
const backdateMs = 5 * minuteMs
/** Certificates that live shorter than this are not cut at their end by what they are backdated at their beginning. */
const shortMs = 8 * 60 * minuteMs
const shortestMs = 10 * minuteMs
/** kube-controller-manager's --cluster-signing-duration. */
const longestMs = 365 * 24 * 60 * minuteMs

/** Bits of key usages, and object ids of extended ones in the order of Go's constants. */
const keyUsageBits: Readonly<Record<string, number>> = {
  signing: 0,
  'digital signature': 0,
  'content commitment': 1,
  'key encipherment': 2,
  'data encipherment': 3,
  'key agreement': 4,
  'cert sign': 5,
  'crl sign': 6,
  'encipher only': 7,
  'decipher only': 8,
}
const purposeIds: Readonly<Record<string, string>> = {
  any: '2.5.29.37.0',
  'server auth': '1.3.6.1.5.5.7.3.1',
  'client auth': '1.3.6.1.5.5.7.3.2',
  'code signing': '1.3.6.1.5.5.7.3.3',
  'email protection': '1.3.6.1.5.5.7.3.4',
  's/mime': '1.3.6.1.5.5.7.3.4',
  'ipsec end system': '1.3.6.1.5.5.7.3.5',
  'ipsec tunnel': '1.3.6.1.5.5.7.3.6',
  'ipsec user': '1.3.6.1.5.5.7.3.7',
  timestamping: '1.3.6.1.5.5.7.3.8',
  'ocsp signing': '1.3.6.1.5.5.7.3.9',
  'microsoft sgc': '1.3.6.1.4.1.311.10.3.3',
  'netscape sgc': '2.16.840.1.113730.4.1',
}

type Signing = Readonly<{ csr: StoredRequest; request: CertificateRequest; nowMs: number; issuerNotAfterMs: number }>

/** What the certificate shall say; an error that the request itself is the cause of. */
export function certificateFor({
  csr,
  request,
  nowMs,
  issuerNotAfterMs,
}: Signing): Result<CertificateTemplate, string> {
  const usages = csr.spec.usages ?? []
  const fault = signers[csr.spec.signerName]?.(request, usages)
  if (fault !== undefined) return fail(fault)
  const lifetimeMs = lifetimeOf(csr.spec.expirationSeconds)
  const endMs = nowMs + (lifetimeMs < shortMs ? lifetimeMs : lifetimeMs - backdateMs)
  const { dnsNames, ipAddresses, emailAddresses, uris, publicKey, subject } = request
  return ok({
    ...{ dnsNames, ipAddresses, emailAddresses, uris, publicKey, subject: subject.der },
    notBeforeMs: nowMs - backdateMs,
    notAfterMs: Math.min(endMs, issuerNotAfterMs),
    keyUsages: [...new Set(usages.flatMap((usage) => keyUsageBits[usage] ?? []))],
    extendedKeyUsages: Object.values(purposeIds).filter(
      (id, at, all) => all.indexOf(id) === at && usages.some((usage) => purposeIds[usage] === id),
    ),
  })
}

function lifetimeOf(expirationSeconds: number | undefined): number {
  if (expirationSeconds === undefined) return longestMs
  return Math.min(Math.max(expirationSeconds * 1000, shortestMs), longestMs)
}

export type ObservedSigning = Readonly<{ csr: StoredRequest; certificate: Result<string, string> }>

/** kube-controller-manager's csrsigning: a certificate (PEM), or the condition that there can be none. */
export function reconcileSigning({ csr, certificate }: ObservedSigning): readonly Action[] {
  const kind = kinds.certificateSigningRequests
  if (certificate.ok) {
    const encoded = encodeBase64(new TextEncoder().encode(certificate.value))
    return [updateStatus(kind, { ...csr, status: { ...csr.status, certificate: encoded } })]
  }
  const failed = { type: 'Failed', status: 'True', reason: 'SignerValidationFailure', message: certificate.error }
  const conditions = [...(csr.status.conditions ?? []), failed]
  return [updateStatus(kind, { ...csr, status: { ...csr.status, conditions } })]
}
