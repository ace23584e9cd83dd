import { fields, list } from '../../api/config-shape.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { CredentialParts, Credentials } from './client-credentials.ts'
import { type ConfigForm, parseConfig } from './config-text.ts'
import { credentialsOfUser, type Kubeconfig, parseKubeconfig } from './kubeconfig.ts'

/** How this server makes itself known to a webhook, by its host and port. */
export type CredentialsFor = (hostPort: string) => Promise<Result<Credentials, string>>

/** Of the plugins that ask webhooks; absent: nothing is shown. */
export type HookCredentials = Readonly<{ mutating?: CredentialsFor; validating?: CredentialsFor }>

const hookPlugins = { MutatingAdmissionWebhook: 'mutating', ValidatingAdmissionWebhook: 'validating' } as const
const versions = ['apiserver.config.k8s.io/v1', 'apiserver.config.k8s.io/v1alpha1']

type Plugin = Readonly<{ name?: string; path?: string; configuration?: object | null }>

const form: ConfigForm = {
  kind: 'AdmissionConfiguration',
  apiVersions: versions,
  shapes: { plugins: list(fields({ name: 'string', path: 'string', configuration: 'any' })) },
}
const hookForm: ConfigForm = {
  kind: 'WebhookAdmissionConfiguration',
  apiVersions: versions,
  shapes: { kubeConfigFile: 'string' },
}

/** AdmissionConfiguration: for the plugins that ask webhooks it names the kubeconfig whose users this server is to them. */
export async function readAdmissionConfig(
  text: string,
  parts: CredentialParts,
): Promise<Result<HookCredentials, string>> {
  const parsed = parseConfig<Readonly<{ plugins?: readonly Plugin[] }>>(text, form)
  if (!parsed.ok) return parsed
  const found: { -readonly [K in keyof HookCredentials]: HookCredentials[K] } = {}
  for (const plugin of parsed.value.plugins ?? []) {
    const { name = '' } = plugin
    const use = hookPlugins[name as keyof typeof hookPlugins]
    if (use === undefined) return fail(`plugin ${JSON.stringify(name)} takes no configuration here`)
    const credentials = await hookCredentials(plugin, parts)
    if (!credentials.ok) return fail(`plugin ${name}: ${credentials.error}`)
    if (credentials.value !== undefined) found[use] = credentials.value
  }
  return ok(found)
}

async function hookCredentials(
  { path, configuration }: Plugin,
  parts: CredentialParts,
): Promise<Result<CredentialsFor | undefined, string>> {
  if (!path && !configuration) return ok(undefined)
  const text = path ? await parts.read(path) : JSON.stringify(configuration)
  const parsed = parseConfig<Readonly<{ kubeConfigFile?: string }>>(text, hookForm)
  if (!parsed.ok) return parsed
  const { kubeConfigFile = '' } = parsed.value
  if (kubeConfigFile === '') return ok(undefined)
  if (!kubeConfigFile.startsWith('/')) return fail('kubeConfigFile: must be an absolute file path')
  const kubeconfig = parseKubeconfig(await parts.read(kubeConfigFile))
  if (!kubeconfig.ok) return fail(`${kubeConfigFile}: ${kubeconfig.error}`)
  const folder = kubeConfigFile.slice(0, kubeConfigFile.lastIndexOf('/') + 1)
  const read = (named: string): Promise<string> => parts.read(named.startsWith('/') ? named : `${folder}${named}`)
  const made = new Map<string, Promise<Result<Credentials, string>>>()
  const credentialsOf = (name: string): Promise<Result<Credentials, string>> => {
    const known = made.get(name) ?? credentialsOfUser(kubeconfig.value, name, { ...parts, read })
    made.set(name, known)
    return known
  }
  for (const { name = '' } of kubeconfig.value.users ?? []) {
    const credentials = await credentialsOf(name)
    if (!credentials.ok) return fail(`${kubeConfigFile}: ${credentials.error}`)
  }
  return ok((hostPort) => credentialsOf(userFor(kubeconfig.value, hostPort)))
}

/** Users are named after hosts: as they are, by '*.' and what they end in, or '*' (apiserver's webhook/authentication.go). */
export function userFor(kubeconfig: Kubeconfig, hostPort: string): string {
  const names = new Set((kubeconfig.users ?? []).map(({ name }) => name ?? ''))
  const withoutPort = hostPort.endsWith(':443') ? [hostPort.slice(0, -':443'.length)] : []
  const wanted = [hostPort, ...withoutPort].flatMap((target) => [target, ...starred(target)])
  const context = kubeconfig.contexts?.find(({ name }) => name === kubeconfig['current-context'])?.context
  return [...wanted, '*', context?.user ?? ''].find((name) => names.has(name)) ?? ''
}

function starred(target: string): readonly string[] {
  const steps = target.split('.')
  return steps.slice(1).map((_, at) => `*.${steps.slice(at + 1).join('.')}`)
}
