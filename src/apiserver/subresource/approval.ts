import type { Subresource } from '../handle/update.ts'
import { preparedApproval } from '../strategy/certificate-signing-request.ts'

/** Of certificate signing requests: to set it takes the right to approve for their signer (admit/certificates.ts). */
export const approvalSubresource: Subresource = {
  name: 'approval',
  prepare: (_kind, after, before, nowMs) => preparedApproval(after, before, nowMs),
}
