import { execFileSync } from 'node:child_process'
import type { EndpointSlice, Service } from '../src/api/kinds.generated.ts'
import { testInformer } from '../src/client/test-informer.ts'
import { linuxClock } from '../src/host/linux/clock.ts'
import { linuxFirewall } from '../src/host/linux/firewall.ts'
import { linuxLog } from '../src/host/linux/log.ts'
import { startServiceProxy } from '../src/network/service-proxy.ts'

// How long the service rules take to load, and one change: `node bench.mjs 1000 10000`, as root. Works in a namespace of its own.
const endpointsEach = 5
const changes = 20
const namespace = `bench-services-${process.pid}`
const config = {
  name: 'bench',
  nodeName: 'here',
  clusterCidrs: ['10.128.0.0/9'],
  serviceCidr: '10.0.0.0/9',
  coalesceMs: 0,
}

function service(at: number): Service {
  const clusterIP = `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`
  return {
    metadata: { namespace: 'x', name: `s${at}` },
    spec: { clusterIP, clusterIPs: [clusterIP], ports: [{ name: '', port: 80 }] },
  }
}

function slice(at: number, round = 0): EndpointSlice {
  const metadata = { namespace: 'x', name: `s${at}-1`, labels: { 'kubernetes.io/service-name': `s${at}` } }
  const endpoints = Array.from({ length: endpointsEach }, (_, index) => {
    const address = at * endpointsEach + index
    return {
      addresses: [`10.${128 + (address >> 16)}.${(address >> 8) & 255}.${address & 255}`],
      nodeName: 'elsewhere',
    }
  })
  const changed = [{ addresses: [`10.255.${round}.1`], nodeName: 'elsewhere' }, ...endpoints.slice(1)]
  return {
    metadata,
    addressType: 'IPv4',
    ports: [{ name: '', port: 8080 }],
    endpoints: round === 0 ? endpoints : changed,
  }
}

async function measure(count: number): Promise<void> {
  const services = testInformer<Service>()
  const endpointSlices = testInformer<EndpointSlice>()
  for (let at = 1; at <= count; at++) {
    services.set(service(at))
    endpointSlices.set(slice(at))
  }
  const firewall = linuxFirewall({ netnsPath: `/run/netns/${namespace}` })
  const startMs = performance.now()
  const proxy = startServiceProxy({
    informers: { services, endpointSlices },
    firewall,
    clock: linuxClock(),
    log: linuxLog(),
    config,
  })
  await proxy.whenApplied()
  const loadedMs = performance.now() - startMs
  const times: number[] = []
  for (let round = 1; round <= changes; round++) {
    const changeMs = performance.now()
    endpointSlices.set(slice(round * 7, round))
    await proxy.whenApplied()
    times.push(performance.now() - changeMs)
  }
  times.sort((a, b) => a - b)
  console.log(
    `${count} services: load ${loadedMs.toFixed(0)} ms, one change ${times[changes / 2]?.toFixed(1)} ms (median of ${changes})`,
  )
  await proxy.teardown()
}

execFileSync('ip', ['netns', 'add', namespace])
try {
  for (const count of process.argv.slice(2).map(Number)) await measure(count)
} finally {
  execFileSync('ip', ['netns', 'delete', namespace])
}
