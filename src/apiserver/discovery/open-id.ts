import type { Keys } from '../../ports/keys.ts'
import type { ApiServerConfig } from '../server.ts'

/** With what others can check service account tokens by themselves: OpenID Connect discovery, and our public key. */
export function openIdDocuments(
  config: ApiServerConfig,
  keys: Keys,
  keyId: string,
): Readonly<Record<string, () => object>> {
  const { serviceAccountIssuer: issuer, advertiseAddress, advertisePort, serviceAccountKey } = config
  const jwk = keys.publicJwk(serviceAccountKey.publicKeyPem)
  return {
    '/.well-known/openid-configuration': () => ({
      issuer,
      jwks_uri: `https://${advertiseAddress}:${advertisePort}/openid/v1/jwks`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
    }),
    '/openid/v1/jwks': () => ({
      keys: [{ use: 'sig', kty: jwk.kty, kid: keyId, crv: jwk.crv, alg: 'ES256', x: jwk.x, y: jwk.y }],
    }),
  }
}
