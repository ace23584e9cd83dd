import { decodeBase64 } from '../../api/base64.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { parseYamlText } from '../../api/yaml-text.ts'
import { type CredentialParts, type Credentials, credentialsOf, type KubeconfigUser } from './client-credentials.ts'
import type { WebhookEndpoint } from './webhook-endpoint.ts'

type Named<K extends string, T> = Readonly<{ name?: string }> & Readonly<Partial<Record<K, T>>>

type Cluster = Readonly<{
  server?: string
  'certificate-authority'?: string
  'certificate-authority-data'?: string
  'insecure-skip-tls-verify'?: boolean
  'tls-server-name'?: string
  'proxy-url'?: string
}>

export type Kubeconfig = Readonly<{
  'current-context'?: string
  contexts?: readonly Named<'context', Readonly<{ cluster?: string; user?: string }>>[]
  clusters?: readonly Named<'cluster', Cluster>[]
  users?: readonly Named<'user', KubeconfigUser>[]
}>

export function parseKubeconfig(text: string): Result<Kubeconfig, string> {
  const parsed = parseYamlText(text)
  return parsed.ok ? ok((parsed.value.value ?? {}) as Kubeconfig) : parsed
}

/** Where a webhook is and how this server makes itself known to it: the cluster and the user of the current context. */
export async function readWebhookEndpoint(
  text: string,
  parts: CredentialParts,
): Promise<Result<WebhookEndpoint, string>> {
  const parsed = parseKubeconfig(text)
  if (!parsed.ok) return parsed
  const config = parsed.value
  const context = config.contexts?.find(({ name }) => name === config['current-context'])?.context
  const cluster = config.clusters?.find(({ name }) => name === context?.cluster)?.cluster
  if (context === undefined || cluster === undefined) return fail('its current-context names no cluster')
  const { server } = cluster
  if (typeof server !== 'string' || !/^https?:\/\//.test(server)) return fail('its cluster has no server URL')
  if (cluster['proxy-url']) return fail('its cluster is reached through a proxy (proxy-url), which is not supported')
  const caPem = await authorityOf(cluster, parts)
  const verify = cluster['insecure-skip-tls-verify'] === true ? 'skip' : caPem === undefined ? undefined : { caPem }
  const user = await credentialsOfUser(config, context.user ?? '', parts)
  if (!user.ok) return user
  return ok({
    ...addressOf(server, cluster['tls-server-name'] ?? ''),
    ...(verify && { verify }),
    // As client-go: nothing secret goes over a connection that is not.
    ...(server.startsWith('https:') ? user.value : {}),
  })
}

/** What the user of that name shows; nothing where there is none. */
export async function credentialsOfUser(
  { users }: Kubeconfig,
  name: string,
  parts: CredentialParts,
): Promise<Result<Credentials, string>> {
  const user = users?.find((one) => one.name === name)?.user
  return user === undefined ? ok({}) : credentialsOf(name, user, parts)
}

async function authorityOf(cluster: Cluster, { read }: CredentialParts): Promise<string | undefined> {
  const data = cluster['certificate-authority-data']
  if (data) return new TextDecoder().decode(decodeBase64(data))
  const path = cluster['certificate-authority']
  return path ? read(path) : undefined
}

/** A certificate may be asked for that bears another name than the address. */
function addressOf(server: string, serverName: string): Pick<WebhookEndpoint, 'url' | 'connectTo' | 'host'> {
  if (serverName === '') return { url: server }
  const real = new URL(server)
  const named = new URL(server)
  named.hostname = serverName
  const port = real.port === '' ? 443 : Number(real.port)
  return { url: named.href, connectTo: { host: real.hostname, port }, host: real.host }
}
