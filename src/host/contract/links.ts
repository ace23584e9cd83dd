import { expect, it } from 'vitest'
import type { Bridge, Links, PodLink } from '../../ports/links.ts'

export type LinksUnderTest = Readonly<{
  links: Links
  run: <T>(promise: Promise<T>) => Promise<T>
  bridge: Bridge
  /** A fresh namespace of its own for each call. */
  makeNamespace: () => string
}>

const done = { ok: true, value: undefined }

export function podLink(bridge: Bridge, netnsPath: string, at: number): PodLink {
  const inside = {
    podName: 'eth0',
    mac: `0a:58:0a:f7:00:0${at}`,
    address: `10.247.0.${at}`,
    prefixLength: 32,
    gateway: bridge.address,
  }
  return { bridge: bridge.name, hostName: `${bridge.name}v${at}`, netnsPath, ...inside, mtuBytes: 1400, hairpin: true }
}

export function linksContract(make: () => LinksUnderTest): void {
  it('makes a bridge once, however often it is asked for', async () => {
    const { links, run, bridge } = make()
    expect(await run(links.ensureBridge(bridge))).toEqual(done)
    expect(await run(links.ensureBridge(bridge))).toEqual(done)
    expect(await run(links.bridgePorts(bridge.name))).toEqual({ ok: true, value: [] })
    expect(await run(links.bridgePorts(`${bridge.name}x`))).toMatchObject({ ok: false, error: { code: 'NotFound' } })
  })

  it('attaches pods to it, and again over what is there', async () => {
    const { links, run, bridge, makeNamespace } = make()
    await run(links.ensureBridge(bridge))
    const first = podLink(bridge, makeNamespace(), 2)
    const second = podLink(bridge, makeNamespace(), 3)
    expect(await run(links.attachPod(second))).toEqual(done)
    expect(await run(links.attachPod(first))).toEqual(done)
    expect(await run(links.attachPod(first))).toEqual(done)
    expect(await run(links.bridgePorts(bridge.name))).toEqual({ ok: true, value: [first.hostName, second.hostName] })
    expect(await run(links.removeLink(first.hostName))).toEqual(done)
    expect(await run(links.removeLink(first.hostName))).toEqual(done)
    expect(await run(links.bridgePorts(bridge.name))).toEqual({ ok: true, value: [second.hostName] })
  })

  it('counts what goes through each link', async () => {
    const { links, run, bridge, makeNamespace } = make()
    await run(links.ensureBridge(bridge))
    const link = podLink(bridge, makeNamespace(), 2)
    await run(links.attachPod(link))
    const counted = await run(links.counters())
    if (!counted.ok) throw new Error(counted.error.message)
    for (const name of [bridge.name, link.hostName]) {
      const counters = Object.values(counted.value.get(name) ?? {})
      expect(counters).toHaveLength(8)
      expect(counters.every((count) => Number.isSafeInteger(count) && count >= 0)).toBe(true)
    }
  })

  it('leaves nothing behind when a pod cannot be attached', async () => {
    const { links, run, bridge, makeNamespace } = make()
    await run(links.ensureBridge(bridge))
    const link = podLink(bridge, makeNamespace(), 2)
    const nowhere = { ...link, netnsPath: '/run/netns/there-is-no-such-namespace' }
    expect(await run(links.attachPod(nowhere))).toMatchObject({ ok: false, error: { code: 'NotFound' } })
    const adrift = { ...link, bridge: `${bridge.name}x` }
    expect(await run(links.attachPod(adrift))).toMatchObject({ ok: false, error: { code: 'NotFound' } })
    expect(await run(links.bridgePorts(bridge.name))).toEqual({ ok: true, value: [] })
  })

  it('does not touch what stands in a namespace under the same name', async () => {
    const { links, run, bridge, makeNamespace } = make()
    await run(links.ensureBridge(bridge))
    const link = podLink(bridge, makeNamespace(), 2)
    await run(links.attachPod(link))
    const rival = { ...podLink(bridge, link.netnsPath, 3) }
    expect(await run(links.attachPod(rival))).toMatchObject({ ok: false, error: { code: 'Exists' } })
    expect(await run(links.bridgePorts(bridge.name))).toEqual({ ok: true, value: [link.hostName] })
  })

  it('routes a network to one device, and says so when another has it', async () => {
    const { links, run, bridge, makeNamespace } = make()
    await run(links.ensureBridge(bridge))
    const link = podLink(bridge, makeNamespace(), 2)
    await run(links.attachPod(link))
    const route = { destination: '10.97.0.0/16', device: bridge.name, source: bridge.address }
    expect(await run(links.ensureRoute(route))).toEqual(done)
    expect(await run(links.ensureRoute(route))).toEqual(done)
    const onward = { ...route, gateway: link.address }
    expect(await run(links.ensureRoute(onward))).toEqual(done)
    expect(await run(links.ensureRoute(onward))).toEqual(done)
    const stolen = { destination: route.destination, device: link.hostName }
    expect(await run(links.ensureRoute(stolen))).toMatchObject({ ok: false, error: { code: 'Exists' } })
    expect(await run(links.removeRoute(route))).toEqual(done)
    expect(await run(links.removeRoute(route))).toEqual(done)
  })

  it('reads and writes kernel settings; those of a bridge go with it', async () => {
    const { links, run, bridge } = make()
    await run(links.ensureBridge(bridge))
    const setting = `net.ipv4.conf.${bridge.name}.route_localnet`
    expect(await run(links.writeSysctl(setting, '1'))).toEqual(done)
    expect(await run(links.readSysctl(setting))).toEqual({ ok: true, value: '1' })
    await run(links.removeLink(bridge.name))
    expect(await run(links.readSysctl(setting))).toMatchObject({ ok: false, error: { code: 'NotFound' } })
    expect(await run(links.writeSysctl(setting, '1'))).toMatchObject({ ok: false })
  })
}
