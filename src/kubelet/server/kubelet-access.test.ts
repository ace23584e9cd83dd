import { describe, expect, it } from 'vitest'
import type { UserInfo } from '../../api/kinds.generated.ts'
import { fail, ok } from '../../api/result.ts'
import { simClock } from '../../host/sim/clock.ts'
import { simLog } from '../../host/sim/log.ts'
import type { HttpPeer } from '../../ports/http.ts'
import { textAnswer } from '../../runtime/streaming/plain-answer.ts'
import { defaultConfiguration, type KubeletConfiguration } from '../configuration/kubelet-configuration.ts'
import type { KubeletDeps } from '../kubelet-config.ts'
import { guarded } from './kubelet-access.ts'
import { nodeSubresources } from './node-attributes.ts'

type Ask = Readonly<{ method?: string; target: string; token?: string; peer?: Partial<HttpPeer> }>

/** An API server that knows the token 'good', and lets `allowed` ("user verb subresource") pass. */
function world(allowed: readonly string[], configuration: Partial<KubeletConfiguration> = {}) {
  const clock = simClock()
  const asked: string[] = []
  let isUp = true
  const client = {
    async create(kind: Readonly<{ kind: string }>, { spec }: Readonly<{ spec: never }>) {
      asked.push(kind.kind)
      if (!isUp) return fail({ code: 500, message: 'down' })
      if (kind.kind === 'TokenReview') {
        const { token } = spec as Readonly<{ token: string }>
        const user: UserInfo = { username: 'prometheus', groups: ['monitoring'] }
        return ok({ status: token === 'good' ? { authenticated: true, user } : { authenticated: false } })
      }
      const { user, resourceAttributes: of } = spec as Readonly<{
        user: string
        resourceAttributes: Record<string, string>
      }>
      expect(of).toMatchObject({ resource: 'nodes', version: 'v1', name: 'n1' })
      return ok({ status: { allowed: allowed.includes(`${user} ${of.verb} ${of.subresource}`) } })
    },
  }
  const config = { nodeName: 'n1', configuration: { ...defaultConfiguration, ...configuration } }
  const deps = { client, clock, log: simLog(clock), config } as unknown as KubeletDeps
  const handler = guarded(deps, async ({ target }) => textAnswer(200, `served ${target}`))
  const ask = async ({ method = 'GET', target, token, peer = {} }: Ask) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const answer = await handler({ method, target, headers, peer: { address: '10.0.0.9', ...peer } } as never)
    if (answer.type !== 'whole') throw new Error('not whole')
    return [answer.status, new TextDecoder().decode(answer.body as Uint8Array)] as const
  }
  return { clock, asked, ask, fall: () => (isUp = false) }
}

const certificate = { commonName: 'kube-apiserver-kubelet-client', organizations: ['admins'] }

describe("the kubelet's port", () => {
  it('knows nobody without a certificate or a token that the API server knows', async () => {
    const { ask } = world([])
    const nobody = [401, 'Unauthorized']
    expect(await ask({ target: '/pods' })).toEqual(nobody)
    expect(await ask({ target: '/pods', token: 'bad' })).toEqual(nobody)
    expect(await ask({ target: '/pods', peer: { certificateError: 'expired' } })).toEqual(nobody)
  })

  it('lets in whom the API server allows the narrow subresource, or the one that allows everything', async () => {
    const { ask } = world(['prometheus get metrics', 'prometheus get pods', `${certificate.commonName} get proxy`])
    expect(await ask({ target: '/metrics/cadvisor', token: 'good' })).toEqual([200, 'served /metrics/cadvisor'])
    expect((await ask({ target: '/pods?x=1', token: 'good' }))[0]).toBe(200)
    expect((await ask({ target: '/pods', peer: { certificate } }))[0]).toBe(200)
    expect(await ask({ target: '/exec/a/b/c', method: 'POST', token: 'good' })).toEqual([
      403,
      'Forbidden (user=prometheus, verb=create, resource=nodes, subresource(s)=[proxy])\n',
    ])
    expect(await ask({ target: '/healthz', token: 'good' })).toEqual([
      403,
      'Forbidden (user=prometheus, verb=get, resource=nodes, subresource(s)=[healthz proxy])\n',
    ])
  })

  it('asks no more often than it must, and lets nobody in when nobody can be asked', async () => {
    const { ask, asked, clock, fall } = world(['prometheus get metrics'])
    const get = () => ask({ target: '/metrics', token: 'good' })
    await get()
    await get()
    expect(asked).toEqual(['TokenReview', 'SubjectAccessReview'])
    await clock.runUntil(clock.nowMs() + 121_000)
    await get()
    expect(asked).toEqual(['TokenReview', 'SubjectAccessReview', 'TokenReview'])
    fall()
    await clock.runUntil(clock.nowMs() + 301_000)
    expect((await get())[0]).toBe(401)
    expect(await ask({ target: '/metrics', peer: { certificate } })).toEqual([
      500,
      `Authorization error (user=${certificate.commonName}, verb=get, resource=nodes, subresource=metrics)`,
    ])
  })

  it('knows anonymous callers where it is told to', async () => {
    const authentication = { ...defaultConfiguration.authentication, anonymous: { enabled: true } }
    const { ask } = world(['system:anonymous get healthz'], { authentication })
    expect((await ask({ target: '/healthz' }))[0]).toBe(200)
    expect((await ask({ target: '/pods' }))[0]).toBe(403)
  })
})

it.each([
  ['/pods', ['pods', 'proxy']],
  ['/podsecrets', ['proxy']],
  ['/runningpods/', ['pods', 'proxy']],
  ['/healthz/syncloop', ['healthz', 'proxy']],
  ['/configz', ['configz', 'proxy']],
  ['/stats/summary', ['stats']],
  ['/metrics/cadvisor', ['metrics']],
  ['/logs/', ['log']],
  ['/checkpoint/a/b/c', ['checkpoint']],
  ['/containerLogs/a/b/c', ['proxy']],
  ['//metrics', ['proxy']],
])('%s is allowed by %j', (path, subresources) => {
  expect(nodeSubresources(path)).toEqual(subresources)
})
