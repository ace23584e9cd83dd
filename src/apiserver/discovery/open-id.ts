import { base64Url } from '../authenticate/jwt.ts'
import type { ApiServerConfig } from '../server.ts'

/** With what others can check service account tokens by themselves: OpenID Connect discovery, and our public key. */
export function openIdDocuments(config: ApiServerConfig, keyId: string): Readonly<Record<string, () => object>> {
  const { serviceAccountIssuer: issuer, advertiseAddress, advertisePort, serviceAccountKey } = config
  return {
    '/.well-known/openid-configuration': () => ({
      issuer,
      jwks_uri: `https://${advertiseAddress}:${advertisePort}/openid/v1/jwks`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
    }),
    '/openid/v1/jwks': () => ({ keys: [publicKey(serviceAccountKey.publicKeyPem, keyId)] }),
  }
}

const coordinateBytes = 32

/** A P-256 key's DER ends in its point: 0x04, x, y. */
function publicKey(pem: string, kid: string): object {
  const der = Uint8Array.from(atob(pem.replace(/-----[A-Z ]+-----|\s/g, '')), (c) => c.charCodeAt(0))
  const x = base64Url(der.slice(-2 * coordinateBytes, -coordinateBytes))
  const y = base64Url(der.slice(-coordinateBytes))
  return { use: 'sig', kty: 'EC', kid, crv: 'P-256', alg: 'ES256', x, y }
}
