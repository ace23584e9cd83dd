import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fail, ok } from '../../api/result.ts'
import { linuxClock } from '../../host/linux/clock.ts'
import { linuxDisk } from '../../host/linux/disk.ts'
import { linuxHttp } from '../../host/linux/http.ts'
import { simLog } from '../../host/sim/log.ts'
import type { HttpListener } from '../../ports/http.ts'
import type { PodNetwork } from '../../runtime/pod-network.ts'
import { cniHandler } from './cni-handler.ts'
import { placeCniPlugin, removeCniPlugin } from './cni-plugin.ts'
import { openCniRecords, republish } from './cni-records.ts'

const able = existsSync('/usr/bin/socat')

/** A network that gives one address, refuses the sandbox 'full', and remembers what it was asked. */
function scriptedNetwork() {
  const asked: unknown[] = []
  const network: PodNetwork = {
    async attach(id, netns, portMappings) {
      asked.push(['attach', id, netns, portMappings])
      return id === 'full' ? fail({ code: 'NoAddress', message: 'no free address' }) : ok({ ips: ['10.0.0.7'] })
    },
    async detach(id) {
      asked.push(['detach', id])
      return ok(undefined)
    },
  }
  return { asked, network }
}

describe.runIf(able)('the pod network as a CNI plugin', () => {
  const base = mkdtempSync(path.join(tmpdir(), 'coracle-cni-'))
  const folders = { configuration: `${base}/net.d`, programs: `${base}/bin` }
  const plugin = { name: 'test', socketPath: `${base}/cni.sock`, directory: `${base}/state` }
  const disk = linuxDisk()
  const { asked, network } = scriptedNetwork()
  let listener: HttpListener
  beforeAll(async () => {
    const records = await openCniRecords(disk, `${base}/records`)
    const listening = await linuxHttp().listen({ type: 'unix', path: plugin.socketPath }, cniHandler(network, records))
    if (!listening.ok) throw new Error(listening.error.message)
    listener = listening.value
  })
  afterAll(async () => {
    await listener.close(0)
    rmSync(base, { recursive: true, force: true })
  })

  /** Runs the program that was placed, as a runtime does. */
  const call = (command: string, id: string, config: unknown = {}): Promise<readonly [code: number, said: unknown]> =>
    new Promise((resolve) => {
      const CNI = { CNI_COMMAND: command, CNI_CONTAINERID: id, CNI_NETNS: '/run/netns/x', CNI_IFNAME: 'eth0' }
      const child = execFile(`${folders.programs}/coracle-test`, { env: CNI }, (error, stdout) =>
        resolve([error === null ? 0 : 1, stdout.trim() === '' ? '' : JSON.parse(stdout)]),
      )
      child.stdin?.on('error', () => {})
      child.stdin?.end(JSON.stringify(config))
    })

  it('stands where the runtime looks for it, and answers what it is asked', async () => {
    expect(await placeCniPlugin(disk, plugin, folders)).toEqual([])
    const [file = ''] = readdirSync(folders.configuration)
    const { plugins } = JSON.parse(readFileSync(`${folders.configuration}/${file}`, 'utf8'))
    expect(plugins).toEqual([{ type: 'coracle-test', capabilities: { portMappings: true } }])
    const ports = [{ HostPort: 80, ContainerPort: 8080, Protocol: 'tcp', HostIP: '' }]
    const interfaces = [{ name: 'eth0', sandbox: '/run/netns/x' }]
    expect(await call('ADD', 'a', { name: 'é', runtimeConfig: { portMappings: ports } })).toEqual([
      0,
      { cniVersion: '1.0.0', interfaces, ips: [{ interface: 0, address: '10.0.0.7/32' }] },
    ])
    const portMappings = [{ hostPort: 80, containerPort: 8080, protocol: 'TCP' }]
    expect(asked.splice(0)).toEqual([['attach', 'a', '/run/netns/x', portMappings]])
    expect(await call('CHECK', 'a')).toEqual([0, ''])
    // The next process publishes the ports again.
    const records = await openCniRecords(disk, `${base}/records`)
    await republish(network, records, simLog(linuxClock()))
    expect(asked.splice(0)).toEqual([['attach', 'a', '/run/netns/x', portMappings]])
    expect(await call('DEL', 'a')).toEqual([0, ''])
    expect(asked.splice(0)).toEqual([['detach', 'a']])
    expect(readdirSync(`${base}/records`)).toEqual([])
  })

  it.each([
    ['ADD', 'full', {}, 100, 'no free address'],
    ['ADD', 'b', { runtimeConfig: { portMappings: 5 } }, 6, 'the network configuration makes no sense'],
    ['ADD', '../b', {}, 4, 'CNI_CONTAINERID is "../b"'],
    ['CHECK', 'unknown', {}, 3, 'unknown is not attached'],
    ['GC', 'b', {}, 4, 'unknown CNI_COMMAND: GC'],
  ])('refuses %s %s %j with code %i', async (command, id, config, code, msg) => {
    expect(await call(command, id, config)).toEqual([1, { cniVersion: '1.0.0', code, msg }])
  })

  it('says to try again while the cluster is away, and what it is at any time', async () => {
    await listener.close(0)
    const [code, said] = await call('DEL', 'a')
    expect([code, said]).toMatchObject([1, { code: 11, msg: 'the process of the cluster "test" does not answer' }])
    expect(await call('VERSION', '')).toMatchObject([0, { supportedVersions: expect.arrayContaining(['1.0.0']) }])
  })

  it('goes without a trace, and leaves the network of others as it is', async () => {
    await removeCniPlugin(disk, plugin)
    await removeCniPlugin(disk, plugin)
    expect([readdirSync(folders.configuration), readdirSync(folders.programs)]).toEqual([[], []])
    writeFileSync(`${folders.configuration}/10-calico.conflist`, '{}')
    expect(await placeCniPlugin(disk, plugin, folders)).toEqual(['10-calico.conflist'])
    expect(readdirSync(folders.configuration)).toEqual(['10-calico.conflist'])
  })
})
