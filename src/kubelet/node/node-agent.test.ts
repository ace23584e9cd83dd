import { expect, it } from 'vitest'
import type { Node } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import { schema } from '../../api/schema-reader.ts'
import { makeApiServer } from '../../apiserver/api-server.ts'
import { makeClient } from '../../client/http-client.ts'
import { simClock } from '../../host/sim/clock.ts'
import { simDisk } from '../../host/sim/disk.ts'
import { brokenOff } from '../../host/sim/http.ts'
import { simKeys } from '../../host/sim/keys.ts'
import { simLog } from '../../host/sim/log.ts'
import { simRandom } from '../../host/sim/random.ts'
import type { HttpHandler } from '../../ports/http.ts'
import { openStore } from '../../store/store.ts'
import { defaultConfiguration } from '../configuration/kubelet-configuration.ts'
import type { KubeletContext } from '../kubelet-config.ts'
import { startNodeAgent } from './node-agent.ts'

type Watched = Readonly<{ node: Stored<Node> | undefined; patches: number }>

/** A node's first minutes against the real API server, reached as `through` lets it. */
async function liveFor(ms: number, through: (handler: HttpHandler) => HttpHandler = (handler) => handler) {
  const clock = simClock()
  let watched: Watched | undefined
  void (async () => {
    const random = simRandom(1)
    const [log, keys, disk] = [simLog(clock), simKeys(random), simDisk({ clock, random })]
    const store = await openStore({ disk, clock, log, directory: '/store', onFatal() {} })
    const config = {
      serviceAccountIssuer: 'https://issuer.example',
      serviceAccountKey: await keys.makeSigningKey(),
      serviceCidr: '10.96.0.0/16',
      nodePorts: { first: 30_000, last: 32_767 },
      advertiseAddress: '10.0.0.1',
      advertisePort: 6443,
      clusterName: 'test',
    }
    const api = makeApiServer({ clock, random, log, keys, store, schema, nodeHandler: () => undefined, config })
    await api.start()
    let patches = 0
    const counted: HttpHandler = (request) => {
      if (request.method === 'PATCH') patches += 1
      return api.handler(request)
    }
    const identity = { commonName: 'system:node:here', organizations: ['system:nodes'] }
    const client = makeClient({ handler: through(counted), identity, userAgent: 'kubelet', clock })
    await disk.makeDirectory('/kubelet')
    const context = {
      client,
      clock,
      random,
      log,
      disk,
      runtime: {
        name: 'coracle',
        listImages: async () => [],
        status: async () => ({ version: '1', handlers: [], supplementalGroupsPolicy: true }),
      },
      events: { event() {}, stop() {} },
      config: {
        nodeName: 'here',
        addresses: [{ type: 'InternalIP', address: '10.0.0.2' }],
        capacity: { cpus: 4, memoryBytes: 16 * 2 ** 30, ephemeralStorageBytes: 2 ** 40, pods: 110, processes: 32_768 },
        configuration: defaultConfiguration,
        rootDirectory: '/kubelet',
        architecture: 'amd64',
        osImage: 'Simulated',
        kernelVersion: '6.1.0',
        machineId: '',
        bootId: '',
        systemUuid: '',
      },
    } as unknown as KubeletContext
    const nothing = { capacity: {}, allocatable: {} }
    const agent = await startNodeAgent(context, {
      pressure: () => new Set(),
      devices: () => nothing,
      volumesInUse: () => [],
      fault: () => undefined,
    })
    await clock.sleep(ms)
    watched = { node: agent.node(), patches }
  })()
  await clock.runUntilTrue(() => watched !== undefined, clock.nowMs() + ms + 60_000)
  return watched
}

it('writes its status once when nothing changes, whatever form the API server gives the amounts', async () => {
  expect((await liveFor(200_000))?.patches).toBe(1)
})

it('knows what it is, also while its status cannot be written', async () => {
  const lossy =
    (handler: HttpHandler): HttpHandler =>
    async (request) =>
      request.method === 'PATCH' ? brokenOff('the request was lost on its way') : handler(request)
  expect((await liveFor(30_000, lossy))?.node?.status?.allocatable).toMatchObject({ cpu: '4', pods: '110' })
})
