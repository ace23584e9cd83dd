import { describe, expect, it } from 'vitest'
import { simRun } from '../host/contract/sim-run.ts'
import { simClock } from '../host/sim/clock.ts'
import { simDisk } from '../host/sim/disk.ts'
import { simFirewall } from '../host/sim/firewall.ts'
import { type LinkFaults, simLinks } from '../host/sim/links.ts'
import { simLog } from '../host/sim/log.ts'
import { simRandom } from '../host/sim/random.ts'
import { makePodNetwork } from './pod-network.ts'

const config = {
  name: 't',
  bridgeName: 'cor0',
  podCidr: '10.244.0.0/29',
  clusterCidrs: ['10.244.0.0/29'],
  serviceCidr: '10.96.0.0/12',
  stateDirectory: '/state',
}
const netns = (sandbox: string): string => `/run/netns/${sandbox}`

function world() {
  const clock = simClock()
  const faults: LinkFaults = {}
  const parts = {
    links: simLinks({ clock, faults }),
    firewall: simFirewall({ clock }),
    disk: simDisk({ clock, random: simRandom(1) }),
    log: simLog(clock),
    config,
  }
  const run = simRun(clock)
  const start = async () => {
    const network = await run(makePodNetwork(parts))
    await run(network.start())
    const attach = async (sandbox: string): Promise<string> => {
      const attached = await run(network.attach(sandbox, netns(sandbox), []))
      return attached.ok ? (attached.value.ips[0] ?? '') : attached.error.code
    }
    return { network, attach, detach: (sandbox: string) => run(network.detach(sandbox, netns(sandbox))) }
  }
  return { ...parts, clock, faults, run, start }
}

describe('the pod network', () => {
  it('gives each pod an address, the same one when asked again, and never one of the network’s own', async () => {
    const { start } = world()
    const { network, attach } = await start()
    expect(network.bridgeIp).toBe('10.244.0.1')
    const addresses = [
      await attach('a'),
      await attach('b'),
      await attach('a'),
      await attach('c'),
      await attach('d'),
      await attach('e'),
    ]
    expect(addresses).toEqual(['10.244.0.2', '10.244.0.3', '10.244.0.2', '10.244.0.4', '10.244.0.5', '10.244.0.6'])
    expect(await attach('f')).toBe('NoAddress')
  })

  it('gives an address again only after all others', async () => {
    const { start } = world()
    const { attach, detach } = await start()
    await attach('a')
    await attach('b')
    await detach('a')
    expect([await attach('c'), await attach('d'), await attach('e'), await attach('f')]).toEqual([
      '10.244.0.4',
      '10.244.0.5',
      '10.244.0.6',
      '10.244.0.2',
    ])
  })

  it('gives different addresses to pods that ask at the same time', async () => {
    const { start, run } = world()
    const { network } = await start()
    const all = await run(
      Promise.all(['a', 'b', 'c', 'd', 'e'].map((sandbox) => network.attach(sandbox, netns(sandbox), []))),
    )
    expect(new Set(all.map((one) => (one.ok ? one.value.ips[0] : ''))).size).toBe(5)
  })

  it('finds everything again after a kill, and removes what belongs to nobody', async () => {
    const { start, disk, links } = world()
    const before = await start()
    const address = await before.attach('a')
    await before.attach('gone')
    disk.crash('kill')
    // The namespace of one ended while nobody watched; another link was made, and never noted.
    links.endNamespace(netns('gone'))
    const after = await start()
    expect(await after.attach('a')).toBe(address)
    expect(links.names()).toEqual(['cor0', links.insideOf(netns('a'))?.hostName])
    expect(await after.attach('b')).not.toBe(address)
  })

  it('keeps no address for a pod that could not be attached', async () => {
    const { start, faults, links } = world()
    const { attach } = await start()
    faults.fail = (operation) => (operation === 'attachPod' ? { code: 'Other', message: 'no' } : undefined)
    for (let times = 0; times < 20; times++) expect(await attach('a')).toBe('Failed')
    delete faults.fail
    expect(await attach('a')).toMatch(/^10\.244\.0\./)
    expect(links.names()).toHaveLength(2)
  })

  it('says why it cannot start', async () => {
    const { start, faults } = world()
    faults.fail = (operation) =>
      operation === 'ensureRoute' ? { code: 'Exists', message: 'routed to eth0' } : undefined
    await expect(start()).rejects.toThrow('cannot route the service network: Exists: routed to eth0')
  })

  it('leaves nothing at teardown', async () => {
    const { start, run, links, firewall, disk } = world()
    const { network, attach } = await start()
    await attach('a')
    await attach('b')
    await run(network.teardown())
    expect(links.names()).toEqual([])
    expect(firewall.tableNames()).toEqual([])
    expect(await run(disk.exists('/state'))).toBe(false)
  })
})
