import type { RegistryAuth } from '../pod-runtime.ts'

export type Challenge =
  | Readonly<{ scheme: 'basic' }>
  | Readonly<{ scheme: 'bearer'; realm: string; service: string; scope: string }>

/** The WWW-Authenticate header of a registry; undefined for schemes we do not know. */
export function parseChallenge(header: string): Challenge | undefined {
  const [, scheme = '', rest = ''] = /^\s*(\w+)\s*(.*)$/s.exec(header) ?? []
  if (scheme.toLowerCase() === 'basic') return { scheme: 'basic' }
  if (scheme.toLowerCase() !== 'bearer') return undefined
  const parameters = new Map(
    [...rest.matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]*))/g)].map(([, name = '', quoted, plain]) => [
      name,
      quoted ?? plain ?? '',
    ]),
  )
  const realm = parameters.get('realm') ?? ''
  if (!/^https?:\/\//.test(realm)) return undefined
  return { scheme: 'bearer', realm, service: parameters.get('service') ?? '', scope: parameters.get('scope') ?? '' }
}

export function basicHeader({ username, password }: Readonly<{ username: string; password: string }>): string {
  const bytes = new TextEncoder().encode(`${username}:${password}`)
  return `Basic ${btoa(String.fromCharCode(...bytes))}`
}

export type TokenRequest = Readonly<{
  method: 'GET' | 'POST'
  url: string
  headers: Readonly<Record<string, string>>
  body?: Uint8Array
}>

/** How a token is asked for: by basic authentication, or by OAuth 2 with a refresh token (the distribution specification's token API). */
export function tokenRequest(
  challenge: Extract<Challenge, { scheme: 'bearer' }>,
  scope: string,
  auth: RegistryAuth | undefined,
): TokenRequest {
  const fields = { service: challenge.service, scope: challenge.scope === '' ? scope : challenge.scope }
  const encode = (pairs: Readonly<Record<string, string>>): string =>
    Object.entries(pairs)
      .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
      .join('&')
  if (auth !== undefined && 'identityToken' in auth) {
    const form = { grant_type: 'refresh_token', client_id: 'coracle', refresh_token: auth.identityToken, ...fields }
    return {
      method: 'POST',
      url: challenge.realm,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new TextEncoder().encode(encode(form)),
    }
  }
  const url = `${challenge.realm}${challenge.realm.includes('?') ? '&' : '?'}${encode(fields)}`
  return { method: 'GET', url, headers: auth === undefined ? {} : { authorization: basicHeader(auth) } }
}
