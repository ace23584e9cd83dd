import { fail, ok, type Result } from '../../api/result.ts'
import type { Http, OutgoingRequest } from '../../ports/http.ts'
import type { Credentials } from './client-credentials.ts'

/** Where a webhook is, whom it is to prove to be, and how this server makes itself known there. */
export type WebhookEndpoint = Credentials &
  Readonly<Pick<OutgoingRequest, 'url' | 'connectTo' | 'verify'>> &
  Readonly<{
    /** The host that is asked for, where it is not that of the URL. */
    host?: string
  }>

const limitBytes = 1024 * 1024

/** One exchange: what the webhook answers with 200 or 201. */
export async function callWebhook(
  http: Pick<Http, 'request'>,
  { url, connectTo, verify, identity, headers: own, repeatedHeaders, host }: WebhookEndpoint,
  body: object,
  timeoutMs: number,
): Promise<Result<unknown, string>> {
  const answered = await http.request({
    method: 'POST',
    url,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(host === undefined ? {} : { host }),
      ...(await own?.()),
    },
    body: new TextEncoder().encode(JSON.stringify(body)),
    timeoutMs,
    maxRedirects: 0,
    ...(connectTo && { connectTo }),
    ...(verify && { verify }),
    ...(identity && { identity }),
    ...(repeatedHeaders && { repeatedHeaders }),
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
