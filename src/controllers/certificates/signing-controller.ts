import { kinds } from '../../api/kinds.ts'
import { ok } from '../../api/result.ts'
import type { CertificateTemplate } from '../../api/x509/build.ts'
import { type Controller, type ControllerDeps, source } from '../run-controller.ts'
import { parsedRequest } from './kubelet-request.ts'
import { certificateFor, isToSign, type ObservedSigning, reconcileSigning } from './signing.ts'

/** The cluster's authority. */
export type Signer = Readonly<{
  /** PEM. */
  sign(template: CertificateTemplate): string
  /** No certificate outlasts that of its issuer. */
  notAfterMs: number
}>

export function signingController(
  { informers, clock }: ControllerDeps,
  { sign, notAfterMs }: Signer,
): Controller<ObservedSigning> {
  const requests = informers.of(kinds.certificateSigningRequests)
  return {
    name: 'csrsigning',
    concurrency: 5,
    sources: [source(kinds.certificateSigningRequests, ({ metadata }) => [metadata.name])],
    observe(key) {
      const csr = requests.get(key)
      const request = csr && isToSign(csr) ? parsedRequest(csr) : undefined
      if (csr === undefined || !request?.ok) return undefined
      const template = certificateFor({
        csr,
        request: request.value,
        nowMs: clock.nowMs(),
        issuerNotAfterMs: notAfterMs,
      })
      return { csr, certificate: template.ok ? ok(sign(template.value)) : template }
    },
    reconcile: reconcileSigning,
  }
}
