import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, freePort, makeCluster, outputOf, run, type TestCluster } from './cluster.ts'

type PodList = Readonly<{
  items: readonly Readonly<{
    metadata: Readonly<{ name: string; uid: string }>
    status: Readonly<{
      phase: string
      podIP?: string
      containerStatuses?: readonly Readonly<{
        name: string
        ready: boolean
        restartCount: number
        containerID: string
        lastState: unknown
      }>[]
    }>
  }>[]
}>

// Another cluster on this machine may hold the example's own port.
const nodePort = 31_000 + (process.pid % 1_000)
const isRoot = process.getuid?.() === 0

/** A zombie that nobody has waited for is no longer alive. */
function isAlive(pid: number): boolean {
  const stat = `/proc/${pid}/stat`
  return existsSync(stat) && !/\) Z /.test(readFileSync(stat, 'utf8'))
}

describe.runIf(isRoot)('the guestbook on real containers', () => {
  const images = mkdtempSync(path.join(tmpdir(), 'coracle-images-'))
  let cluster: TestCluster

  beforeAll(async () => {
    execFileSync('examples/guestbook/images.sh', ['--to', images], { stdio: 'ignore' })
    cluster = await makeCluster(1)
    for (const file of readdirSync(images)) {
      const loaded = await cluster.coracle('image', 'load', path.join(images, file))
      expect(loaded.stderr + loaded.stdout).toContain('Loaded docker.io/library/')
    }
  })
  afterAll(async () => {
    rmSync(images, { recursive: true, force: true })
    await cluster?.remove()
  })

  const pods = async (selector: string): Promise<PodList> =>
    JSON.parse(await cluster.kubectl('-n', 'guestbook', 'get', 'pods', '-l', selector, '-o', 'json'))
  const k = (...args: readonly string[]): Promise<string> => cluster.kubectl('-n', 'guestbook', ...args)
  const firstPod = async (selector: string): Promise<string> => (await pods(selector)).items[0]?.metadata.name ?? ''

  it('is applied and becomes ready', async () => {
    await cluster.kubectl('create', 'namespace', 'guestbook')
    const manifests = readdirSync('examples/guestbook').filter((file) => file.endsWith('.yaml'))
    for (const file of manifests) {
      const text = readFileSync(`examples/guestbook/${file}`, 'utf8').replace('30080', String(nodePort))
      const applied = await cluster.tryKubectl(['-n', 'guestbook', 'apply', '-f', '-'], text)
      expect(applied.stderr).toBe('')
    }
    for (const name of ['redis-leader', 'redis-follower', 'web']) {
      expect(await k('rollout', 'status', `deployment/${name}`, '--timeout=60s')).toContain('successfully rolled out')
    }
  })

  it('answers the host on the cluster IP and on the node port', async () => {
    const ip = (await k('get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP}')).trim()
    for (const address of [`${ip}:80`, `127.0.0.1:${nodePort}`]) {
      expect(await (await fetch(`http://${address}/`)).text()).toContain('guestbook on web-')
    }
  })

  it('reads back from a follower what was written through the web tier', async () => {
    const written = await fetch(`http://127.0.0.1:${nodePort}/entries`, { method: 'POST', body: 'first entry' })
    expect(written.status).toBe(201)
    const read = await eventually(
      async () => (await fetch(`http://127.0.0.1:${nodePort}/entries`)).text(),
      (text) => text.includes('first entry'),
    )
    expect(read).toBe('first entry\n')
    expect(
      await k('exec', await firstPod('app=redis,role=follower'), '--', 'redis-cli', 'LRANGE', 'entries', '0', '-1'),
    ).toBe('first entry\n')
  })

  it('runs commands with their exit code, input and output', async () => {
    const pod = await firstPod('app=web')
    const failed = await cluster.tryKubectl([
      '-n',
      'guestbook',
      'exec',
      pod,
      '-c',
      'nginx',
      '--',
      'sh',
      '-c',
      'echo out; echo err >&2; exit 7',
    ])
    expect([failed.stdout, failed.stderr]).toEqual(['out\n', 'err\ncommand terminated with exit code 7\n'])
    const piped = await cluster.tryKubectl(
      ['-n', 'guestbook', 'exec', '-i', pod, '-c', 'nginx', '--', 'cat'],
      'through\nthe pipe\n',
    )
    expect(piped.stdout).toBe('through\nthe pipe\n')
  })

  it('follows logs', async () => {
    const { metadata, status } = (await pods('app=web')).items[0] ?? {}
    const child = cluster.spawnKubectl('-n', 'guestbook', 'logs', '-f', metadata?.name ?? '', '-c', 'nginx')
    const output = outputOf(child)
    try {
      await eventually(
        async () => {
          await (await fetch(`http://${status?.podIP}/followed`)).text()
          return output()
        },
        (text) => text.includes('GET /followed'),
      )
    } finally {
      child.kill()
    }
  })

  it('forwards a port', async () => {
    const port = await freePort()
    const child = cluster.spawnKubectl('-n', 'guestbook', 'port-forward', 'service/web', `${port}:80`)
    const output = outputOf(child)
    try {
      await eventually(
        async () => output(),
        (text) => text.includes('Forwarding from'),
      )
      for (let i = 0; i < 5; i++)
        expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toContain('guestbook on web-')
    } finally {
      child.kill()
    }
  })

  it('brings a killed container back with its restart count raised', async () => {
    const before = (await pods('app=redis,role=leader')).items[0]
    await cluster.tryKubectl(['-n', 'guestbook', 'exec', before?.metadata.name ?? '', '--', 'sh', '-c', 'kill -9 1'])
    // PID 1 is deaf to signals from inside its own namespace; from the host the process dies.
    const pid = execFileSync('pgrep', ['-f', '^redis-server \\*:6379$'], { encoding: 'utf8' }).trim().split('\n')
    expect(pid.length).toBeGreaterThan(0)
    const leader = pid.find((candidate) =>
      readFileSync(`/proc/${candidate}/cgroup`, 'utf8').includes(before?.metadata.uid ?? 'none'),
    )
    process.kill(Number(leader), 'SIGKILL')
    const after = await eventually(
      () => pods('app=redis,role=leader'),
      ({ items }) =>
        items[0]?.status.containerStatuses?.[0]?.restartCount === 1 && items[0].status.containerStatuses[0].ready,
    )
    expect(after.items[0]?.metadata.uid).toBe(before?.metadata.uid)
    expect(after.items[0]?.status.containerStatuses?.[0]?.lastState).toMatchObject({
      terminated: { exitCode: 137, reason: 'Error' },
    })
  })

  it('scales, rolls out and rolls back', async () => {
    await k('scale', 'deployment/web', '--replicas=5')
    await k('rollout', 'status', 'deployment/web', '--timeout=60s')
    expect(
      (await pods('app=web')).items.filter(({ status }) => status.phase === 'Running').length,
    ).toBeGreaterThanOrEqual(5)
    await k('set', 'env', 'deployment/web', '-c', 'guestbook', 'COLOUR=blue')
    await k('rollout', 'status', 'deployment/web', '--timeout=60s')
    expect(await k('exec', 'deployment/web', '-c', 'guestbook', '--', 'sh', '-c', 'echo $COLOUR')).toBe('blue\n')
    await k('rollout', 'undo', 'deployment/web')
    await k('rollout', 'status', 'deployment/web', '--timeout=60s')
    expect(await k('rollout', 'history', 'deployment/web')).toMatch(/2[\s\S]*3/)
    expect(await k('exec', 'deployment/web', '-c', 'guestbook', '--', 'sh', '-c', 'echo $COLOUR')).toBe('\n')
  })

  it('tells the story of a pod in describe', async () => {
    const described = await k('describe', 'pod', await firstPod('app=web'))
    for (const line of [
      'Scheduled',
      'Successfully assigned guestbook/',
      'Container image "nginx:1.22" already present on machine',
      'Created',
      'Started',
    ])
      expect(described).toContain(line)
  })

  it('keeps containers running while its own process is killed and comes back', async () => {
    const idsBefore = (await pods('app=web')).items
      .flatMap(({ status }) => status.containerStatuses?.map(({ containerID }) => containerID) ?? [])
      .sort()
    const { pid } = JSON.parse((await cluster.coracle('status', '--json')).stdout)
    process.kill(pid, 'SIGKILL')
    // Services go on while nobody is there to change them; only names are not answered.
    expect(await (await fetch(`http://127.0.0.1:${nodePort}/`)).text()).toContain('guestbook on web-')
    expect((await cluster.coracle('up')).code).toBe(0)
    const idsAfter = (await pods('app=web')).items
      .flatMap(({ status }) => status.containerStatuses?.map(({ containerID }) => containerID) ?? [])
      .sort()
    expect(idsAfter).toEqual(idsBefore)
    await eventually(
      () => pods('app=web'),
      ({ items }) =>
        items.every(({ status }) =>
          status.containerStatuses?.every(({ ready, restartCount }) => ready && restartCount === 0),
        ),
    )
  })

  it('leaves nothing of a deleted namespace', async () => {
    await cluster.kubectl('delete', 'namespace', 'guestbook', '--timeout=90s')
    expect(
      await cluster.kubectl('get', 'pods,services,deployments,configmaps', '-n', 'guestbook', '--ignore-not-found'),
    ).toBe('')
    const inPods = await run('sh', ['-c', `grep -ls coracle-${cluster.name}/kubepods /proc/[0-9]*/cgroup`])
    expect(inPods.stdout).toBe('')
  })

  it('stops without leaving a mount, namespace, link, rule or process', async () => {
    const { pid } = JSON.parse((await cluster.coracle('status', '--json')).stdout)
    expect((await cluster.coracle('down')).code).toBe(0)
    expect(isAlive(pid)).toBe(false)
    const looks = [
      `grep -F ${cluster.name} /proc/mounts`,
      `ip netns list | grep -F ${cluster.name}`,
      `nft list tables | grep -F ${cluster.name}`,
      `find /sys/fs/cgroup -type d -name '*${cluster.name}*'`,
      // One after the other, and without the shell that looks.
      `ps ax -o args | grep -F ${cluster.name} | grep -v grep`,
      'ip -o link show type bridge | grep -F 10.211.0.',
    ]
    for (const look of looks) expect([look, (await run('sh', ['-c', look])).stdout]).toEqual([look, ''])
    const again = await cluster.coracle('down')
    expect([again.code, again.stdout]).toEqual([0, `Cluster "${cluster.name}" is already down\n`])
  })
})
