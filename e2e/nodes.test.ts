import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, makeCluster, type TestCluster } from './cluster.ts'

const labels = { app: 'web' }
const says = 'mkdir /w; hostname > /w/index.html; httpd -f -p 8080 -h /w'
const container = { name: 'c', image: 'busybox:1.36', command: ['sh', '-c', says] }
const service = { type: 'NodePort', selector: labels, ports: [{ port: 80, targetPort: 8080 }] }
const manifest = {
  apiVersion: 'v1',
  kind: 'List',
  items: [
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'web' },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container], terminationGracePeriodSeconds: 1 } },
      },
    },
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: service },
  ],
}

type Pod = Readonly<{
  metadata: Readonly<{ name: string; uid: string }>
  spec: Readonly<{ nodeName: string }>
  status: Readonly<{
    podIP?: string
    hostIP?: string
    containerStatuses?: readonly Readonly<{ restartCount: number }>[]
  }>
}>

describe.runIf(process.getuid?.() === 0)('two real nodes on one machine', () => {
  const images = mkdtempSync(path.join(tmpdir(), 'coracle-images-'))
  let cluster: TestCluster
  beforeAll(async () => {
    execFileSync('examples/guestbook/images.sh', ['--to', images], { stdio: 'ignore' })
    cluster = await makeCluster(5, ['--nodes', '2'])
    const loaded = await cluster.coracle('image', 'load', path.join(images, 'busybox-1.36.tar'))
    expect(loaded.stdout).toContain('Loaded')
  })
  afterAll(async () => {
    rmSync(images, { recursive: true, force: true })
    await cluster?.remove()
  })

  const pods = async (): Promise<readonly Pod[]> =>
    JSON.parse(await cluster.kubectl('get', 'pods', '-l', 'app=web', '-o', 'json')).items
  /** What an HTTP server answers to a pod's shell. */
  const ask = async (from: string, host: string, port: number): Promise<string> => {
    const line = `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 3 ${host} ${port} | tail -n 1`
    return (await cluster.kubectl('exec', from, '--', 'sh', '-c', line)).trim()
  }
  const serviceAt = async (field: string): Promise<string> =>
    (await cluster.kubectl('get', 'service', 'web', '-o', `jsonpath={${field}}`)).trim()

  it('runs a pod of a DaemonSet on each', async () => {
    const applied = await cluster.tryKubectl(['apply', '-f', '-'], JSON.stringify(manifest))
    expect(applied.stderr).toBe('')
    await cluster.kubectl('rollout', 'status', 'daemonset/web', '--timeout=60s')
    expect(new Set((await pods()).map(({ spec }) => spec.nodeName)).size).toBe(2)
  })

  it('carries requests from pod to pod, to Services and to node ports, on either and across', async () => {
    const all = await pods()
    const names = all.map(({ metadata }) => metadata.name)
    const [clusterIp, nodePort] = [
      await serviceAt('.spec.clusterIP'),
      Number(await serviceAt('.spec.ports[0].nodePort')),
    ]
    for (const from of names) {
      for (const to of all) expect(await ask(from, to.status.podIP ?? '', 8080)).toBe(to.metadata.name)
      expect(names).toContain(await ask(from, clusterIp, 80))
      for (const { status } of all) expect(names).toContain(await ask(from, status.hostIP ?? '', nodePort))
    }
    for (const { status, metadata } of all) {
      expect(await (await fetch(`http://${status.podIP}:8080/`)).text()).toBe(`${metadata.name}\n`)
      expect(names).toContain((await (await fetch(`http://${status.hostIP}:${nodePort}/`)).text()).trim())
    }
  })

  it('keeps the containers of both while its process is killed and comes back', async () => {
    const before = await pods()
    const { pid } = JSON.parse((await cluster.coracle('status', '--json')).stdout) as Readonly<{ pid: number }>
    process.kill(pid, 'SIGKILL')
    const up = await cluster.coracle('up')
    expect(up.stdout).toContain('2 of 2 nodes ready')
    const after = await eventually(pods, (now) => now.length === 2)
    expect(after.map(({ metadata }) => metadata.uid).sort()).toEqual(before.map(({ metadata }) => metadata.uid).sort())
    expect(after.map(({ status }) => status.containerStatuses?.[0]?.restartCount)).toEqual([0, 0])
    const [one, other] = after
    expect(await ask(one?.metadata.name ?? '', other?.status.podIP ?? '', 8080)).toBe(other?.metadata.name)
  })

  it('refuses to become another number of nodes', async () => {
    await cluster.coracle('down')
    const up = await cluster.coracle('up', '--nodes', '3')
    expect([up.code, up.stderr]).toEqual([1, expect.stringContaining('was made with --nodes 2, and keeps it')])
  })

  it('leaves nothing of either in the kernel when it is down', async () => {
    expect(execFileSync('ip', ['netns'], { encoding: 'utf8' })).not.toContain(cluster.name)
    expect(execFileSync('ip', ['-4', 'route'], { encoding: 'utf8' })).not.toContain('10.215.')
    expect(execFileSync('mount', { encoding: 'utf8' })).not.toContain(cluster.name)
  })
})
