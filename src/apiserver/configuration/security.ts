import type { Result } from '../../api/result.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Disk } from '../../ports/disk.ts'
import type { Grpc } from '../../ports/grpc.ts'
import type { Http } from '../../ports/http.ts'
import type { Keys } from '../../ports/keys.ts'
import type { Log } from '../../ports/log.ts'
import type { Random } from '../../ports/random.ts'
import { auditLog, auditLogDefaults } from '../audit/audit-log.ts'
import { auditWebhook } from '../audit/audit-webhook.ts'
import type { AuditSink } from '../audit/event.ts'
import { parseAuditPolicy } from '../audit/policy.ts'
import type { AuditParts } from '../audit/trail.ts'
import { jwtAuthenticator } from '../authenticate/jwt-authenticator.ts'
import { parseTokenFile } from '../authenticate/static-token.ts'
import type { TokenAuthenticator } from '../authenticate/token-authenticator.ts'
import { webhookTokens } from '../authenticate/webhook-token.ts'
import { type Authorizer, privileged, union } from '../authorize/decision.ts'
import type { LocalAuthorizers } from '../authorize/local-authorizers.ts'
import { webhookAuthorizer } from '../authorize/webhook-authorizer.ts'
import { type HookCredentials, readAdmissionConfig } from './admission-config.ts'
import {
  issuerOfFlags,
  noAuthenticationConfig,
  type OidcFlags,
  parseAuthenticationConfig,
} from './authentication-config.ts'
import { type AuthorizerConfig, parseAuthorizationConfig } from './authorization-config.ts'
import type { CredentialParts } from './client-credentials.ts'
import { type EncryptionAtRest, encryptionAtRest } from './encryption.ts'
import { parseEncryptionConfig } from './encryption-config.ts'
import type { Expressions } from './expression.ts'
import { compileIssuer } from './jwt-issuer.ts'
import { kmsServices } from './kms/kms-services.ts'
import { readWebhookEndpoint } from './kubeconfig.ts'
import { readText, watchedFile } from './watched-file.ts'
import type { WebhookEndpoint } from './webhook-endpoint.ts'

/** Paths of files, all absolute; what is absent is as a cluster has it without. */
export type SecurityFiles = Readonly<{
  authenticationConfig?: string
  tokenAuthFile?: string
  authenticationTokenWebhookConfigFile?: string
  oidc?: OidcFlags & Readonly<{ caFile?: string }>
  authorizationConfig?: string
  auditPolicy?: string
  auditLog?: string
  auditLogMaxSizeMb?: number
  auditLogMaxAgeDays?: number
  auditLogMaxBackups?: number
  auditWebhookConfigFile?: string
  encryptionConfig?: string
  admissionControlConfigFile?: string
}>

/** What guards an API server and records what is asked of it, besides what every cluster has. */
export type Security = Readonly<{
  /** Asked before the cluster's own tokens, and after them. */
  tokensBefore(): readonly TokenAuthenticator[]
  tokensAfter(): readonly TokenAuthenticator[]
  allowsAnonymous(path: string): boolean
  authorizer(local: LocalAuthorizers): Authorizer
  /** Why nobody can list all that somebody may do. */
  unlisted(): readonly string[]
  audit?: AuditParts
  /** How this server makes itself known to admission webhooks. */
  hookCredentials?: HookCredentials
  /** How what is stored lies on disk. */
  atRest?: EncryptionAtRest
  close(): Promise<void>
}>

export type SecurityParts = Readonly<{
  disk: Disk
  clock: Clock
  random: Random
  http: Pick<Http, 'request'>
  keys: Keys
  /** Reaches key management services; absent where the host has no way to them. */
  grpc?: Pick<Grpc, 'connect'>
  log: Log
  expressions: Expressions
  /** Of the cluster's own tokens: nobody else may issue by that name. */
  ownIssuer: string
}>

export const plainSecurity: Security = {
  tokensBefore: () => [],
  tokensAfter: () => [],
  allowsAnonymous: () => true,
  authorizer: ({ all }) => all,
  unlisted: () => [],
  async close() {},
}

/** Reads the files; throws one message for the first that is wrong. Those that say who may what are read again when they change. */
export async function loadSecurity(parts: SecurityParts, files: SecurityFiles): Promise<Security> {
  const stops: (() => void)[] = []
  const watched = async <T>(path: string, parse: (text: string) => Promise<T>): Promise<() => T> => {
    const file = await watchedFile(parts, path, parse)
    stops.push(file.stop)
    return file.value
  }
  try {
    const authentication = await loadAuthentication(parts, files, watched)
    const chain = files.authorizationConfig
    const authorization = chain === undefined ? plainSecurity : await loadAuthorization(parts, chain, watched)
    const { authorizer, unlisted } = authorization
    const atRest =
      files.encryptionConfig === undefined ? undefined : await loadAtRest(parts, files.encryptionConfig, watched, stops)
    const audit = await loadAudit(parts, files)
    const { admissionControlConfigFile: admission } = files
    const hookCredentials = admission === undefined ? {} : await readThrough(parts, admission, readAdmissionConfig)
    const close = async (): Promise<void> => {
      for (const stop of stops) stop()
      await audit?.sink.close()
    }
    const guard = { ...authentication, authorizer, unlisted, hookCredentials }
    return { ...guard, ...(audit && { audit }), ...(atRest && { atRest }), close }
  } catch (error) {
    for (const stop of stops) stop()
    throw error
  }
}

type Watched = <T>(path: string, parse: (text: string) => Promise<T>) => Promise<() => T>

function valueOrThrow<T>(result: Result<T, string>): T {
  if (!result.ok) throw new Error(result.error)
  return result.value
}

function endpointOf(parts: SecurityParts, path: string): Promise<WebhookEndpoint> {
  return readThrough(parts, path, readWebhookEndpoint)
}

/** What a file says that names others. They lie beside it, where their paths are not absolute. */
async function readThrough<T>(
  { disk, clock }: SecurityParts,
  path: string,
  parse: (text: string, parts: CredentialParts) => Promise<Result<T, string>>,
): Promise<T> {
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  const read = (named: string): Promise<string> => readText(disk, named.startsWith('/') ? named : `${folder}${named}`)
  try {
    return valueOrThrow(await parse(await read(path), { read, clock }))
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`)
  }
}

async function loadAuthentication(
  parts: SecurityParts,
  files: SecurityFiles,
  watched: Watched,
): Promise<Pick<Security, 'tokensBefore' | 'tokensAfter' | 'allowsAnonymous'>> {
  const { authenticationConfig, oidc, tokenAuthFile, authenticationTokenWebhookConfigFile: webhookFile } = files
  const parseConfig = async (text: string) => {
    const config = valueOrThrow(parseAuthenticationConfig(text, parts.expressions, parts.ownIssuer))
    return { ...config, tokens: config.issuers.map((issuer) => jwtAuthenticator(issuer, parts)) }
  }
  const config =
    authenticationConfig === undefined
      ? () => ({ ...noAuthenticationConfig, tokens: [] })
      : await watched(authenticationConfig, parseConfig)
  const fixed = tokenAuthFile === undefined ? [] : [await readOnce(parts, tokenAuthFile, parseTokenFile)]
  const flagged = oidc === undefined ? [] : [await issuerFromFlags(parts, oidc)]
  const asked: TokenAuthenticator[] = []
  if (webhookFile !== undefined) {
    asked.push(webhookTokens(await endpointOf(parts, webhookFile), parts))
  }
  return {
    tokensBefore: () => fixed,
    tokensAfter: () => [...config().tokens, ...flagged, ...asked],
    allowsAnonymous: (path) => config().allowsAnonymous(path),
  }
}

async function readOnce<T>(
  { disk }: SecurityParts,
  path: string,
  parse: (text: string) => Result<T, string>,
): Promise<T> {
  const text = await readText(disk, path).catch((error: Error) => {
    throw new Error(`${path} cannot be read: ${error.message}`)
  })
  const parsed = parse(text)
  if (!parsed.ok) throw new Error(`${path}: ${parsed.error}`)
  return parsed.value
}

async function issuerFromFlags(
  parts: SecurityParts,
  { caFile, ...flags }: NonNullable<SecurityFiles['oidc']>,
): Promise<TokenAuthenticator> {
  const caPem = caFile === undefined ? undefined : await readText(parts.disk, caFile)
  const compiled = compileIssuer(issuerOfFlags(flags, caPem), '--oidc', parts.expressions)
  if (!compiled.ok) throw new Error(compiled.error.join('; '))
  // As the flag --oidc-signing-algs: what everybody supports.
  return jwtAuthenticator({ ...compiled.value, algorithms: ['RS256'] }, parts)
}

async function loadAuthorization(
  parts: SecurityParts,
  path: string,
  watched: Watched,
): Promise<Pick<Security, 'authorizer' | 'unlisted'>> {
  const parse = async (text: string) => {
    const chain = valueOrThrow(parseAuthorizationConfig(text, parts.expressions))
    const links = await Promise.all(chain.map((config) => linkOf(parts, config)))
    const hooks = chain.filter(({ type }) => type === 'Webhook')
    return {
      make: (local: LocalAuthorizers) => union([privileged, ...links.map((link) => link(local))]),
      unlisted: hooks.map(() => 'webhook authorizer does not support user rule resolution'),
    }
  }
  const current = await watched(path, parse)
  return {
    unlisted: () => current().unlisted,
    authorizer(local) {
      let made: Readonly<{ from: unknown; authorizer: Authorizer }> | undefined
      return {
        authorize(user, wish) {
          const from = current()
          if (made?.from !== from) made = { from, authorizer: from.make(local) }
          return made.authorizer.authorize(user, wish)
        },
      }
    },
  }
}

async function linkOf(
  parts: SecurityParts,
  config: AuthorizerConfig,
): Promise<(local: LocalAuthorizers) => Authorizer> {
  switch (config.type) {
    case 'Node':
      return ({ node }) => node
    case 'RBAC':
      return ({ rbac }) => rbac
    case 'AlwaysAllow':
      return () => ({ authorize: () => ({ verdict: 'allow', reason: '' }) })
    case 'AlwaysDeny':
      return () => ({ authorize: () => ({ verdict: 'no opinion', reason: 'Everything is forbidden.' }) })
    case 'Webhook': {
      const endpoint = await endpointOf(parts, config.kubeconfigFile)
      const authorizer = webhookAuthorizer(config.webhook, { ...parts, endpoint: () => endpoint })
      return () => authorizer
    }
  }
}

async function loadAtRest(
  parts: SecurityParts,
  path: string,
  watched: Watched,
  stops: (() => void)[],
): Promise<EncryptionAtRest> {
  const { grpc, keys } = parts
  const services = kmsServices(grpc && { ...parts, grpc })
  stops.push(services.stop)
  const parse = async (text: string) => {
    const rules = valueOrThrow(parseEncryptionConfig(text))
    return { rules, services: await services.for(rules) }
  }
  return encryptionAtRest(keys, await watched(path, parse))
}

const dayMs = 86_400_000

async function loadAudit(parts: SecurityParts, files: SecurityFiles): Promise<AuditParts | undefined> {
  const { auditPolicy, auditLog: path, auditWebhookConfigFile: webhookFile } = files
  if (auditPolicy === undefined) return undefined
  const policy = await readOnce(parts, auditPolicy, parseAuditPolicy)
  const sinks: AuditSink[] = []
  if (path !== undefined) {
    const { auditLogMaxSizeMb: sizeMb, auditLogMaxAgeDays: days, auditLogMaxBackups: maxBackups } = files
    const options = {
      ...auditLogDefaults,
      path,
      ...(sizeMb === undefined ? {} : { maxBytes: sizeMb * 1024 * 1024 }),
      ...(days === undefined ? {} : { maxAgeMs: days * dayMs }),
      ...(maxBackups === undefined ? {} : { maxBackups }),
    }
    sinks.push(auditLog(options, parts))
  }
  if (webhookFile !== undefined) {
    sinks.push(auditWebhook(await endpointOf(parts, webhookFile), parts))
  }
  const sink: AuditSink = {
    write(event) {
      for (const one of sinks) one.write(event)
    },
    async close() {
      await Promise.all(sinks.map((one) => one.close()))
    },
  }
  return { policy, sink, clock: parts.clock }
}
