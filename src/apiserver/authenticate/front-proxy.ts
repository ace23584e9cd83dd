import type { HttpHeaders, HttpPeer } from '../../ports/http.ts'
import type { User } from '../call.ts'
import { extraOf, headerList } from './user-headers.ts'

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
  const extra = extraOf(headers, extraPrefix)
  const uid = headers['x-remote-uid']
  const groups = headerList(headers['x-remote-group'])
  return {
    name,
    ...(uid ? { uid } : {}),
    groups: groups.includes('system:authenticated') ? groups : [...groups, 'system:authenticated'],
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  }
}
