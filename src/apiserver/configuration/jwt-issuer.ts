import { fields, list, type Shape } from '../../api/config-shape.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { JwksSource } from '../authenticate/jwks.ts'
import type { Expression, ExpressionResult, Expressions } from './expression.ts'

type ClaimOrExpression = Readonly<{ claim?: string; prefix?: string; expression?: string }>

/** An entry of AuthenticationConfiguration's jwt. */
export type JwtIssuer = Readonly<{
  issuer?: Readonly<{
    url?: string
    discoveryURL?: string
    certificateAuthority?: string
    audiences?: readonly string[]
    audienceMatchPolicy?: string
  }>
  claimValidationRules?: readonly Readonly<{
    claim?: string
    requiredValue?: string
    expression?: string
    message?: string
  }>[]
  claimMappings?: Readonly<{
    username?: ClaimOrExpression
    groups?: ClaimOrExpression
    uid?: ClaimOrExpression
    extra?: readonly Readonly<{ key?: string; valueExpression?: string }>[]
  }>
  userValidationRules?: readonly Readonly<{ expression?: string; message?: string }>[]
}>

const mapping = fields({ claim: 'string', prefix: 'string', expression: 'string' })
export const jwtIssuerShape: Shape = fields({
  issuer: fields({
    url: 'string',
    discoveryURL: 'string',
    certificateAuthority: 'string',
    audiences: list('string'),
    audienceMatchPolicy: 'string',
    egressSelectorType: 'string',
  }),
  claimValidationRules: list(
    fields({ claim: 'string', requiredValue: 'string', expression: 'string', message: 'string' }),
  ),
  claimMappings: fields({
    username: mapping,
    groups: mapping,
    uid: fields({ claim: 'string', expression: 'string' }),
    extra: list(fields({ key: 'string', valueExpression: 'string' })),
  }),
  userValidationRules: list(fields({ expression: 'string', message: 'string' })),
})

export type Mapping =
  | Readonly<{ type: 'claim'; claim: string; prefix: string }>
  | Readonly<{ type: 'expression'; expression: Expression }>

type Rule = Readonly<{ expression: Expression; text: string; message: string }>

export type CompiledIssuer = Readonly<{
  source: JwksSource
  audiences: readonly string[]
  algorithms: readonly string[]
  requiredClaims: readonly Readonly<{ claim: string; value: string }>[]
  claimRules: readonly Rule[]
  username: Mapping
  groups: Mapping | undefined
  uid: Mapping | undefined
  extra: readonly Readonly<{ key: string; expression: Expression }>[]
  userRules: readonly Rule[]
}>

/** What go-oidc knows. */
export const jwtAlgorithms = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512'] as const

/** What is wrong with an issuer, gathered while it is compiled. */
type Compiler = Readonly<{
  faults: readonly string[]
  expect(condition: boolean, where: string, what: string): void
  compile(text: string, variable: string, where: string, ...results: readonly ExpressionResult[]): Expression
}>

function compilerOf(path: string, expressions: Expressions): Compiler {
  const faults: string[] = []
  return {
    faults,
    expect(condition, where, what) {
      if (!condition) faults.push(`${path}.${where}: ${what}`)
    },
    compile(text, variable, where, ...results) {
      const compiled = expressions(text, [variable], results)
      if (compiled.ok) return compiled.value
      faults.push(`${path}.${where}: ${compiled.error}`)
      return () => fail(compiled.error)
    },
  }
}

/** Checks an issuer and compiles its expressions; all that is wrong, each with its path. */
export function compileIssuer(
  jwt: JwtIssuer,
  path: string,
  expressions: Expressions,
): Result<CompiledIssuer, readonly string[]> {
  const compiler = compilerOf(path, expressions)
  const { expect, compile } = compiler
  const issuer = sourceOf(jwt.issuer ?? {}, compiler)
  const { claimMappings, claimValidationRules: rules = [] } = jwt
  const username = mappingOf(claimMappings?.username, 'claimMappings.username', true, compiler, 'string')
  expect(username !== undefined, 'claimMappings.username', 'claim or expression is required')
  const groups = mappingOf(claimMappings?.groups, 'claimMappings.groups', true, compiler, 'string', 'list')
  const uid = mappingOf(claimMappings?.uid, 'claimMappings.uid', false, compiler, 'string')
  const extra = (claimMappings?.extra ?? []).map(({ key = '', valueExpression = '' }, at) => {
    const where = `claimMappings.extra[${at}]`
    expect(/^[a-z0-9.-]+\/\S+$/.test(key), `${where}.key`, 'must be a domain-prefixed path in lower case')
    return { key, expression: compile(valueExpression, 'claims', `${where}.valueExpression`, 'string', 'list') }
  })
  const claimRules = rules.flatMap(({ expression: text, message = '' }, at) =>
    text
      ? [{ expression: compile(text, 'claims', `claimValidationRules[${at}].expression`, 'bool'), text, message }]
      : [],
  )
  const userRules = (jwt.userValidationRules ?? []).map(({ expression: text = '', message = '' }, at) => {
    const expression = compile(text, 'user', `userValidationRules[${at}].expression`, 'bool')
    return { expression, text, message }
  })
  rules.forEach(({ claim, expression }, at) => {
    const isOne = Boolean(claim) !== Boolean(expression)
    expect(isOne, `claimValidationRules[${at}]`, 'exactly one of claim or expression is required')
  })
  expect(isEmailVerified(jwt), 'claimMappings.username.expression', unverifiedEmail)
  if (compiler.faults.length > 0 || username === undefined) return fail(compiler.faults)
  const requiredClaims = rules.flatMap(({ claim, requiredValue = '' }) =>
    claim ? [{ claim, value: requiredValue }] : [],
  )
  const algorithms = jwtAlgorithms
  return ok({ ...issuer, algorithms, requiredClaims, claimRules, username, groups, uid, extra, userRules })
}

const unverifiedEmail =
  'claims.email_verified must be used in claimMappings.username.expression or claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when claims.email is used in claimMappings.username.expression'

/** Whoever is named by an address must have shown that it is theirs. */
function isEmailVerified({ claimMappings, claimValidationRules = [] }: JwtIssuer): boolean {
  const { username, extra = [] } = claimMappings ?? {}
  const name = username?.expression ?? ''
  if (!/\bclaims\.email\b/.test(name)) return true
  const others = [...extra.map((one) => one.valueExpression), ...claimValidationRules.map((one) => one.expression)]
  return [name, ...others].some((text) => /\bclaims\.\??email_verified\b/.test(text ?? ''))
}

function sourceOf(
  issuer: NonNullable<JwtIssuer['issuer']>,
  { expect }: Compiler,
): Pick<CompiledIssuer, 'source' | 'audiences'> {
  const { url = '', discoveryURL, certificateAuthority, audiences = [], audienceMatchPolicy } = issuer
  expect(isHttps(url), 'issuer.url', url === '' ? 'URL is required' : `${JSON.stringify(url)} must be an https URL`)
  expect(discoveryURL === undefined || isHttps(discoveryURL), 'issuer.discoveryURL', 'must be an https URL')
  expect(discoveryURL === undefined || discoveryURL !== url, 'issuer.discoveryURL', 'must be different from URL')
  expect(audiences.length > 0, 'issuer.audiences', 'at least one issuer.audiences is required')
  const isPlain = audiences.length < 2 || audienceMatchPolicy === 'MatchAny'
  expect(isPlain, 'issuer.audienceMatchPolicy', 'audienceMatchPolicy must be MatchAny for multiple audiences')
  return {
    source: {
      issuerUrl: url,
      ...(discoveryURL === undefined ? {} : { discoveryUrl: discoveryURL }),
      ...(certificateAuthority === undefined ? {} : { caPem: certificateAuthority }),
    },
    audiences,
  }
}

function mappingOf(
  from: ClaimOrExpression | undefined,
  where: string,
  needsPrefix: boolean,
  { expect, compile }: Compiler,
  ...results: readonly ExpressionResult[]
): Mapping | undefined {
  if (from?.expression) {
    expect(from.claim === undefined && from.prefix === undefined, where, "claim and expression can't both be set")
    return { type: 'expression', expression: compile(from.expression, 'claims', `${where}.expression`, ...results) }
  }
  if (!from?.claim) return undefined
  const unprefixed = 'prefix is required when claim is set. It can be set to an empty string to disable prefixing'
  expect(!needsPrefix || from.prefix !== undefined, `${where}.prefix`, unprefixed)
  return { type: 'claim', claim: from.claim, prefix: from.prefix ?? '' }
}

function isHttps(url: string): boolean {
  return /^https:\/\/[^/@?#]+(?:\/[^?#]*)?$/.test(url)
}
