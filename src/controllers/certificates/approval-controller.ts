import { define } from '../../api/define-kind.ts'
import type { SubjectAccessReview } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Client } from '../../client/client.ts'
import { type Controller, type ControllerDeps, source } from '../run-controller.ts'
import { type ObservedApproval, type Right, reconcileApproval, rightsToTry } from './approval.ts'
import { parsedRequest, type StoredRequest } from './kubelet-request.ts'

/** Never stored: it is asked by creating one. */
const subjectAccessReviews = define<SubjectAccessReview>(
  'authorization.k8s.io/v1',
  'SubjectAccessReview',
  'subjectaccessreviews',
  'Cluster',
  {},
)

export function approvalController({ client, informers }: ControllerDeps): Controller<ObservedApproval> {
  const requests = informers.of(kinds.certificateSigningRequests)
  return {
    name: 'csrapproving',
    concurrency: 5,
    sources: [source(kinds.certificateSigningRequests, ({ metadata }) => [metadata.name])],
    async observe(key) {
      const csr = requests.get(key)
      const request = csr && parsedRequest(csr)
      if (csr === undefined || !request?.ok) return undefined
      const rights = rightsToTry(csr, request.value)
      for (const right of rights) {
        if (await mayRequest(client, csr, right)) return { csr, right }
      }
      return rights.length === 0 ? undefined : { csr }
    },
    reconcile: reconcileApproval,
  }
}

async function mayRequest(client: Client, { spec }: StoredRequest, subresource: Right): Promise<boolean> {
  const { username = '', uid, groups = [], extra } = spec
  const review = await client.create(subjectAccessReviews, {
    metadata: {},
    spec: {
      user: username,
      groups,
      ...(uid === undefined ? {} : { uid }),
      ...(extra === undefined ? {} : { extra }),
      resourceAttributes: {
        group: 'certificates.k8s.io',
        resource: 'certificatesigningrequests',
        verb: 'create',
        subresource,
        version: '*',
      },
    },
  })
  return review.ok && review.value.status.allowed === true
}
