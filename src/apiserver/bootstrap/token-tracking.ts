import type { ApiObject } from '../../api/object.ts'

/** Since when uses of the tokens that Secrets keep are noted on these: their cleaner asks it. */
export function tokenTracking(nowMs: number): ApiObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'kube-apiserver-legacy-service-account-token-tracking', namespace: 'kube-system' },
    data: { since: new Date(nowMs).toISOString().slice(0, 10) },
  }
}
