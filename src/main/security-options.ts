import path from 'node:path'
import type { Command } from 'commander'
import type { SecurityFiles } from '../apiserver/configuration/security.ts'

/** What `up` is told of security: commander's names of the options below. An empty text takes back what was kept. */
export type SecurityOptions = Readonly<Partial<Record<OptionKey, string>>>

type OptionKey =
  | (typeof fileOptions)[number]['key']
  | (typeof oidcOptions)[number]['key']
  | (typeof numberOptions)[number]['key']

const fileOptions = [
  {
    key: 'authenticationConfig',
    flag: '--authentication-config <file>',
    about: 'AuthenticationConfiguration: JWT issuers, anonymous access',
  },
  {
    key: 'authorizationConfig',
    flag: '--authorization-config <file>',
    about: 'AuthorizationConfiguration: the chain of authorizers',
  },
  { key: 'tokenAuthFile', flag: '--token-auth-file <file>', about: 'CSV of fixed tokens' },
  {
    key: 'authenticationTokenWebhookConfigFile',
    flag: '--authentication-token-webhook-config-file <file>',
    about: 'kubeconfig of a service that knows tokens',
  },
  { key: 'auditPolicy', flag: '--audit-policy <file>', about: 'audit Policy: what is recorded' },
  { key: 'auditLog', flag: '--audit-log <file>', about: 'where audit events are written, a line each' },
  {
    key: 'auditWebhookConfigFile',
    flag: '--audit-webhook-config-file <file>',
    about: 'kubeconfig of a service that gets audit events',
  },
  {
    key: 'encryptionConfig',
    flag: '--encryption-config <file>',
    about: 'EncryptionConfiguration: how what is stored is encrypted',
  },
  {
    key: 'admissionControlConfigFile',
    flag: '--admission-control-config-file <file>',
    about: 'AdmissionConfiguration: as whom admission webhooks are asked',
  },
] as const

const oidcOptions = [
  { key: 'oidcIssuerUrl', flag: '--oidc-issuer-url <url>', field: 'issuerUrl', about: 'the issuer' },
  { key: 'oidcClientId', flag: '--oidc-client-id <id>', field: 'clientId', about: 'for whom its tokens must be meant' },
  {
    key: 'oidcUsernameClaim',
    flag: '--oidc-username-claim <claim>',
    field: 'usernameClaim',
    about: 'which claim names the user (sub)',
  },
  {
    key: 'oidcUsernamePrefix',
    flag: '--oidc-username-prefix <prefix>',
    field: 'usernamePrefix',
    about: 'what stands before user names; - for nothing',
  },
  {
    key: 'oidcGroupsClaim',
    flag: '--oidc-groups-claim <claim>',
    field: 'groupsClaim',
    about: 'which claim names groups',
  },
  {
    key: 'oidcGroupsPrefix',
    flag: '--oidc-groups-prefix <prefix>',
    field: 'groupsPrefix',
    about: 'what stands before group names',
  },
  {
    key: 'oidcRequiredClaim',
    flag: '--oidc-required-claim <claim=value>',
    field: 'requiredClaim',
    about: 'what a token must say besides',
  },
  { key: 'oidcCaFile', flag: '--oidc-ca-file <file>', field: 'caFile', about: 'who signed its certificate' },
] as const

const numberOptions = [
  {
    key: 'auditLogMaxsize',
    flag: '--audit-log-maxsize <megabytes>',
    field: 'auditLogMaxSizeMb',
    about: 'begin a new audit log beyond this size (100)',
  },
  {
    key: 'auditLogMaxage',
    flag: '--audit-log-maxage <days>',
    field: 'auditLogMaxAgeDays',
    about: 'keep old audit logs this long (30)',
  },
  {
    key: 'auditLogMaxbackup',
    flag: '--audit-log-maxbackup <files>',
    field: 'auditLogMaxBackups',
    about: 'keep so many old audit logs (10)',
  },
] as const

/** Adds the options to a command; what they mean is in docs/security.md. */
export function addSecurityOptions(command: Command): Command {
  for (const { flag, about } of fileOptions) command.option(flag, `${about} (kept)`)
  for (const { flag, about } of oidcOptions) command.option(flag, `OpenID Connect: ${about} (kept)`)
  for (const { flag, about } of numberOptions) command.option(flag, `${about} (kept)`)
  return command
}

type Mutable = { -readonly [K in keyof SecurityFiles]?: SecurityFiles[K] }

/** What is to be kept: what was, changed by what is asked for now. Throws with what does not fit together. */
export function chooseSecurity(kept: SecurityFiles, options: SecurityOptions, directory: string): SecurityFiles {
  const chosen: Mutable = { ...kept }
  for (const { key } of fileOptions) {
    const given = options[key]
    if (given === '') delete chosen[key]
    else if (given !== undefined) chosen[key] = path.resolve(directory, given)
  }
  for (const { key, field, flag } of numberOptions) {
    const given = options[key]
    if (given === '') delete chosen[field]
    else if (given !== undefined) chosen[field] = wholeNumber(given, flag)
  }
  const oidc = chooseOidc(chosen.oidc, options, directory)
  if (oidc === undefined) delete chosen.oidc
  else chosen.oidc = oidc
  checkTogether(chosen)
  return chosen
}

function wholeNumber(text: string, flag: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 0)
    throw new Error(`${flag.split(' ')[0]} must be a whole number, not ${text}`)
  return number
}

function chooseOidc(
  kept: SecurityFiles['oidc'],
  options: SecurityOptions,
  directory: string,
): SecurityFiles['oidc'] | undefined {
  if (options.oidcIssuerUrl === '') return undefined
  const fields: Record<string, string> = { ...kept }
  for (const { key, field } of oidcOptions) {
    const given = options[key]
    if (given === '') delete fields[field]
    else if (given !== undefined) fields[field] = field === 'caFile' ? path.resolve(directory, given) : given
  }
  if (Object.keys(fields).length === 0) return undefined
  const { issuerUrl, clientId } = fields
  if (issuerUrl === undefined || clientId === undefined) {
    throw new Error('--oidc-issuer-url and --oidc-client-id must be specified together')
  }
  return { ...fields, issuerUrl, clientId }
}

function checkTogether(files: SecurityFiles): void {
  if (files.authenticationConfig !== undefined && files.oidc !== undefined) {
    throw new Error('--authentication-config and the --oidc-… options exclude each other: put the issuer into the file')
  }
  const records = files.auditLog ?? files.auditWebhookConfigFile
  if (files.auditPolicy === undefined && records !== undefined) {
    throw new Error('an audit log needs an --audit-policy that says what is recorded')
  }
  if (files.auditPolicy !== undefined && records === undefined) {
    throw new Error('--audit-policy needs an --audit-log or --audit-webhook-config-file that events go to')
  }
}
