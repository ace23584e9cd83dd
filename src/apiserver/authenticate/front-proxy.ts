import type { HttpHeaders, HttpPeer } from '../../ports/http.ts'
import type { User } from '../call.ts'

/** Whose word is taken for whom a request comes from: a proxy before this server, with a certificate of an authority of its own. */
export type TrustedProxy = Readonly<{ issuer: string; commonName: string }>

const extraPrefix = 'x-remote-extra-'

export function isFromProxyAuthority({ certificate }: HttpPeer, proxy: TrustedProxy | undefined): boolean {
  const { issuer } = certificate ?? {}
  return proxy !== undefined && issuer !== undefined && issuer === proxy.issuer
}

/** As the headers have it (authentication/request/headerrequest); undefined where they name nobody, or it is another client. */
export function proxiedUser({ certificate }: HttpPeer, headers: HttpHeaders, proxy: TrustedProxy): User | undefined {
  const name = (headers['x-remote-user'] ?? '').trim()
  if (name === '' || certificate?.commonName !== proxy.commonName) return undefined
  const extra = Object.fromEntries(
    Object.keys(headers)
      .filter((header) => header.startsWith(extraPrefix))
      .map((header) => [decoded(header.slice(extraPrefix.length)), listOf(headers[header])]),
  )
  const uid = headers['x-remote-uid']
  const groups = listOf(headers['x-remote-group'])
  return {
    name,
    ...(uid ? { uid } : {}),
    groups: groups.includes('system:authenticated') ? groups : [...groups, 'system:authenticated'],
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  }
}

function listOf(header: string | undefined): readonly string[] {
  return header === undefined ? [] : header.split(',').map((value) => value.trim())
}

function decoded(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    return key
  }
}
