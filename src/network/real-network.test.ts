import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EndpointSlice, Service } from '../api/kinds.generated.ts'
import { type TestInformer, testInformer } from '../client/test-informer.ts'
import { linuxClock } from '../host/linux/clock.ts'
import { linuxDisk } from '../host/linux/disk.ts'
import { linuxFirewall } from '../host/linux/firewall.ts'
import { linuxLinks } from '../host/linux/links.ts'
import { runTool } from '../host/linux/run-tool.ts'
import type { Log } from '../ports/log.ts'
import { makePodNetwork, type StartablePodNetwork } from './pod-network.ts'
import { type ServiceProxy, startServiceProxy } from './service-proxy.ts'

const has = (program: string): boolean =>
  ['/usr/sbin', '/usr/bin', '/sbin', '/bin'].some((folder) => existsSync(`${folder}/${program}`))
const capable = process.getuid?.() === 0 && ['nft', 'ip', 'socat', 'nsenter'].every(has)

const unique = `cr${process.pid.toString(36)}`
const [host, a, b, outside] = ['h', 'a', 'b', 'o'].map((suffix) => `${unique}${suffix}`) as [
  string,
  string,
  string,
  string,
]
const path = (name: string): string => `/run/netns/${name}`
const errors: unknown[] = []
const quiet: Log = { info: () => {}, warn: () => {}, error: (message, fields) => void errors.push({ message, fields }) }
const config = {
  name: unique,
  nodeName: 'here',
  bridgeName: `${unique}0`,
  podCidr: '10.244.0.0/24',
  clusterCidrs: ['10.244.0.0/16'],
  serviceCidr: '10.96.0.0/12',
  stateDirectory: capable ? `${mkdtempSync(`${tmpdir()}/coracle-network-`)}/state` : '',
}

describe.runIf(capable)('the pod network and its services, on a real kernel', () => {
  const servers: ReturnType<typeof spawn>[] = []
  const services: TestInformer<Service> = testInformer()
  const endpointSlices: TestInformer<EndpointSlice> = testInformer()
  const disk = linuxDisk()
  const parts = {
    links: linuxLinks({ netnsPath: path(host) }),
    firewall: linuxFirewall({ netnsPath: path(host) }),
    disk,
    log: quiet,
    clock: linuxClock(),
    config,
  }
  let network: StartablePodNetwork
  let proxy: ServiceProxy
  let [ipA, ipB] = ['', '']

  /** Every server answers with its name and the address it sees. It reads first: socat drops the answer of a program that ended before it was told all. */
  const serve = async (netns: string, protocol: 'TCP4' | 'UDP4', port: number, name: string): Promise<void> => {
    const command = [
      'socat',
      `${protocol}-LISTEN:${port},fork,reuseaddr`,
      `SYSTEM:read line; echo ${name} $SOCAT_PEERADDR`,
    ]
    servers.push(spawn('nsenter', [`--net=${path(netns)}`, ...command], { stdio: 'ignore', detached: true }))
    const flag = protocol === 'TCP4' ? '-tlnH' : '-ulnH'
    for (let tries = 0; tries < 200; tries++) {
      const listed = await runTool(['ss', flag, 'sport', '=', `:${port}`], { netnsPath: path(netns) })
      if (listed.type === 'ended' && listed.stdout.includes(`:${port}`)) return
    }
    throw new Error(`the server on ${netns}:${port} does not listen`)
  }
  const ask = async (netns: string, target: string, protocol: 'TCP4' | 'UDP4' = 'TCP4'): Promise<string> => {
    // UDP tells no end: the five letters of the server's name are one.
    const options = protocol === 'TCP4' ? 'connect-timeout=2' : 'readbytes=5'
    const outcome = await runTool(['socat', '-t5', '-T5', '-', `${protocol}:${target},${options}`], {
      // A server that closes with bytes unread resets the connection, and its answer is lost.
      stdin: protocol === 'TCP4' ? '' : 'x\n',
      netnsPath: path(netns),
    })
    if (outcome.type !== 'ended') return outcome.type
    return outcome.exitCode === 0 ? outcome.stdout.trim() : outcome.stderr.trim().replace(/.*: /, '')
  }
  const askOften = async (netns: string, target: string, times: number): Promise<ReadonlySet<string>> => {
    const answers = new Set<string>()
    for (let i = 0; i < times; i++) answers.add(await ask(netns, target))
    return answers
  }
  const publish = async (
    name: string,
    spec: Service['spec'],
    backends: readonly string[],
    port = 8080,
  ): Promise<void> => {
    const protocol = spec?.ports?.[0]?.protocol ?? 'TCP'
    services.set({ metadata: { namespace: 'x', name }, spec: { ...spec, type: 'NodePort' } } as Service)
    endpointSlices.set({
      metadata: { namespace: 'x', name: `${name}-1`, labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports: [{ name: '', port, protocol }],
      endpoints: backends.map((address) => ({ addresses: [address], nodeName: 'here' })),
    })
    await proxy.whenApplied()
  }

  beforeAll(async () => {
    for (const name of [host, a, b, outside]) execFileSync('ip', ['netns', 'add', name])
    execFileSync('ip', ['-n', host, 'link', 'set', 'lo', 'up'])
    execFileSync('ip', ['-batch', '-'], {
      input: `link add o0 netns ${host} type veth peer name o1 netns ${outside}\n`,
    })
    execFileSync('ip', ['-n', host, '-batch', '-'], { input: 'address add 192.0.2.1/24 dev o0\nlink set o0 up\n' })
    execFileSync('ip', ['-n', outside, '-batch', '-'], {
      input: 'link set lo up\naddress add 192.0.2.9/24 dev o1\nlink set o1 up\nroute add 10.0.0.0/8 via 192.0.2.1\n',
    })
    network = await makePodNetwork(parts)
    await network.start()
    const attach = async (netns: string): Promise<string> => {
      const attached = await network.attach(`sandbox-${netns}`, path(netns), [])
      if (!attached.ok) throw new Error(attached.error.message)
      return attached.value.ips[0] ?? ''
    }
    ;[ipA, ipB] = await Promise.all([attach(a), attach(b)])
    proxy = startServiceProxy({ ...parts, informers: { services, endpointSlices } })
    await Promise.all([serve(a, 'TCP4', 8080, 'a'), serve(b, 'TCP4', 8080, 'b'), serve(b, 'UDP4', 8053, 'udp-b')])
    await serve(outside, 'TCP4', 9000, 'outside')
    await proxy.whenApplied()
  })
  afterAll(async () => {
    for (const { pid } of servers) if (pid !== undefined) process.kill(-pid, 'SIGKILL')
    await proxy?.teardown()
    await network?.teardown()
    const left = execFileSync('ip', ['netns', 'exec', host, 'nft', 'list', 'ruleset'], { encoding: 'utf8' })
    const links = execFileSync('ip', ['-n', host, '-br', 'link'], { encoding: 'utf8' })
    for (const name of [host, a, b, outside]) execFileSync('ip', ['netns', 'delete', name])
    rmSync(config.stateDirectory.replace(/\/state$/, ''), { recursive: true })
    expect(errors).toEqual([])
    expect(left).toBe('')
    expect(links).not.toContain(unique)
  })

  describe.each(['0', '1'])('with bridge-nf-call-iptables = %s', (callIptables) => {
    beforeAll(async () => {
      await parts.links.writeSysctl('net.bridge.bridge-nf-call-iptables', callIptables)
    })

    it('lets pods, the host and the outside talk', async () => {
      expect(await ask(a, `${ipB}:8080`)).toBe(`b ${ipA}`)
      expect(await ask(host, `${ipB}:8080`)).toBe(`b ${network.bridgeIp}`)
      expect(await ask(a, '192.0.2.9:9000')).toBe('outside 192.0.2.1')
    })

    it('spreads a cluster IP over its backends, seen from a pod, and from the host', async () => {
      await publish(
        'web',
        { clusterIP: '10.96.0.20', clusterIPs: ['10.96.0.20'], ports: [{ port: 80, nodePort: 30080 }] },
        [ipA, ipB],
      )
      expect([...(await askOften(a, '10.96.0.20:80', 24))].sort()).toEqual([`a ${network.bridgeIp}`, `b ${ipA}`])
      expect([...(await askOften(host, '10.96.0.20:80', 24))].sort()).toEqual([
        `a ${network.bridgeIp}`,
        `b ${network.bridgeIp}`,
      ])
    })

    it('answers on a node port at every address of the host', async () => {
      expect(await ask(host, '127.0.0.1:30080')).toMatch(/^[ab] 10\.244\.0\.1$/)
      expect(await ask(host, '192.0.2.1:30080')).toMatch(/^[ab] /)
      expect(await ask(outside, '192.0.2.1:30080')).toMatch(/^[ab] 10\.244\.0\.1$/)
      expect(await ask(a, '192.0.2.1:30080')).toMatch(/^[ab] /)
    })

    it('refuses at once where nobody serves, and where the service has no such port', async () => {
      await publish('none', { clusterIP: '10.96.0.21', clusterIPs: ['10.96.0.21'], ports: [{ port: 80 }] }, [])
      for (const target of ['10.96.0.21:80', '10.96.0.20:81']) {
        expect(await ask(a, target)).toBe('Connection refused')
        expect(await ask(host, target)).toBe('Connection refused')
      }
    })

    it('follows its endpoints', async () => {
      await publish(
        'web',
        { clusterIP: '10.96.0.20', clusterIPs: ['10.96.0.20'], ports: [{ port: 80, nodePort: 30080 }] },
        [ipB],
      )
      expect([...(await askOften(a, '10.96.0.20:80', 6))]).toEqual([`b ${ipA}`])
    })

    it('shows the true client address with externalTrafficPolicy Local', async () => {
      const spec = { clusterIP: '10.96.0.22', clusterIPs: ['10.96.0.22'], ports: [{ port: 80, nodePort: 30081 }] }
      await publish('local', { ...spec, externalTrafficPolicy: 'Local' }, [ipB])
      expect(await ask(outside, '192.0.2.1:30081')).toBe('b 192.0.2.9')
      expect(await ask(a, '192.0.2.1:30081')).toBe(`b ${ipA}`)
    })

    it('returns a client to its backend with session affinity, until that backend goes', async () => {
      const spec = { clusterIP: '10.96.0.23', clusterIPs: ['10.96.0.23'], ports: [{ port: 80, nodePort: 30082 }] }
      await publish('sticky', { ...spec, sessionAffinity: 'ClientIP' }, [ipA, ipB])
      const first = await askOften(outside, '192.0.2.1:30082', 16)
      expect(first.size).toBe(1)
      const [kept = ''] = first
      await publish('sticky', { ...spec, sessionAffinity: 'ClientIP' }, [kept.startsWith('a') ? ipB : ipA])
      const second = await askOften(outside, '192.0.2.1:30082', 4)
      expect(second.size).toBe(1)
      expect([...second][0]?.[0]).not.toBe(kept[0])
    })

    it('carries UDP', async () => {
      const spec = { clusterIP: '10.96.0.24', clusterIPs: ['10.96.0.24'], ports: [{ port: 53, protocol: 'UDP' }] }
      await publish('dns', spec, [ipB], 8053)
      expect(await ask(a, '10.96.0.24:53', 'UDP4')).toBe('udp-b')
      expect(await ask(host, '10.96.0.24:53', 'UDP4')).toBe('udp-b')
    })

    it('publishes host ports, and no longer when told so', async () => {
      await proxy.publish('s1', ipA, [{ hostPort: 7070, containerPort: 8080, protocol: 'TCP' }])
      expect(await ask(outside, '192.0.2.1:7070')).toBe('a 192.0.2.9')
      expect(await ask(host, '127.0.0.1:7070')).toBe(`a ${network.bridgeIp}`)
      await proxy.unpublish('s1')
      expect(await ask(outside, '192.0.2.1:7070')).toBe('Connection refused')
    })
  })

  it('keeps the host’s loopback out of pods’ reach', async () => {
    await serve(host, 'TCP4', 9100, 'host')
    execFileSync('ip', ['-n', a, 'route', 'add', '127.0.0.9/32', 'via', network.bridgeIp, 'dev', 'eth0'])
    expect(await ask(a, '127.0.0.1:9100')).toBe('Connection refused')
    expect(await ask(a, `${network.bridgeIp}:9100`)).toBe(`host ${ipA}`)
  })

  it('finds everything again after a kill, without disturbing pods', async () => {
    const again = await makePodNetwork(parts)
    await again.start()
    expect(await ask(a, `${ipB}:8080`)).toBe(`b ${ipA}`)
    const same = await again.attach(`sandbox-${a}`, path(a), [])
    expect(same).toEqual({ ok: true, value: { ips: [ipA] } })
  })
})
