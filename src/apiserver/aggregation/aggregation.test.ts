import { beforeEach, describe, expect, it } from 'vitest'
import { simRun } from '../../host/contract/sim-run.ts'
import { simClock } from '../../host/sim/clock.ts'
import { simDisk } from '../../host/sim/disk.ts'
import { noHttpFaults, simHttp } from '../../host/sim/http.ts'
import { simKeys } from '../../host/sim/keys.ts'
import { simLog } from '../../host/sim/log.ts'
import { connection } from '../../host/sim/pipe.ts'
import { simRandom } from '../../host/sim/random.ts'
import type { HttpHandler, HttpRequest, HttpResponse } from '../../ports/http.ts'
import { openStore } from '../../store/store.ts'
import { type Send, sender, testServer, watched } from '../test-exchange.ts'

const json = (value: unknown): HttpResponse => ({
  type: 'whole',
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: new TextEncoder().encode(JSON.stringify(value)),
})

const empty = new Uint8Array()
const resources = [{ resource: 'boats', scope: 'Namespaced', verbs: ['get'] }]

const boats = {
  get: { produces: ['application/json'], responses: { 200: { schema: { $ref: '#/definitions/Boat' } } } },
}

/** A server that extends the API: tells who asked what, and serves boats. An old one has no OpenAPI v3. */
const backend =
  (isOld: boolean): HttpHandler =>
  async (request: HttpRequest) => {
    const { target, headers, peer, method } = request
    if (target === '/apis') {
      const versions = [{ version: 'v1', resources, freshness: 'Current' }]
      return json({ kind: 'APIGroupDiscoveryList', items: [{ metadata: { name: 'boats.test' }, versions }] })
    }
    if (target === '/openapi/v2') {
      return json({
        paths: { '/apis/boats.test/v1/boats': boats, '/version': {} },
        definitions: { Boat: { type: 'object' } },
      })
    }
    if (isOld && target.startsWith('/openapi/v3')) return { type: 'whole', status: 404, headers: {}, body: empty }
    if (target === '/openapi/v3') {
      return json({ paths: { 'apis/boats.test/v1': { serverRelativeURL: '/openapi/v3/apis/boats.test/v1?hash=AB' } } })
    }
    if (headers.upgrade === 'SPDY/3.1') {
      return {
        type: 'upgrade',
        protocol: headers.upgrade,
        headers: { 'x-stream-protocol-version': 'v4.channel.k8s.io' },
        async start(duplex) {
          await duplex.write(new TextEncoder().encode(`${method} ${headers['x-remote-user']} `))
          for await (const chunk of duplex.readable) await duplex.write(chunk)
        },
      }
    }
    if (target.endsWith('/moved')) return { type: 'whole', status: 302, headers: { location: '/else' }, body: empty }
    const named = Object.entries(headers).filter(([name]) => name.startsWith('x-remote-') || name === 'authorization')
    return json({ method, target, named: Object.fromEntries(named), peer: peer.certificate })
  }

async function world() {
  const clock = simClock()
  const [random, log, run] = [simRandom(1), simLog(clock), simRun(clock)]
  const disk = simDisk({ clock, random })
  const store = await run(openStore({ disk, clock, log, directory: '/store', onFatal() {} }))
  const keys = simKeys(random)
  const http = simHttp({ clock, random, faults: noHttpFaults })
  const nameless = { organizations: [], dnsNames: [], ipAddresses: [], validDays: 1 }
  const own = await keys.issueCertificate({ ...nameless, commonName: 'front-proxy-client', usage: 'client' })
  const frontProxy = { ...own, caPem: 'CA', commonName: 'front-proxy-client', issuer: 'front-proxy-ca' }
  const parts = { store, clock, random, keys, log, http }
  const server = await testServer(parts, { clientCaPem: 'CLIENTS', frontProxy })
  await run(server.start())
  const raw = sender(server.handler)
  const send: Send = (...request) => run(raw(...request))
  const settled = (): Promise<void> => run(clock.sleep(1000))
  return {
    send,
    settled,
    listen: (isOld = false) => run(http.listen({ type: 'tcp', address: '10.1.0.5', port: 8443 }, backend(isOld))),
  }
}

const apiServices = '/apis/apiregistration.k8s.io/v1/apiservices'
const service = { metadata: { name: 'boats' }, spec: { ports: [{ port: 443, targetPort: 8443 }] } }
const slice = {
  metadata: { name: 'boats-1', labels: { 'kubernetes.io/service-name': 'boats' } },
  addressType: 'IPv4',
  endpoints: [{ addresses: ['10.1.0.5'], conditions: { ready: true } }],
  ports: [{ name: '', port: 8443 }],
}
const apiService = {
  metadata: { name: 'v1.boats.test' },
  spec: {
    group: 'boats.test',
    version: 'v1',
    groupPriorityMinimum: 2000,
    versionPriority: 15,
    insecureSkipTLSVerify: true,
    service: { namespace: 'default', name: 'boats' },
  },
}

async function condition({ send, settled }: Awaited<ReturnType<typeof world>>): Promise<string> {
  await settled()
  const { json: found } = await send('GET', `${apiServices}/v1.boats.test`)
  const [available] = (found as { status: { conditions: { status: string; reason: string; message: string }[] } })
    .status.conditions
  return `${available?.status} ${available?.reason}: ${available?.message}`
}

describe('an API that another server has', () => {
  let here: Awaited<ReturnType<typeof world>>
  beforeEach(async () => {
    here = await world()
  })

  async function whole(isOld = false): Promise<void> {
    await here.listen(isOld)
    await here.send('POST', '/api/v1/namespaces/default/services', service)
    await here.send('POST', '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', slice)
    await here.send('POST', apiServices, apiService)
    await here.settled()
  }

  it('is available when its Service has endpoints that answer, and says what is missing until then', async () => {
    await here.send('POST', apiServices, apiService)
    expect(await condition(here)).toBe('False ServiceNotFound: service/boats in "default" is not present')
    expect(await here.send('GET', '/apis/boats.test/v1/boats')).toMatchObject({
      status: 503,
      text: 'service unavailable\n',
    })
    await here.send('POST', '/api/v1/namespaces/default/services', service)
    expect(await condition(here)).toBe(
      'False EndpointsNotFound: cannot find endpointslices for service/boats in "default"',
    )
    await here.send('POST', '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', slice)
    expect(await condition(here)).toMatch(/^False FailedDiscoveryCheck: failing or missing response from https:/)
    await here.listen()
    expect(await condition(here)).toBe('True Passed: all checks passed')
    await here.send('DELETE', '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/boats-1')
    expect(await condition(here)).toMatch(/^False EndpointsNotFound/)
    const { text } = await here.send('GET', '/metrics')
    expect(text).toContain('aggregator_unavailable_apiservice{name="v1.boats.test"} 1\n')
    expect(text).toContain(
      'aggregator_unavailable_apiservice_total{name="v1.boats.test",reason="EndpointsNotFound"} 1\n',
    )
  })

  it('gets requests with the name of who asks, under our own certificate, and with nothing that could be forged', async () => {
    await whole()
    const { response } = await here.send('PUT', '/apis/boats.test/v1/boats/a?dryRun=All', undefined, {
      headers: { authorization: 'Bearer x', 'x-remote-group': 'system:masters' },
    })
    const reading = watched({ response } as never)
    await here.settled()
    const [answer] = reading.events() as readonly unknown[]
    expect(answer).toEqual({
      method: 'PUT',
      target: '/apis/boats.test/v1/boats/a?dryRun=All',
      named: { 'x-remote-user': 'admin', 'x-remote-group': 'system:masters, system:authenticated' },
      peer: { commonName: 'front-proxy-client', organizations: [] },
    })
  })

  it('is reached by streams that leave HTTP, under the name of who asks', async () => {
    await whole()
    const headers = { connection: 'Upgrade', upgrade: 'SPDY/3.1' }
    const { response } = await here.send('POST', '/apis/boats.test/v1/boats/a/steer', undefined, { headers })
    expect(response).toMatchObject({
      type: 'upgrade',
      protocol: 'SPDY/3.1',
      headers: { 'x-stream-protocol-version': 'v4.channel.k8s.io' },
    })
    const [client, side] = connection()
    if (response.type === 'upgrade') response.start(side)
    await client.write(new TextEncoder().encode('ahoy'))
    let heard = ''
    for await (const chunk of client.readable) {
      heard += new TextDecoder().decode(chunk)
      if (heard.endsWith('ahoy')) break
    }
    expect(heard).toBe('POST admin ahoy')
    const refused = await here.send('GET', '/apis/boats.test/v1/boats/a/x', undefined, {
      headers: { connection: 'Upgrade', upgrade: 'websocket' },
    })
    expect(refused).toMatchObject({ status: 503, text: 'invalid upgrade response: status code 200\n' })
  })

  it('is told of in the OpenAPI documents, whose versions of v3 it has itself', async () => {
    await whole()
    const { json: v2 } = await here.send('GET', '/openapi/v2')
    expect(v2).toMatchObject({
      paths: { '/apis/boats.test/v1/boats': boats, '/api/v1/pods': {} },
      definitions: { Boat: { type: 'object' } },
    })
    const { response } = await here.send('GET', '/openapi/v3/apis/boats.test/v1')
    expect(response.type).toBe('stream')
  })

  it('gets documents of OpenAPI v3 made where it has none', async () => {
    await whole(true)
    const { json: index } = await here.send('GET', '/openapi/v3')
    const { paths } = index as { paths: Record<string, { serverRelativeURL: string }> }
    const address = paths['apis/boats.test/v1']?.serverRelativeURL ?? ''
    expect(address).toMatch(/^\/openapi\/v3\/apis\/boats.test\/v1\?hash=\w+$/)
    expect((await here.send('GET', address)).json).toMatchObject({
      openapi: '3.0.0',
      paths: { '/apis/boats.test/v1/boats': {} },
      components: { schemas: { Boat: { type: 'object' } } },
    })
  })

  it('may not send a client somewhere else', async () => {
    await whole()
    expect(await here.send('GET', '/apis/boats.test/v1/moved')).toMatchObject({
      status: 502,
      text: 'the backend attempted to redirect this request, which is not permitted',
    })
  })

  it('is told of in discovery in its place, as stale when it does not answer', async () => {
    await whole()
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
    const found = async (): Promise<unknown> => {
      const { json: list } = await here.send('GET', '/apis', undefined, { headers: { accept } })
      // Behind it is only metrics.k8s.io, which asks for a lower place.
      return (list as { items: readonly unknown[] }).items.at(-2)
    }
    const versions = [{ version: 'v1', resources, freshness: 'Current' }]
    expect(await found()).toEqual({ metadata: { name: 'boats.test' }, versions })
    expect((await here.send('GET', '/apis/boats.test')).json).toMatchObject({ kind: 'APIGroup', name: 'boats.test' })
    expect((await here.send('GET', '/openapi/v3')).json).toMatchObject({
      paths: { 'apis/boats.test/v1': { serverRelativeURL: '/openapi/v3/apis/boats.test/v1?hash=AB' } },
    })
    await here.send('DELETE', '/api/v1/namespaces/default/services/boats')
    await here.settled()
    expect(await found()).toMatchObject({ versions: [{ version: 'v1', resources, freshness: 'Stale' }] })
    await here.send('DELETE', `${apiServices}/v1.boats.test`)
    await here.settled()
    expect((await here.send('GET', '/apis/boats.test')).status).toBe(404)
  })
})

describe('a cluster from its first moment', () => {
  it('says what it serves itself, and whom servers that extend it may believe', async () => {
    const { send } = await world()
    expect((await send('GET', `${apiServices}/v1.apps`)).json).toMatchObject({
      metadata: { labels: { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' } },
      spec: { group: 'apps', version: 'v1', groupPriorityMinimum: 17800, versionPriority: 15 },
      status: { conditions: [{ type: 'Available', status: 'True', reason: 'Local' }] },
    })
    expect((await send('GET', `${apiServices}/v1.`)).json).toMatchObject({ spec: { version: 'v1' } })
    const { json: map } = await send(
      'GET',
      '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication',
    )
    expect(map).toMatchObject({
      data: {
        'client-ca-file': 'CLIENTS',
        'requestheader-client-ca-file': 'CA',
        'requestheader-allowed-names': '["front-proxy-client"]',
      },
    })
  })
})
