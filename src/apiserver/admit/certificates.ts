import { decodeBase64 } from '../../api/base64.ts'
import { equalJson } from '../../api/json-value.ts'
import type { CertificateSigningRequest } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Refusal } from '../../api/refusal.ts'
import { parseCertificateRequest } from '../../api/x509/certificate-request.ts'
import type { Authorizer, Wish } from '../authorize/decision.ts'
import type { User } from '../call.ts'
import type { Attributes, Plugin } from './admission.ts'
import { forbidden } from './forbidden.ts'

const clientSigner = 'kubernetes.io/kube-apiserver-client'

/** CertificateApproval: who approves or denies may do so for the signer. */
export function certificateApproval(authorizer: Authorizer): Plugin {
  return {
    async validate(attributes) {
      if (!isAbout(attributes, 'approval')) return undefined
      const { signerName } = requestOf(attributes.before).spec
      if (await mayForSigner(authorizer, attributes.user, 'approve', signerName)) return undefined
      return forbidden(
        attributes,
        `user not permitted to approve requests with signerName ${JSON.stringify(signerName)}`,
      )
    },
  }
}

/** CertificateSigning: who sets a certificate, or tells of a failure, may sign for the signer. */
export function certificateSigning(authorizer: Authorizer): Plugin {
  return {
    async validate(attributes, object) {
      if (!isAbout(attributes, 'status')) return undefined
      const before = requestOf(attributes.before)
      const { certificate: had = '', conditions: known = [] } = before.status ?? {}
      const { certificate = '', conditions = [] } = requestOf(object).status ?? {}
      if (certificate === had && equalJson(conditions, known)) return undefined
      const { signerName } = before.spec
      if (await mayForSigner(authorizer, attributes.user, 'sign', signerName)) return undefined
      return forbidden(attributes, `user not permitted to sign requests with signerName ${JSON.stringify(signerName)}`)
    },
  }
}

/** CertificateSubjectRestriction: nobody becomes an administrator by a certificate of the API's own client signer. */
export const certificateSubjectRestriction: Plugin = {
  validate(attributes, object): Refusal | undefined {
    const { kind, operation, subresource } = attributes
    if (kind.typeName !== kinds.certificateSigningRequests.typeName) return undefined
    if (operation !== 'CREATE' || subresource !== undefined) return undefined
    const { signerName, request } = requestOf(object).spec
    if (signerName !== clientSigner) return undefined
    const parsed = parseCertificateRequest(new TextDecoder('latin1').decode(decodeBase64(request)))
    if (!parsed.ok) return forbidden(attributes, `failed to parse CSR: ${parsed.error}`, object)
    if (!parsed.value.subject.organizations.includes('system:masters')) return undefined
    return forbidden(attributes, `use of ${clientSigner} signer with system:masters group is not allowed`, object)
  },
}

function isAbout({ kind, operation, subresource }: Attributes, wanted: string): boolean {
  const isRequest = kind.typeName === kinds.certificateSigningRequests.typeName
  return isRequest && operation === 'UPDATE' && subresource === wanted
}

/** Admission sees the object in the shape of its kind. */
function requestOf(object: ApiObject | undefined): CertificateSigningRequest {
  return object as unknown as CertificateSigningRequest
}

/** For this signer, or for all of its domain: 'example.com/*'. */
async function mayForSigner(
  authorizer: Authorizer,
  user: User,
  verb: 'approve' | 'sign',
  signerName: string,
): Promise<boolean> {
  const wish: Omit<Wish, 'name'> = {
    isResource: true,
    path: '',
    verb,
    group: 'certificates.k8s.io',
    version: '*',
    namespace: '',
    resource: 'signers',
    subresource: '',
  }
  for (const name of [signerName, `${signerName.split('/')[0]}/*`]) {
    const { verdict } = await authorizer.authorize(user, { ...wish, name })
    if (verdict === 'allow') return true
  }
  return false
}
