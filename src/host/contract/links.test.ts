import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { linuxLinks } from '../linux/links.ts'
import { simClock } from '../sim/clock.ts'
import { simLinks } from '../sim/links.ts'
import { linksContract, podLink } from './links.ts'
import { simRun } from './sim-run.ts'

const capable =
  process.getuid?.() === 0 && existsSync('/usr/bin/nsenter') && (existsSync('/usr/sbin/ip') || existsSync('/sbin/ip'))
const unique = `cl${process.pid.toString(36)}`
const bridge = { name: `${unique}0`, mac: '0a:58:0a:f7:00:01', address: '10.247.0.1', prefixLength: 24, mtuBytes: 1400 }

describe.runIf(capable)('the links of Linux', () => {
  const host = `${unique}-host`
  const made: string[] = []
  let count = 0
  const ip = (...args: string[]): string => execFileSync('ip', args, { encoding: 'utf8' })
  const makeNamespace = (): string => {
    const name = `${unique}-${count++}`
    ip('netns', 'add', name)
    made.push(name)
    return `/run/netns/${name}`
  }
  beforeAll(() => void ip('netns', 'add', host))
  afterEach(() => {
    for (const name of made.splice(0)) ip('netns', 'delete', name)
    ip('netns', 'delete', host)
    ip('netns', 'add', host)
  })
  afterAll(() => void ip('netns', 'delete', host))

  const links = linuxLinks({ netnsPath: `/run/netns/${host}` })
  linksContract(() => ({ links, run: (promise) => promise, bridge, makeNamespace }))

  it('gives the pod its address, MAC, MTU and routes', async () => {
    const netnsPath = makeNamespace()
    await links.ensureBridge(bridge)
    await links.attachPod(podLink(bridge, netnsPath, 2))
    const inside = ip('-n', made[0] ?? '', '-br', 'address', 'show', 'eth0')
    expect(inside).toContain('10.247.0.2/32')
    expect(ip('-n', made[0] ?? '', 'link', 'show', 'eth0')).toMatch(/mtu 1400[\s\S]*0a:58:0a:f7:00:02/)
    expect(
      ip('-n', made[0] ?? '', 'route')
        .trim()
        .split('\n')
        .map((line) => line.trim()),
    ).toEqual(['default via 10.247.0.1 dev eth0', '10.247.0.1 dev eth0 scope link src 10.247.0.2'])
    expect(ip('-n', host, '-d', 'link', 'show', `${bridge.name}v2`)).toContain('hairpin on')
  })
})

describe('the simulated links', () => {
  linksContract(() => {
    const clock = simClock()
    const namespaces = new Set<string>()
    const makeNamespace = (): string => {
      const path = `/run/netns/${namespaces.size}`
      namespaces.add(path)
      return path
    }
    return {
      links: simLinks({ clock, namespaceExists: (path) => namespaces.has(path) }),
      run: simRun(clock),
      bridge,
      makeNamespace,
    }
  })

  it('fail as told', async () => {
    const clock = simClock()
    const links = simLinks({
      clock,
      faults: { fail: (operation) => (operation === 'ensureBridge' ? { code: 'Other', message: 'no' } : undefined) },
    })
    expect(await simRun(clock)(links.ensureBridge(bridge))).toMatchObject({ ok: false, error: { message: 'no' } })
    expect(links.names()).toEqual([])
  })
})
