import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir, totalmem } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, makeCluster, type TestCluster } from './cluster.ts'

const mebibyte = 2 ** 20
/** What all pods together may have: enough for one that is greedy to be noticed before it is killed. */
const podsMebibytes = 400

type Shown = Readonly<{ phase?: string; reason?: string; message?: string; podIP?: string }>

describe.runIf(process.getuid?.() === 0)('a node with a KubeletConfiguration', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coracle-kubelet-'))
  const manifests = path.join(folder, 'manifests')
  let cluster: TestCluster
  beforeAll(async () => {
    mkdirSync(manifests)
    const reserved = Math.floor(totalmem() / mebibyte) - podsMebibytes
    const configuration = {
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      kind: 'KubeletConfiguration',
      staticPodPath: 'manifests',
      podPidsLimit: 40,
      systemReserved: { memory: `${reserved}Mi` },
      evictionHard: { 'memory.available': '100Mi' },
      evictionPressureTransitionPeriod: '1s',
      shutdownGracePeriod: '20s',
    }
    writeFileSync(path.join(folder, 'kubelet.yaml'), JSON.stringify(configuration))
    execFileSync('examples/guestbook/images.sh', ['--to', folder], { stdio: 'ignore' })
    cluster = await makeCluster(9, ['--kubelet-config', path.join(folder, 'kubelet.yaml')])
    const loaded = await cluster.coracle('image', 'load', path.join(folder, 'busybox-1.36.tar'))
    expect(loaded.stdout).toContain('Loaded')
  })
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true })
    await cluster?.remove()
  })

  const podOf = (name: string, line: string) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      terminationGracePeriodSeconds: 5,
      containers: [{ name: 'c', image: 'busybox:1.36', command: ['sh', '-c', line] }],
    },
  })
  const run = async (name: string, line: string): Promise<void> => {
    const made = await cluster.tryKubectl(['create', '-f', '-'], JSON.stringify(podOf(name, line)))
    expect(made.stderr).toBe('')
    await cluster.kubectl('wait', '--for=condition=Ready', `pod/${name}`, '--timeout=60s')
  }
  const status = async (name: string): Promise<Shown> =>
    JSON.parse(await cluster.kubectl('get', 'pod', name, '-o', 'json')).status

  it('ends the pod that takes the memory of all, and no other', async () => {
    await run('modest', 'sleep 1000')
    await run('greedy', `(head -c ${320 * mebibyte} /dev/zero; sleep 1000) | tail`)
    await eventually(
      () => status('greedy'),
      ({ phase }) => phase === 'Failed',
    )
    const { reason, message } = await status('greedy')
    expect(reason).toBe('Evicted')
    expect(message).toMatch(
      /^The node was low on resource: memory\. Threshold quantity: 100Mi, available: \d+Ki\. Container c was using \d+Ki, request is 0, has larger consumption of memory\. $/,
    )
    expect((await status('modest')).phase).toBe('Running')
  }, 120_000)

  it('does not let a pod that forks without end harm its neighbours', async () => {
    const bomb = 'while true; do sleep 1000 & done'
    await cluster.tryKubectl(['create', '-f', '-'], JSON.stringify(podOf('bomb', `(${bomb}); sleep 1000`)))
    await eventually(
      async () => (await cluster.tryKubectl(['logs', 'bomb'])).stdout,
      (log) => log.includes("can't fork"),
    )
    expect(await cluster.kubectl('exec', 'modest', '--', 'sh', '-c', 'sleep 0.1 & echo alive')).toBe('alive\n')
    await cluster.kubectl('delete', 'pod', 'bomb', '--grace-period=1')
  }, 60_000)

  it('runs the pods of its folder, and shows them', async () => {
    const node = (await cluster.kubectl('get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}')).trim()
    const file = path.join(manifests, 'web.yaml')
    writeFileSync(file, JSON.stringify(podOf('web', 'echo hello; sleep 1000')))
    await eventually(
      async () => (await cluster.tryKubectl(['logs', `web-${node}`])).stdout,
      (log) => log === 'hello\n',
    )
    rmSync(file)
    await eventually(
      async () => (await cluster.tryKubectl(['get', 'pod', `web-${node}`])).stderr,
      (failure) => failure.includes('not found'),
    )
  }, 90_000)

  it('serves its own API to those who may', async () => {
    const address = await cluster.kubectl('get', 'nodes', '-o', 'jsonpath={.items[0].status.addresses[0].address}')
    const config = readFileSync(cluster.kubeconfig, 'utf8')
    const part = (name: string): Buffer => Buffer.from(new RegExp(`${name}: (\\S+)`).exec(config)?.[1] ?? '', 'base64')
    const get = (target: string, identity: object, headers = {}): Promise<readonly [number | undefined, string]> =>
      new Promise((resolve, reject) => {
        const ca = part('certificate-authority-data')
        const call = request({ host: address, port: 10250, path: target, ca, headers, ...identity }, (answer) => {
          let text = ''
          answer.setEncoding('utf8')
          answer.on('data', (chunk: string) => (text += chunk))
          answer.on('end', () => resolve([answer.statusCode, text]))
        })
        call.on('error', reject)
        call.end()
      })
    expect(await get('/pods', {})).toEqual([401, 'Unauthorized'])
    const admin = { cert: part('client-certificate-data'), key: part('client-key-data') }
    const [code, metrics] = await get('/metrics/cadvisor', admin)
    expect(code).toBe(200)
    expect(metrics).toMatch(/container_network_receive_bytes_total\{[^}]*pod="modest"/)
    const token = (await cluster.kubectl('create', 'token', 'default')).trim()
    expect(await get('/configz', {}, { authorization: `Bearer ${token}` })).toEqual([
      403,
      'Forbidden (user=system:serviceaccount:default:default, verb=get, resource=nodes, subresource(s)=[configz proxy])\n',
    ])
  }, 60_000)

  it('gives pods time to end when it goes down, and says so when it is up again', async () => {
    expect((await cluster.coracle('down')).code).toBe(0)
    expect((await cluster.coracle('up')).code).toBe(0)
    expect(await status('modest')).toMatchObject({
      phase: 'Failed',
      reason: 'Terminated',
      message: 'Pod was terminated in response to imminent node shutdown.',
    })
  }, 120_000)
})
