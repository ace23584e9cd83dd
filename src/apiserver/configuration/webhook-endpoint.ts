import { decodeBase64 } from '../../api/base64.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { parseYamlText } from '../../api/yaml-text.ts'
import type { Http, OutgoingRequest } from '../../ports/http.ts'

/** Where a webhook is, from a kubeconfig file. */
export type WebhookEndpoint = Readonly<{ url: string; verify?: NonNullable<OutgoingRequest['verify']>; token?: string }>

type Named<K extends string, T> = Readonly<{ name?: string }> & Readonly<Partial<Record<K, T>>>
type Kubeconfig = Readonly<{
  'current-context'?: string
  contexts?: readonly Named<'context', Readonly<{ cluster?: string; user?: string }>>[]
  clusters?: readonly Named<'cluster', Readonly<Record<string, string | boolean>>>[]
  users?: readonly Named<'user', Readonly<Record<string, string>>>[]
}>

/** `read` gives the text of a file that the kubeconfig names. */
export async function readWebhookEndpoint(
  text: string,
  read: (path: string) => Promise<string>,
): Promise<Result<WebhookEndpoint, string>> {
  const parsed = parseYamlText(text)
  if (!parsed.ok) return parsed
  const config = (parsed.value.value ?? {}) as Kubeconfig
  const context = config.contexts?.find(({ name }) => name === config['current-context'])?.context
  const cluster = config.clusters?.find(({ name }) => name === context?.cluster)?.cluster
  const user = config.users?.find(({ name }) => name === context?.user)?.user ?? {}
  if (context === undefined || cluster === undefined) return fail('its current-context names no cluster')
  const { server } = cluster
  if (typeof server !== 'string' || !/^https?:\/\//.test(server)) return fail('its cluster has no server URL')
  if ('client-certificate' in user || 'client-certificate-data' in user) {
    return fail('its user shows a client certificate, which webhooks are not called with: use a token')
  }
  const ca = cluster['certificate-authority-data']
  const caFile = cluster['certificate-authority']
  const caPem =
    typeof ca === 'string'
      ? new TextDecoder().decode(decodeBase64(ca))
      : typeof caFile === 'string'
        ? await read(caFile)
        : undefined
  const verify = cluster['insecure-skip-tls-verify'] === true ? 'skip' : caPem === undefined ? undefined : { caPem }
  const token = user.token ?? (user['token-file'] === undefined ? undefined : (await read(user['token-file'])).trim())
  return ok({ url: server, ...(verify && { verify }), ...(token && { token }) })
}

const limitBytes = 1024 * 1024

/** One exchange: what the webhook answers with 200 or 201. */
export async function callWebhook(
  http: Pick<Http, 'request'>,
  { url, verify, token }: WebhookEndpoint,
  body: object,
  timeoutMs: number,
): Promise<Result<unknown, string>> {
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  }
  const bytes = new TextEncoder().encode(JSON.stringify(body))
  const answered = await http.request({
    method: 'POST',
    url,
    headers,
    body: bytes,
    timeoutMs,
    maxRedirects: 0,
    ...(verify && { verify }),
  })
  if (!answered.ok) return fail(`Post ${JSON.stringify(url)}: ${answered.error.message}`)
  const { status } = answered.value
  const answer = await answered.value.body.bytes(limitBytes)
  if (!answer.ok) return fail(`Post ${JSON.stringify(url)}: the answer is ${answer.error}`)
  if (status !== 200 && status !== 201) return fail(`Post ${JSON.stringify(url)}: it answered with ${status}`)
  try {
    return ok(JSON.parse(new TextDecoder().decode(answer.value)))
  } catch {
    return fail(`Post ${JSON.stringify(url)}: it answered no JSON`)
  }
}
