import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { linuxFirewall } from '../linux/firewall.ts'
import { simClock } from '../sim/clock.ts'
import { simFirewall } from '../sim/firewall.ts'
import { firewallContract } from './firewall.ts'
import { simRun } from './sim-run.ts'

const capable = process.getuid?.() === 0 && existsSync('/usr/bin/nsenter') && existsSync('/usr/sbin/nft')
const namespace = `cf${process.pid.toString(36)}`
const table = 'contract-test'

describe.runIf(capable)('the firewall of Linux', () => {
  const firewall = linuxFirewall({ netnsPath: `/run/netns/${namespace}` })
  beforeAll(() => void execFileSync('ip', ['netns', 'add', namespace]))
  afterEach(async () => void (await firewall.remove(table)))
  afterAll(() => void execFileSync('ip', ['netns', 'delete', namespace]))

  firewallContract(() => ({ firewall, run: (promise) => promise, table }))

  it('says when connections cannot be forgotten, or forgets them', async () => {
    const forgotten = await firewall.forgetFlows([{ protocol: 'udp', port: 53, destination: '10.0.0.1' }])
    expect(forgotten.ok || forgotten.error.code).toBe(existsSync('/usr/sbin/conntrack') ? true : 'Unavailable')
  })
})

describe('the simulated firewall', () => {
  firewallContract(() => {
    const clock = simClock()
    return { firewall: simFirewall({ clock }), run: simRun(clock), table }
  })

  it('fails as told, without any effect', async () => {
    const clock = simClock()
    const faults = { fail: () => ({ code: 'Other', message: 'out of memory' }) as const }
    const firewall = simFirewall({ clock, faults })
    const applied = await simRun(clock)(firewall.apply({ name: table, lookups: [], chains: [] }))
    expect(applied).toMatchObject({ ok: false, error: { message: 'out of memory' } })
    expect(firewall.tableNames()).toEqual([])
  })
})
