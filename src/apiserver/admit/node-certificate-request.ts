import { decodeBase64 } from '../../api/base64.ts'
import type { ApiObject } from '../../api/object.ts'
import { parseCertificateRequest } from '../../api/x509/certificate-request.ts'

const nodeSigners = ['kubernetes.io/kubelet-serving', 'kubernetes.io/kube-apiserver-client-kubelet']
const decoder = new TextDecoder()

/** Why a node may not ask for this certificate: those that speak for nodes, a node has for itself only. */
export function csrFault(node: string, { spec }: ApiObject): string | undefined {
  const { signerName = '', request = '' } = (spec ?? {}) as Readonly<{ signerName?: string; request?: string }>
  if (!nodeSigners.includes(signerName)) return undefined
  const parsed = parseCertificateRequest(decoder.decode(decodeBase64(request)))
  if (!parsed.ok) return `unable to parse csr: ${parsed.error}`
  const name = parsed.value.subject.commonName
  return name === `system:node:${node}` ? undefined : `can only create a node CSR with CN=system:node:${node}`
}
