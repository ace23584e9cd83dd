import { beforeEach, describe, expect, it } from 'vitest'
import { simRun } from '../../host/contract/sim-run.ts'
import { simClock } from '../../host/sim/clock.ts'
import { simDisk } from '../../host/sim/disk.ts'
import { simKeys } from '../../host/sim/keys.ts'
import { simLog } from '../../host/sim/log.ts'
import { simRandom } from '../../host/sim/random.ts'
import { openStore } from '../../store/store.ts'
import { type Send, sender, testServer } from '../test-exchange.ts'

async function world(): Promise<Send> {
  const clock = simClock()
  const [random, log, run] = [simRandom(1), simLog(clock), simRun(clock)]
  const disk = simDisk({ clock, random })
  const store = await run(openStore({ disk, clock, log, directory: '/store', onFatal() {} }))
  const parts = { store, clock, random, keys: simKeys(random), log }
  const server = await testServer(parts, { serviceCidr: '10.96.0.0/30' })
  await run(server.start())
  const raw = sender(server.handler)
  return (...request) => run(raw(...request))
}

const services = '/api/v1/namespaces/default/services'
const networking = '/apis/networking.k8s.io/v1'

function service(name: string, spec: object = {}): object {
  return { metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } }
}

async function addresses(send: Send): Promise<readonly string[]> {
  const { json } = await send('GET', `${networking}/ipaddresses`)
  const { items } = json as { items: readonly { metadata: { name: string }; spec: { parentRef: { name: string } } }[] }
  return items.map(({ metadata, spec }) => `${metadata.name} ${spec.parentRef.name}`)
}

describe('the address of a Service', () => {
  let send: Send
  beforeEach(async () => {
    send = await world()
  })

  it('is held by an IPAddress, as long as the Service is there', async () => {
    expect(await addresses(send)).toEqual(['10.96.0.1 kubernetes'])
    expect(await send('POST', services, service('a'))).toMatchObject({
      status: 201,
      json: { spec: { clusterIP: '10.96.0.2' } },
    })
    expect(await addresses(send)).toEqual(['10.96.0.1 kubernetes', '10.96.0.2 a'])
    expect((await send('GET', `${networking}/ipaddresses/10.96.0.2`)).json).toMatchObject({
      metadata: {
        labels: {
          'ipaddress.kubernetes.io/ip-family': 'IPv4',
          'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
        },
        managedFields: [{ manager: 'kube-apiserver', operation: 'Update' }],
      },
      spec: { parentRef: { resource: 'services', namespace: 'default', name: 'a' } },
    })
    expect((await send('DELETE', `${services}/a`)).status).toBe(200)
    expect(await addresses(send)).toEqual(['10.96.0.1 kubernetes'])
  })

  it('is none that anything else holds', async () => {
    const held = {
      metadata: { name: '10.96.0.2' },
      spec: { parentRef: { resource: 'gateways', group: 'x.test', name: 'g' } },
    }
    expect((await send('POST', `${networking}/ipaddresses`, held)).status).toBe(201)
    expect((await send('POST', services, service('a'))).status).toBe(422)
    expect(await send('POST', services, service('a', { clusterIP: '10.96.0.2' }))).toMatchObject({
      status: 422,
      json: {
        message:
          'Service "a" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.2"]: failed to allocate IP 10.96.0.2: provided IP is already allocated',
      },
    })
    await send('DELETE', `${networking}/ipaddresses/10.96.0.2`)
    expect((await send('POST', services, service('a'))).status).toBe(201)
  })

  it('comes from further ranges when the first is full', async () => {
    await send('POST', services, service('a'))
    expect((await send('POST', services, service('b'))).status).toBe(422)
    const more = { metadata: { name: 'more' }, spec: { cidrs: ['192.168.7.0/24'] } }
    expect((await send('POST', `${networking}/servicecidrs`, more)).status).toBe(201)
    expect(await send('POST', services, service('b', { clusterIP: '192.168.7.9' }))).toMatchObject({ status: 201 })
    const { json } = await send('POST', services, service('c'))
    expect(json).toMatchObject({ spec: { clusterIP: expect.stringMatching(/^192\.168\.7\./) } })
  })

  it('is only shown by a dry run, and not held by what is refused', async () => {
    expect(await send('POST', `${services}?dryRun=All`, service('a'))).toMatchObject({
      status: 201,
      json: { spec: { clusterIP: '10.96.0.0' } },
    })
    expect(await send('POST', services, service('a/b'))).toMatchObject({
      status: 422,
      json: { message: expect.stringContaining('spec.parentRef.name: Invalid value: "a/b": may not contain \'/\'') },
    })
    expect(await send('POST', services, service('kubernetes'))).toMatchObject({ status: 409 })
    expect(await addresses(send)).toEqual(['10.96.0.1 kubernetes'])
    expect(await send('POST', services, service('a'))).toMatchObject({ json: { spec: { clusterIP: '10.96.0.2' } } })
  })
})

describe('the default range', () => {
  it('is ready from the start', async () => {
    const send = await world()
    expect((await send('GET', `${networking}/servicecidrs/kubernetes`)).json).toMatchObject({
      spec: { cidrs: ['10.96.0.0/30'] },
      status: {
        conditions: [
          { type: 'Ready', status: 'True', reason: '', message: 'Kubernetes default Service CIDR is ready' },
        ],
      },
    })
  })
})
