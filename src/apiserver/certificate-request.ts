import { decodeBase64 } from '../api/base64.ts'
import type { CertificateSigningRequest } from '../api/kinds.generated.ts'
import { type Kind, kinds } from '../api/kinds.ts'
import type { ApiObject } from '../api/object.ts'
import { type Errors, invalid } from '../api/validation/field-error.ts'
import { parseCertificateRequest } from '../api/x509/certificate-request.ts'
import type { Keys } from '../ports/keys.ts'

/** Of a new CertificateSigningRequest: that its sender holds the key. What cannot be read at all is told by validation. */
export function requestSignatureErrors(keys: Keys, kind: Kind, object: ApiObject): Errors {
  if (kind.typeName !== kinds.certificateSigningRequests.typeName) return []
  // An absent list of bytes is null in JSON.
  const request = (object as unknown as CertificateSigningRequest).spec?.request ?? ''
  const parsed = parseCertificateRequest(new TextDecoder('latin1').decode(decodeBase64(request)))
  if (!parsed.ok) return []
  const fault = keys.signatureFault(parsed.value)
  return fault === undefined ? [] : [invalid('spec.request', request, fault)]
}
