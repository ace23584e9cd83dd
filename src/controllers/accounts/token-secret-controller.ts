import { encodeBase64 } from '../../api/base64.ts'
import type { Secret, ServiceAccount } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import { objectKey, type Stored } from '../../api/object.ts'
import type { Informer } from '../../client/informer.ts'
import { type Controller, type ControllerDeps, source } from '../run-controller.ts'
import {
  accountNameAnnotation,
  accountUidAnnotation,
  type ObservedTokenSecret,
  reconcileTokenSecret,
  tokenSecretType,
} from './token-secret.ts'

/** Whom a token kept in a secret is for. */
export type TokenSubject = Readonly<{
  namespace: string
  secretName: string
  serviceAccountName: string
  serviceAccountUid: string
}>
/** A signed token without an end: serviceaccount.LegacyClaims. */
export type SignServiceAccountToken = (subject: TokenSubject) => string | Promise<string>

const encoder = new TextEncoder()

export function tokenSecretController(
  { informers }: ControllerDeps,
  rootCaPem: string,
  sign: SignServiceAccountToken,
): Controller<ObservedTokenSecret> {
  const secrets = informers.of(kinds.secrets)
  const serviceAccounts = informers.of(kinds.serviceAccounts)
  const caCrt = base64(rootCaPem)
  return {
    name: 'serviceaccount-token-controller',
    concurrency: 5,
    sources: [
      source(kinds.secrets, (secret) => (isTokenSecret(secret) ? [objectKey(secret)] : [])),
      source(kinds.serviceAccounts, ({ metadata }) =>
        secrets
          .indexed('namespace', metadata.namespace ?? '')
          .filter((secret) => isTokenSecret(secret) && accountNameOf(secret) === metadata.name)
          .map(objectKey),
      ),
    ],
    async observe(key) {
      const secret = secrets.get(key)
      if (secret === undefined || !isTokenSecret(secret)) return undefined
      const { namespace = '' } = secret.metadata
      const common = { secret, caCrt, namespace: base64(namespace) }
      const serviceAccount = accountOf(serviceAccounts, secret)
      if (serviceAccount === undefined || secret.data?.token)
        return { ...common, ...(serviceAccount && { serviceAccount }) }
      const { name: serviceAccountName, uid: serviceAccountUid } = serviceAccount.metadata
      const subject = { namespace, secretName: secret.metadata.name, serviceAccountName, serviceAccountUid }
      return { ...common, serviceAccount, token: base64(await sign(subject)) }
    },
    reconcile: reconcileTokenSecret,
  }
}

function base64(text: string): string {
  return encodeBase64(encoder.encode(text))
}

function accountNameOf({ metadata }: Stored<Secret>): string {
  return metadata.annotations?.[accountNameAnnotation] ?? ''
}

function isTokenSecret(secret: Stored<Secret>): boolean {
  return secret.type === tokenSecretType && accountNameOf(secret) !== ''
}

function accountOf(
  serviceAccounts: Informer<ServiceAccount>,
  secret: Stored<Secret>,
): Stored<ServiceAccount> | undefined {
  const account = serviceAccounts.get(`${secret.metadata.namespace}/${accountNameOf(secret)}`)
  const uid = secret.metadata.annotations?.[accountUidAnnotation]
  return uid === undefined || account?.metadata.uid === uid ? account : undefined
}
