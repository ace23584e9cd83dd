import { expect, it } from 'vitest'
import { schema } from '../../api/schema-reader.ts'
import { simClock } from '../../host/sim/clock.ts'
import { simDisk } from '../../host/sim/disk.ts'
import { simKeys } from '../../host/sim/keys.ts'
import { simLog } from '../../host/sim/log.ts'
import { simRandom } from '../../host/sim/random.ts'
import { openStore } from '../../store/store.ts'
import { makeApiServer } from '../api-server.ts'
import { sender } from '../test-exchange.ts'

it('gives a token for the API server itself where no audience is named, however that is written', async () => {
  const clock = simClock()
  const specs = [{}, { audiences: null }, { audiences: [] }]
  let answers: unknown[] | undefined
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
    const send = sender(api.handler)
    await send('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'app' } })
    const target = '/api/v1/namespaces/default/serviceaccounts/app/token'
    answers = await Promise.all(specs.map(async (spec) => (await send('POST', target, { spec })).json))
  })()
  await clock.runUntilTrue(() => answers !== undefined, clock.nowMs() + 60_000)
  expect(answers).toMatchObject(specs.map(() => ({ spec: { audiences: ['https://issuer.example'] } })))
})
