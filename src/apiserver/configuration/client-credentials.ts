import { decodeBase64, encodeBase64 } from '../../api/base64.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { Clock } from '../../ports/clock.ts'
import type { HttpHeaders, OutgoingRequest } from '../../ports/http.ts'

/** How a client makes itself known. */
export type Credentials = Readonly<{
  identity?: NonNullable<OutgoingRequest['identity']>
  /** A token's file is read again as time goes by. */
  headers?: () => Promise<HttpHeaders>
  repeatedHeaders?: NonNullable<OutgoingRequest['repeatedHeaders']>
}>

/** A user of a kubeconfig. */
export type KubeconfigUser = Readonly<{
  'client-certificate'?: string
  'client-certificate-data'?: string
  'client-key'?: string
  'client-key-data'?: string
  token?: string
  tokenFile?: string
  username?: string
  password?: string
  as?: string
  'as-uid'?: string
  'as-groups'?: readonly string[]
  exec?: object
  'auth-provider'?: object
}>

export type CredentialParts = Readonly<{
  /** The text of a file that the kubeconfig names. */
  read(path: string): Promise<string>
  clock: Pick<Clock, 'nowMs'>
}>

/** client-go's cachingTokenSource. */
const tokenFileMs = 60_000

/**
 * Reads what the user named `name` shows, with client-go's rules and words for what does not fit together
 * (tools/clientcmd/validation.go).
 */
export async function credentialsOf(
  name: string,
  user: KubeconfigUser,
  parts: CredentialParts,
): Promise<Result<Credentials, string>> {
  const wrong = problemsOf(name, user)
  if (wrong !== undefined) return fail(wrong)
  const certificatePem = await pemOf(user['client-certificate-data'], user['client-certificate'], parts)
  const keyPem = await pemOf(user['client-key-data'], user['client-key'], parts)
  const identity = certificatePem === undefined || keyPem === undefined ? undefined : { certificatePem, keyPem }
  const authorization = authorizationOf(user, parts)
  const acting = impersonation(user)
  const groups = user['as-groups'] ?? []
  // What cannot be read is told at once.
  await authorization()
  return ok({
    ...(identity && { identity }),
    ...(groups.length === 0 ? {} : { repeatedHeaders: { 'impersonate-group': groups } }),
    headers: async () => ({ ...acting, ...(await authorization()) }),
  })
}

function problemsOf(name: string, user: KubeconfigUser): string | undefined {
  if (user.exec !== undefined || user['auth-provider'] !== undefined)
    return `user ${name} runs a program for its credentials: use a certificate, a token or a password`
  const said = (key: keyof KubeconfigUser): boolean => (user[key] ?? '') !== ''
  const methods = [...(said('token') ? ['token'] : []), ...(said('username') || said('password') ? ['basicAuth'] : [])]
  const both = (what: string): boolean =>
    said(`client-${what}` as keyof KubeconfigUser) && said(`client-${what}-data` as keyof KubeconfigUser)
  const hasKey = said('client-key') || said('client-key-data')
  if (said('client-certificate') || said('client-certificate-data')) {
    if (both('certificate'))
      return `client-cert-data and client-cert are both specified for ${name}. client-cert-data will override.`
    if (both('key'))
      return `client-key-data and client-key are both specified for ${name}; client-key-data will override`
    if (!hasKey)
      return `client-key-data or client-key must be specified for ${name} to use the clientCert authentication method.`
  }
  return methods.length > 1
    ? `more than one authentication method found for ${name}; found [${methods.join(' ')}], only one is allowed`
    : undefined
}

async function pemOf(
  data: string | undefined,
  path: string | undefined,
  { read }: CredentialParts,
): Promise<string | undefined> {
  if (data) return new TextDecoder().decode(decodeBase64(data))
  return path ? read(path) : undefined
}

function authorizationOf(user: KubeconfigUser, parts: CredentialParts): () => Promise<HttpHeaders> {
  const { token, tokenFile, username = '', password = '' } = user
  if (token) return async () => ({ authorization: `Bearer ${token}` })
  if (tokenFile) {
    const current = tokenOfFile(tokenFile, parts)
    return async () => ({ authorization: `Bearer ${await current()}` })
  }
  if (username === '' && password === '') return async () => ({})
  const basic = encodeBase64(new TextEncoder().encode(`${username}:${password}`))
  return async () => ({ authorization: `Basic ${basic}` })
}

/** A file that cannot be read for a while leaves the token that was there. */
function tokenOfFile(path: string, { read, clock }: CredentialParts): () => Promise<string> {
  let known: Readonly<{ token: string; atMs: number }> | undefined
  return async () => {
    if (known !== undefined && clock.nowMs() < known.atMs + tokenFileMs) return known.token
    const before = known?.token
    const token = await read(path).then(
      (text) => text.trim(),
      (error: unknown) => {
        if (before === undefined) throw error
        return before
      },
    )
    known = { token, atMs: clock.nowMs() }
    return token
  }
}

function impersonation(user: KubeconfigUser): HttpHeaders {
  return {
    ...(user.as ? { 'impersonate-user': user.as } : {}),
    ...(user['as-uid'] ? { 'impersonate-uid': user['as-uid'] } : {}),
  }
}
