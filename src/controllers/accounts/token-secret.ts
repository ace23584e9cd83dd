import type { Secret, ServiceAccount } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { type Action, remove, targetOf, update } from '../action.ts'

export type ObservedTokenSecret = Readonly<{
  secret: Stored<Secret>
  /** The ServiceAccount that the secret names, where it exists with the uid that the secret names, if it names one. */
  serviceAccount?: Stored<ServiceAccount>
  /** What the secret is to hold, as base64; the token is there only where the secret has none yet. */
  caCrt: string
  namespace: string
  token?: string
}>

export const tokenSecretType = 'kubernetes.io/service-account-token'
export const accountNameAnnotation = 'kubernetes.io/service-account.name'
export const accountUidAnnotation = 'kubernetes.io/service-account.uid'

/** A secret that stands for a ServiceAccount gets its token, CA and namespace, and goes when the ServiceAccount does. */
export function reconcileTokenSecret(observed: ObservedTokenSecret): readonly Action[] {
  const { secret, serviceAccount } = observed
  if (secret.metadata.deletionTimestamp !== undefined) return []
  if (serviceAccount === undefined) return [remove(targetOf(kinds.secrets, secret))]
  const known = secret.data ?? {}
  const missing = {
    ...(known['ca.crt'] === observed.caCrt ? {} : { 'ca.crt': observed.caCrt }),
    ...(known.namespace ? {} : { namespace: observed.namespace }),
    ...(known.token || observed.token === undefined ? {} : { token: observed.token }),
  }
  if (Object.keys(missing).length === 0) return []
  const { name, uid } = serviceAccount.metadata
  const annotations = { ...secret.metadata.annotations, [accountNameAnnotation]: name, [accountUidAnnotation]: uid }
  return [
    update(kinds.secrets, { ...secret, metadata: { ...secret.metadata, annotations }, data: { ...known, ...missing } }),
  ]
}
