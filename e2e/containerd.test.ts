import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, makeCluster, outputOf, run, type TestCluster } from './cluster.ts'
import { hasContainerd, startContainerd, type TestContainerd } from './containerd.ts'

type Spec = Readonly<Record<string, unknown>>

function pod(name: string, line: string, container: Spec = {}, spec: Spec = {}): Spec {
  const c = { name: 'c', image: 'busybox:1.36', command: ['sh', '-c', line], ...container }
  return {
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: name } } },
    spec: { terminationGracePeriodSeconds: 1, ...spec, containers: [c] },
  }
}

const never = { restartPolicy: 'Never' }
const hostPort = 28_000 + (process.pid % 1000)
const serves =
  'echo begun; mkdir /w; echo hello > /w/index.html; httpd -p 80 -h /w; trap "exit 4" TERM; while :; do sleep 1 & wait $!; done'
const manifests = [
  pod('web', serves, {
    stdin: true,
    ports: [{ containerPort: 80, hostPort }],
    readinessProbe: { exec: { command: ['test', '-e', '/w/index.html'] }, periodSeconds: 1 },
  }),
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
  },
  pod('client', 'until wget -qO- http://web; do sleep 0.2; done', {}, never),
  pod('bad', 'echo oh no; exit 3', { terminationMessagePolicy: 'FallbackToLogsOnError' }, never),
  pod('hungry', 'tail /dev/zero', { resources: { limits: { memory: '32Mi' } } }, never),
]

describe.runIf(process.getuid?.() === 0 && hasContainerd())('a node whose containers containerd runs', () => {
  let containerd: TestContainerd
  let cluster: TestCluster
  beforeAll(async () => {
    containerd = await startContainerd()
    cluster = await makeCluster(6, ['--runtime', containerd.endpoint])
    expect((await cluster.coracle('image', 'load', containerd.busyboxArchive)).stdout).toContain('Loaded docker.io/')
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests })
    expect((await cluster.tryKubectl(['apply', '-f', '-'], list)).stderr).toBe('')
  })
  afterAll(async () => {
    await cluster?.remove()
    await containerd?.stop()
  })

  const field = (name: string, jsonPath: string): Promise<string> =>
    cluster.kubectl('get', 'pod', name, '-o', `jsonpath={${jsonPath}}`)
  const terminated = async (name: string): Promise<unknown> => {
    await cluster.kubectl('wait', '--for=jsonpath={.status.containerStatuses[0].state.terminated}', `pod/${name}`)
    return JSON.parse(await field(name, '.status.containerStatuses[0].state.terminated'))
  }
  const get = async (url: string): Promise<string> => (await fetch(url)).text()

  it('says so, and runs pods to their ends, on the cluster’s network', async () => {
    expect(await cluster.kubectl('get', 'nodes', '-o', 'wide')).toMatch(/ Ready .*containerd:\/\/\d/)
    await cluster.kubectl('wait', '--for=condition=Ready', 'pod/web', '--timeout=30s')
    expect(await field('web', '.status.podIP')).toMatch(/^10\.216\.0\.\d+$/)
    expect(await terminated('client')).toMatchObject({ exitCode: 0, reason: 'Completed' })
    expect(await cluster.kubectl('logs', 'client')).toContain('hello\n')
    expect(await terminated('bad')).toMatchObject({ exitCode: 3, reason: 'Error', message: 'oh no\n' })
    expect(await terminated('hungry')).toMatchObject({ exitCode: 137, reason: 'OOMKilled' })
    expect(await get(`http://127.0.0.1:${hostPort}`)).toBe('hello\n')
  })

  it('takes commands, with input to its end and exit codes; files; connections; and tells what is used', async () => {
    const bytes = 'x'.repeat(1 << 20)
    const counted = await cluster.tryKubectl(['exec', '-i', 'web', '--', 'sh', '-c', 'cat | wc -c; exit 7'], bytes)
    expect([counted.stdout.trim(), counted.code]).toEqual([String(bytes.length), 7])
    await cluster.kubectl('cp', 'e2e/containerd.test.ts', 'web:/tmp/copied')
    const copied = await cluster.kubectl('exec', 'web', '--', 'cat', '/tmp/copied')
    expect(copied).toBe(readFileSync('e2e/containerd.test.ts', 'utf8'))
    const forward = cluster.spawnKubectl('port-forward', 'pod/web', ':80')
    const said = outputOf(forward)
    await eventually(
      async () => said(),
      (text) => text.includes('Forwarding from 127.0.0.1'),
    )
    expect(await get(`http://127.0.0.1:${/127\.0\.0\.1:(\d+)/.exec(said())?.[1]}`)).toBe('hello\n')
    forward.kill()
    expect(await cluster.kubectl('top', 'pod', 'web')).toMatch(/web +\d+m +\d+Mi/)
  })

  it('starts again what has ended, and nothing when the cluster’s own process is', async () => {
    // The command ends with the container now and then.
    await cluster.tryKubectl(['exec', 'web', '--', 'kill', '1'])
    await eventually(
      () => field('web', '.status.containerStatuses[0].restartCount} {.status.containerStatuses[0].ready'),
      (text) => text === '1 true',
    )
    const before = await field('web', '.metadata.uid} {.status.containerStatuses[0]')
    const pid = Number(/\(pid (\d+)/.exec((await cluster.coracle('status')).stdout)?.[1])
    process.kill(pid, 'SIGKILL')
    expect((await cluster.coracle('up')).code).toBe(0)
    await eventually(
      () => get(`http://127.0.0.1:${hostPort}`).catch(String),
      (text) => text === 'hello\n',
    )
    expect(await field('web', '.metadata.uid} {.status.containerStatuses[0]')).toBe(before)
    expect((await cluster.tryKubectl(['exec', 'web', '--', 'sh', '-c', 'wget -qO- http://web'])).stdout).toBe('hello\n')
  })

  it('is taken down without a trace, neither in the kernel nor at containerd', async () => {
    expect((await cluster.coracle('down')).code).toBe(0)
    const outputs = await Promise.all([
      run('nft', ['list', 'tables']),
      run('ps', ['-eo', 'args']),
      run('find', ['/sys/fs/cgroup', '-type', 'd']),
      run('ls', ['/usr/lib/cni']),
    ])
    const texts = [readFileSync('/proc/mounts', 'utf8'), ...outputs.map(({ stdout }) => stdout)]
    const own = texts.flatMap((text) => text.split('\n')).filter((line) => line.includes(cluster.name))
    expect(own).toEqual([])
    expect((await containerd.ctr('containers', 'list', '-q')).stdout).toBe('')
    expect(readdirSync(containerd.networks)).toEqual([])
    expect(existsSync(`/run/coracle/${cluster.name}`)).toBe(false)
  })
})
