import { expect, it } from 'vitest'
import { simHost } from '../../host/contract/sim-host.ts'
import { testWorld } from '../test-world.ts'

type Listed = Readonly<{ items: readonly Readonly<{ metadata: Readonly<{ name: string }> }>[] }>

it('passes what the body says, also when it is looked at after the next write', async () => {
  const { send } = await testWorld(simHost())
  const path = '/api/v1/namespaces/default/configmaps'
  const create = (name: string) => send('POST', path, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } })
  await create('a')
  const names = (list: unknown) => (list as Listed).items.map(({ metadata }) => metadata.name)
  const first = await send('GET', path)
  const kept = await send('GET', path)
  const one = await send('GET', `${path}/a`)
  await create('b')
  await send(
    'PATCH',
    `${path}/a`,
    { data: { changed: 'yes' } },
    { headers: { 'content-type': 'application/merge-patch+json' } },
  )
  for (const { response, json } of [first, kept]) {
    const value = response.type === 'whole' ? response.value?.() : undefined
    expect([names(value), names(json)]).toEqual([['a'], ['a']])
    expect(value).toMatchObject({ items: [{ kind: 'ConfigMap' }] })
  }
  expect(one.response.type === 'whole' && one.response.value?.()).toEqual(one.json)
})
