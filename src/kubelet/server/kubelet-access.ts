import { define } from '../../api/define-kind.ts'
import type { SubjectAccessReview, TokenReview, UserInfo } from '../../api/kinds.generated.ts'
import { type BoundedMap, boundedMap } from '../../client/bounded-map.ts'
import type { HttpHandler, HttpRequest } from '../../ports/http.ts'
import { textAnswer } from '../../runtime/streaming/plain-answer.ts'
import { durationMs } from '../configuration/kubelet-configuration.ts'
import type { KubeletDeps } from '../kubelet-config.ts'
import { nodeSubresources, verbOf } from './node-attributes.ts'

const tokenReviews = define<TokenReview>('authentication.k8s.io/v1', 'TokenReview', 'tokenreviews', 'Cluster', {})
const accessReviews = define<SubjectAccessReview>(
  'authorization.k8s.io/v1',
  'SubjectAccessReview',
  'subjectaccessreviews',
  'Cluster',
  {},
)

/** Answers of the API server that are remembered. */
const mostAnswers = 1024

type Deps = Pick<KubeletDeps, 'client' | 'clock' | 'log' | 'config'>

/** Undefined: nobody that is known. */
type Authenticate = (request: HttpRequest) => Promise<UserInfo | undefined>
/** A failure is told apart from a no. */
type Authorize = (user: UserInfo, verb: string, subresource: string) => Promise<'allow' | 'deny' | 'failed'>

/**
 * The kubelet's API for whoever reaches its port: by client certificates of the cluster's authority and by tokens that the API server
 * knows, and only as far as the API server allows it on the subresources of the node. Refusals are worded as the original's.
 */
export function guarded(deps: Deps, handler: HttpHandler): HttpHandler {
  const authenticate = authenticator(deps)
  const authorize = authorizer(deps)
  return async (request) => {
    const user = await authenticate(request)
    if (user === undefined) return textAnswer(401, 'Unauthorized')
    const [path = ''] = request.target.split('?')
    const verb = verbOf(request.method)
    const subresources = nodeSubresources(path)
    const who = `user=${user.username ?? ''}, verb=${verb}, resource=nodes`
    for (const subresource of subresources) {
      const decision = await authorize(user, verb, subresource)
      if (decision === 'allow') return handler(request)
      if (decision === 'failed') return textAnswer(500, `Authorization error (${who}, subresource=${subresource})`)
    }
    return textAnswer(403, `Forbidden (${who}, subresource(s)=[${subresources.join(' ')}])\n`)
  }
}

function authenticator({ client, clock, log, config }: Deps): Authenticate {
  const { anonymous, webhook } = config.configuration.authentication
  const known = remembered<UserInfo | undefined>(clock)
  const ofToken = async (token: string): Promise<UserInfo | undefined> => {
    const before = known.get(token)
    if (before !== undefined) return before.value
    const review = await client.create(tokenReviews, { metadata: {}, spec: { token } })
    if (!review.ok) {
      log.warn('a token could not be reviewed', { message: review.error.message })
      return undefined
    }
    const { authenticated = false, user } = review.value.status
    known.set(token, authenticated ? user : undefined, durationMs(webhook.cacheTTL))
    return authenticated ? user : undefined
  }
  return async ({ peer, headers }) => {
    if (peer.certificateError !== undefined) return undefined
    if (peer.certificate !== undefined) {
      const { commonName, organizations, userUid } = peer.certificate
      return {
        username: commonName,
        groups: [...organizations, 'system:authenticated'],
        ...(userUid === undefined ? {} : { uid: userUid }),
      }
    }
    const token = /^bearer +(\S+)/i.exec(headers.authorization ?? '')?.[1]
    if (token !== undefined) return webhook.enabled ? ofToken(token) : undefined
    return anonymous.enabled ? { username: 'system:anonymous', groups: ['system:unauthenticated'] } : undefined
  }
}

function authorizer({ client, clock, log, config }: Deps): Authorize {
  const { mode, webhook } = config.configuration.authorization
  const known = remembered<boolean>(clock)
  if (mode === 'AlwaysAllow') return async () => 'allow'
  return async (user, verb, subresource) => {
    const key = JSON.stringify([user, verb, subresource])
    const before = known.get(key)
    if (before !== undefined) return before.value ? 'allow' : 'deny'
    const { username, uid, groups, extra } = user
    const resourceAttributes = { verb, version: 'v1', resource: 'nodes', subresource, name: config.nodeName }
    const spec = {
      ...(username === undefined ? {} : { user: username }),
      ...(uid === undefined ? {} : { uid }),
      ...(groups === undefined ? {} : { groups }),
      ...(extra === undefined ? {} : { extra }),
      resourceAttributes,
    }
    const review = await client.create(accessReviews, { metadata: {}, spec })
    if (!review.ok) {
      log.warn('access to the kubelet could not be reviewed', { message: review.error.message })
      return 'failed'
    }
    const { allowed } = review.value.status
    known.set(key, allowed, durationMs(allowed ? webhook.cacheAuthorizedTTL : webhook.cacheUnauthorizedTTL))
    return allowed ? 'allow' : 'deny'
  }
}

type Remembered<T> = Readonly<{
  get(key: string): Readonly<{ value: T }> | undefined
  set(key: string, value: T, forMs: number): void
}>

function remembered<T>(clock: KubeletDeps['clock']): Remembered<T> {
  const answers: BoundedMap<Readonly<{ value: T; untilMs: number }>> = boundedMap(mostAnswers)
  return {
    get(key) {
      const answer = answers.get(key)
      return answer !== undefined && clock.monotonicMs() < answer.untilMs ? answer : undefined
    },
    set: (key, value, forMs) => answers.set(key, { value, untilMs: clock.monotonicMs() + forMs }),
  }
}
