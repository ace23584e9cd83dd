import { decodeBase64 } from '../../api/base64.ts'
import { commonNameId, subjectOfRequest } from '../../api/certificate-name.ts'
import type { ApiObject } from '../../api/object.ts'

const nodeSigners = ['kubernetes.io/kubelet-serving', 'kubernetes.io/kube-apiserver-client-kubelet']
const decoder = new TextDecoder()

/** Why a node may not ask for this certificate: those that speak for nodes, a node has for itself only. */
export function csrFault(node: string, { spec }: ApiObject): string | undefined {
  const { signerName = '', request = '' } = (spec ?? {}) as Readonly<{ signerName?: string; request?: string }>
  if (!nodeSigners.includes(signerName)) return undefined
  const subject = subjectOfRequest(decoder.decode(decodeBase64(request)))
  if (subject === undefined) return 'unable to parse csr: PEM block type must be CERTIFICATE REQUEST'
  const name = subject.findLast(({ id }) => id === commonNameId)?.value
  return name === `system:node:${node}` ? undefined : `can only create a node CSR with CN=system:node:${node}`
}
