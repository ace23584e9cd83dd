import { kinds } from '../../api/kinds.ts'
import type { CertificateRequest } from '../../api/x509/certificate-request.ts'
import { type Action, requeue, updateApproval } from '../action.ts'
import { hasCondition, isIssued, kubeletClientFault, type StoredRequest } from './kubelet-request.ts'

export const kubeletClientSigner = 'kubernetes.io/kube-apiserver-client-kubelet'

/** The right that lets a request be approved by itself: certificatesigningrequests/RIGHT, to create. */
export type Right = 'selfnodeclient' | 'nodeclient'

const messages: Readonly<Record<Right, string>> = {
  selfnodeclient: 'Auto approving self kubelet client certificate after SubjectAccessReview.',
  nodeclient: 'Auto approving kubelet client certificate after SubjectAccessReview.',
}

/** Which rights of the requester would do, in the order in which they are asked for; none where it is not for us to decide. */
export function rightsToTry(csr: StoredRequest, request: CertificateRequest): readonly Right[] {
  if (isIssued(csr) || hasCondition(csr, 'Approved') || hasCondition(csr, 'Denied')) return []
  if (csr.spec.signerName !== kubeletClientSigner) return []
  if (kubeletClientFault(request, csr.spec.usages ?? []) !== undefined) return []
  return csr.spec.username === request.subject.commonName ? ['selfnodeclient', 'nodeclient'] : ['nodeclient']
}

/** `right`: the first one that the requester has. */
export type ObservedApproval = Readonly<{ csr: StoredRequest; right?: Right }>

/** Rights may be given later. */
const retryMs = 60_000

/** kube-controller-manager's csrapproving. */
export function reconcileApproval({ csr, right }: ObservedApproval): readonly Action[] {
  if (right === undefined) return [requeue(retryMs)]
  const condition = { type: 'Approved', status: 'True', reason: 'AutoApproved', message: messages[right] }
  const conditions = [...(csr.status.conditions ?? []), condition]
  return [updateApproval(kinds.certificateSigningRequests, { ...csr, status: { ...csr.status, conditions } })]
}
