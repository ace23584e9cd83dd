import { describe, expect, it } from 'vitest'
import type { EndpointSlice, Service } from '../api/kinds.generated.ts'
import { testInformer } from '../client/test-informer.ts'
import { simRun } from '../host/contract/sim-run.ts'
import { simClock } from '../host/sim/clock.ts'
import { type FirewallFaults, simFirewall } from '../host/sim/firewall.ts'
import { simLog } from '../host/sim/log.ts'
import type { FirewallTable } from '../ports/firewall.ts'
import { startServiceProxy } from './service-proxy.ts'
import { planServices } from './service-state.ts'
import { serviceTable } from './service-table.ts'

const table = 'coracle-t-services'
const config = { name: 't', nodeName: 'here', clusterCidrs: ['10.244.0.0/16'], serviceCidr: '10.96.0.0/12' }

function world() {
  const clock = simClock()
  const faults: FirewallFaults = {}
  const calls = { apply: 0, update: 0 }
  const inner = simFirewall({ clock, faults })
  const firewall: typeof inner = {
    ...inner,
    apply: (whole) => {
      calls.apply++
      return inner.apply(whole)
    },
    update: (update) => {
      calls.update++
      return inner.update(update)
    },
  }
  const services = testInformer<Service>()
  const endpointSlices = testInformer<EndpointSlice>()
  const log = simLog(clock)
  const start = () => startServiceProxy({ informers: { services, endpointSlices }, firewall, clock, log, config })
  return { clock, run: simRun(clock), faults, calls, firewall, services, endpointSlices, log, start }
}

function service(at: number, extra: Service['spec'] = {}): Service {
  const clusterIP = `10.96.0.${at}`
  return {
    metadata: { namespace: 'x', name: `s${at}` },
    spec: { clusterIP, clusterIPs: [clusterIP], ports: [{ name: '', port: 53, protocol: 'UDP' }], ...extra },
  }
}

function slice(at: number, addresses: readonly string[]): EndpointSlice {
  const metadata = { namespace: 'x', name: `s${at}-1`, labels: { 'kubernetes.io/service-name': `s${at}` } }
  const endpoints = addresses.map((address) => ({ addresses: [address], nodeName: 'here' }))
  return { metadata, addressType: 'IPv4', ports: [{ name: '', port: 8053, protocol: 'UDP' }], endpoints }
}

/** Lookups with content, as sorted text: what matters, whatever else has been declared. */
function contentOf(held: FirewallTable | undefined): readonly string[] {
  return (held?.lookups ?? [])
    .flatMap(({ name, elements }) => elements.map(({ key, value = '' }) => `${name} ${key} ${value}`))
    .sort()
}

describe('the service proxy', () => {
  it('loads everything once, and from then on only what changes', async () => {
    const { run, calls, firewall, services, endpointSlices, start } = world()
    for (let at = 1; at <= 50; at++) services.set(service(at))
    const proxy = start()
    await run(proxy.whenApplied())
    expect(calls).toEqual({ apply: 1, update: 0 })
    endpointSlices.set(slice(7, ['10.244.0.5', '10.244.0.6']))
    endpointSlices.set(slice(8, ['10.244.0.5']))
    await run(proxy.whenApplied())
    expect(calls).toEqual({ apply: 1, update: 1 })
    const desired = planServices({ services: services.list(), endpointSlices: endpointSlices.list(), nodeName: 'here' })
    expect(contentOf(firewall.table(table))).toEqual(contentOf(serviceTable({ ...config, table }, desired)))
  })

  it('does nothing for a change that changes nothing', async () => {
    const { run, calls, services, start } = world()
    services.set(service(1))
    const proxy = start()
    await run(proxy.whenApplied())
    services.set({ ...service(1), metadata: { namespace: 'x', name: 's1', labels: { a: 'b' } } })
    await run(proxy.whenApplied())
    expect(calls).toEqual({ apply: 1, update: 0 })
  })

  it('tries again, further and further apart, until the firewall takes it, and says so', async () => {
    const { clock, run, faults, calls, firewall, services, log, start } = world()
    const proxy = start()
    await run(proxy.whenApplied())
    faults.fail = () => ({ code: 'Other', message: 'no memory' })
    services.set(service(1))
    await clock.runUntil(clock.nowMs() + 100_000)
    // One update, then whole loads after 1, 2, 4, 8, 16, 30 and 30 seconds.
    expect(calls.apply + calls.update).toBeGreaterThanOrEqual(7)
    expect(calls.apply + calls.update).toBeLessThanOrEqual(9)
    expect(log.lines.filter(({ level }) => level === 'error').length).toBeGreaterThan(5)
    delete faults.fail
    await run(proxy.whenApplied())
    expect(contentOf(firewall.table(table))).toContain('vips 10.96.0.1 . udp . 53 goto refuse')
  })

  it('loads everything again when its table was taken away', async () => {
    const { run, firewall, services, start } = world()
    const proxy = start()
    await run(proxy.whenApplied())
    await run(firewall.remove(table))
    services.set(service(1))
    await run(proxy.whenApplied())
    expect(contentOf(firewall.table(table))).toContain('vips 10.96.0.1 . udp . 53 goto refuse')
  })

  it('forgets the UDP connections and the clients of an endpoint that has gone', async () => {
    const { run, firewall, services, endpointSlices, start } = world()
    services.set(service(1, { sessionAffinity: 'ClientIP' }))
    endpointSlices.set(slice(1, ['10.244.0.5', '10.244.0.6']))
    const proxy = start()
    await run(proxy.whenApplied())
    firewall.remember(table, 'affinity', { key: '10.244.0.9 . udp . 1', value: '10.244.0.5 . 8053' })
    firewall.remember(table, 'affinity', { key: '10.244.0.8 . udp . 1', value: '10.244.0.6 . 8053' })
    endpointSlices.set(slice(1, ['10.244.0.6']))
    await run(proxy.whenApplied())
    expect(firewall.forgotten).toEqual([
      { protocol: 'udp', port: 53, destination: '10.96.0.1', endpoint: '10.244.0.5' },
    ])
    const remembered = firewall.table(table)?.lookups.find(({ name }) => name === 'affinity')
    expect(remembered?.elements.map(({ key }) => key)).toEqual(['10.244.0.8 . udp . 1'])
  })

  it('leaves the rules when it stops, and takes them away at teardown', async () => {
    const { run, firewall, services, start } = world()
    services.set(service(1))
    const proxy = start()
    await run(proxy.whenApplied())
    await run(proxy.stop())
    expect(firewall.tableNames()).toEqual([table])
    await run(proxy.teardown())
    expect(firewall.tableNames()).toEqual([])
  })
})
