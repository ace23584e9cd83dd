import { fields, list } from '../../api/config-shape.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { type ConfigForm, parseConfig } from './config-text.ts'
import type { Expressions } from './expression.ts'
import { type CompiledIssuer, compileIssuer, type JwtIssuer, jwtIssuerShape } from './jwt-issuer.ts'

/** AuthenticationConfiguration, read and checked. */
export type AuthenticationConfig = Readonly<{
  issuers: readonly CompiledIssuer[]
  allowsAnonymous: (path: string) => boolean
}>

type File = Readonly<{
  jwt?: readonly JwtIssuer[] | null
  anonymous?: Readonly<{ enabled?: boolean; conditions?: readonly Readonly<{ path?: string }>[] }> | null
}>

const form: ConfigForm = {
  kind: 'AuthenticationConfiguration',
  apiVersions: ['apiserver.config.k8s.io/v1', 'apiserver.config.k8s.io/v1beta1', 'apiserver.config.k8s.io/v1alpha1'],
  shapes: {
    jwt: list(jwtIssuerShape),
    anonymous: fields({ enabled: 'boolean', conditions: list(fields({ path: 'string' })) }),
  },
}
const mostIssuers = 64

export const noAuthenticationConfig: AuthenticationConfig = { issuers: [], allowsAnonymous: () => true }

export function parseAuthenticationConfig(
  text: string,
  expressions: Expressions,
  ownIssuer: string,
): Result<AuthenticationConfig, string> {
  const parsed = parseConfig<File>(text, form)
  if (!parsed.ok) return parsed
  const { jwt, anonymous } = parsed.value
  const compiled = (jwt ?? []).map((one, at) => compileIssuer(one, `jwt[${at}]`, expressions))
  const issuers = compiled.flatMap((one) => (one.ok ? [one.value] : []))
  const faults = compiled.flatMap((one) => (one.ok ? [] : one.error))
  if (issuers.length > mostIssuers) faults.push(`jwt: must have at most ${mostIssuers} items`)
  const urls = issuers.map(({ source }) => source.issuerUrl)
  urls.forEach((url, at) => {
    if (urls.indexOf(url) !== at) faults.push(`jwt[${at}].issuer.url: Duplicate value: ${JSON.stringify(url)}`)
    if (url === ownIssuer) faults.push(`jwt[${at}].issuer.url: URL must not overlap with disallowed issuers`)
  })
  if (anonymous?.enabled !== true && (anonymous?.conditions ?? []).length > 0) {
    faults.push('anonymous.conditions: enabled should be set to true when conditions are defined')
  }
  if (faults.length > 0) return fail(faults.join('; '))
  return ok({ issuers, allowsAnonymous: anonymousPaths(anonymous) })
}

function anonymousPaths(anonymous: File['anonymous']): (path: string) => boolean {
  if (!anonymous) return () => true
  if (anonymous.enabled !== true) return () => false
  const paths = (anonymous.conditions ?? []).map(({ path }) => path)
  return paths.length === 0 ? () => true : (path) => paths.includes(path)
}

/** The flags --oidc-… as the one issuer that they describe. */
export type OidcFlags = Readonly<{
  issuerUrl: string
  clientId: string
  usernameClaim?: string
  usernamePrefix?: string
  groupsClaim?: string
  groupsPrefix?: string
  requiredClaim?: string
}>

export function issuerOfFlags(flags: OidcFlags, caPem: string | undefined): JwtIssuer {
  const { issuerUrl, clientId, usernameClaim = 'sub', usernamePrefix, groupsClaim, groupsPrefix = '' } = flags
  const standard = usernameClaim === 'email' ? '' : `${issuerUrl}#`
  const prefix = usernamePrefix === '-' ? '' : (usernamePrefix ?? standard)
  const required = (flags.requiredClaim ?? '').split(',').flatMap((pair) => {
    const [claim = '', requiredValue = ''] = pair.split('=')
    return claim === '' ? [] : [{ claim, requiredValue }]
  })
  return {
    issuer: { url: issuerUrl, audiences: [clientId], ...(caPem === undefined ? {} : { certificateAuthority: caPem }) },
    claimValidationRules: required,
    claimMappings: {
      username: { claim: usernameClaim, prefix },
      ...(groupsClaim === undefined ? {} : { groups: { claim: groupsClaim, prefix: groupsPrefix } }),
    },
  }
}
