import { apiVersionOf, kinds } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import { timestampOf } from '../../api/wire-time.ts'

/** The range from which Services get their addresses, ready from the first moment. */
export function defaultServiceCidr(cidr: string): ApiObject {
  return {
    apiVersion: apiVersionOf(kinds.serviceCidrs),
    kind: kinds.serviceCidrs.kind,
    metadata: { name: 'kubernetes' },
    spec: { cidrs: [cidr] },
  }
}

export function readyStatus(nowMs: number): object {
  const message = 'Kubernetes default Service CIDR is ready'
  return {
    conditions: [{ type: 'Ready', status: 'True', reason: '', message, lastTransitionTime: timestampOf(nowMs) }],
  }
}
