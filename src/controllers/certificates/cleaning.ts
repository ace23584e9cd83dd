import { decodeBase64 } from '../../api/base64.ts'
import { kinds } from '../../api/kinds.ts'
import { parseCertificates } from '../../api/x509/certificate.ts'
import { type Action, remove, requeue, targetOf } from '../action.ts'
import { type Controller, type ControllerDeps, source } from '../run-controller.ts'
import { isIssued, type StoredRequest } from './kubelet-request.ts'

const hourMs = 3_600_000
/** Approved and issued, denied, or failed. */
const settledMs = hourMs
/** Waiting for a decision, or for a certificate. */
const pendingMs = 24 * hourMs

export type ObservedCleaning = Readonly<{ csr: StoredRequest; nowMs: number }>

/** kube-controller-manager's csrcleaner: requests go when they have been of no use for a while. */
export function reconcileCleaning({ csr, nowMs }: ObservedCleaning): readonly Action[] {
  const afterMs = endMs(csr) - nowMs
  if (afterMs >= 0) return [requeue(Math.min(afterMs + 1, pendingMs))]
  return [remove(targetOf(kinds.certificateSigningRequests, csr))]
}

/** When its time is over. */
function endMs(csr: StoredRequest): number {
  const conditions = csr.status.conditions ?? []
  if (conditions.length === 0) return Date.parse(csr.metadata.creationTimestamp) + pendingMs
  const ends = conditions.flatMap(({ type, lastUpdateTime }) => {
    if (type === 'Approved' && isIssued(csr)) return [updatedMs(lastUpdateTime) + settledMs, expiryMs(csr)]
    if (type === 'Approved') return [updatedMs(lastUpdateTime) + pendingMs]
    return type === 'Denied' || type === 'Failed' ? [updatedMs(lastUpdateTime) + settledMs] : []
  })
  return Math.min(...ends)
}

function updatedMs(time: string | undefined): number {
  return time === undefined ? Number.POSITIVE_INFINITY : Date.parse(time)
}

function expiryMs({ status }: StoredRequest): number {
  const parsed = parseCertificates(new TextDecoder('latin1').decode(decodeBase64(status.certificate ?? '')))
  return (parsed.ok ? parsed.value[0]?.notAfterMs : undefined) ?? Number.POSITIVE_INFINITY
}

export function cleaningController({ informers, clock }: ControllerDeps): Controller<ObservedCleaning> {
  const requests = informers.of(kinds.certificateSigningRequests)
  return {
    name: 'csrcleaner',
    concurrency: 1,
    sources: [source(kinds.certificateSigningRequests, ({ metadata }) => [metadata.name])],
    observe(key) {
      const csr = requests.get(key)
      return csr && { csr, nowMs: clock.nowMs() }
    },
    reconcile: reconcileCleaning,
  }
}
