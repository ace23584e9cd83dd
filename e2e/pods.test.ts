import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { linuxCodec } from '../src/host/linux/codec.ts'
import { linuxHttp } from '../src/host/linux/http.ts'
import { scriptedRegistry } from '../src/runtime/images/scripted-registry.ts'
import { eventually, makeCluster, run, type TestCluster } from './cluster.ts'

type Spec = Readonly<Record<string, unknown>>

/** A pod of one busybox container named 'c' that runs a line of shell. */
function shellPod(name: string, line: string, container: Spec = {}, spec: Spec = {}): Spec {
  const c = { name: 'c', image: 'busybox:1.36', command: ['sh', '-c', line], ...container }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name } },
    spec: { terminationGracePeriodSeconds: 1, ...spec, containers: [c] },
  }
}

/** Ends at once when asked to. */
const sleeping = "trap 'exit 0' TERM; while :; do sleep 1 & wait $!; done"

const never = { restartPolicy: 'Never' }
const endings: readonly (readonly [what: string, pod: Spec, phase: string, terminated: Spec])[] = [
  [
    'succeeds with its last words',
    shellPod('good', 'echo bye > /dev/termination-log', {}, never),
    'Succeeded',
    { exitCode: 0, reason: 'Completed', message: 'bye\n' },
  ],
  [
    'fails with the end of its log',
    shellPod('bad', 'echo oh no; exit 3', { terminationMessagePolicy: 'FallbackToLogsOnError' }, never),
    'Failed',
    { exitCode: 3, reason: 'Error', message: 'oh no\n' },
  ],
  [
    'takes more memory than it may',
    shellPod('hungry', 'tail /dev/zero', { resources: { limits: { memory: '32Mi' } } }, never),
    'Failed',
    { exitCode: 137, reason: 'OOMKilled' },
  ],
  [
    'takes more time than it may',
    shellPod('late', 'sleep 1000', {}, { ...never, activeDeadlineSeconds: 2 }),
    'Failed',
    { exitCode: 137, reason: 'Error' },
  ],
]

describe.runIf(process.getuid?.() === 0)('pods on real containers', () => {
  const images = mkdtempSync(path.join(tmpdir(), 'coracle-images-'))
  let cluster: TestCluster
  beforeAll(async () => {
    execFileSync('examples/guestbook/images.sh', ['--to', images], { stdio: 'ignore' })
    cluster = await makeCluster(3)
    const busybox = readdirSync(images).find((file) => file.startsWith('busybox')) ?? ''
    expect((await cluster.coracle('image', 'load', path.join(images, busybox))).stdout).toContain('Loaded')
  })
  afterAll(async () => {
    rmSync(images, { recursive: true, force: true })
    await cluster?.remove()
  })

  const apply = async (...objects: readonly Spec[]): Promise<void> => {
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })
    expect((await cluster.tryKubectl(['apply', '-f', '-'], list)).stderr).toBe('')
  }
  const field = (pod: string, jsonPath: string): Promise<string> =>
    cluster.kubectl('get', 'pod', pod, '-o', `jsonpath={${jsonPath}}`)
  const ready = (pod: string): Promise<string> =>
    cluster.kubectl('wait', '--for=condition=Ready', `pod/${pod}`, '--timeout=30s')

  it.each(endings)('one %s', async (_, pod, phase, terminated) => {
    const { name } = pod.metadata as { name: string }
    await apply(pod)
    await cluster.kubectl('wait', `--for=jsonpath={.status.phase}=${phase}`, `pod/${name}`, '--timeout=30s')
    expect(JSON.parse(await field(name, '.status.containerStatuses[0].state.terminated'))).toMatchObject(terminated)
  })

  it('shows a container its volumes, and what changes in them; takes commands and files', async () => {
    const memory = { name: 'memory', emptyDir: { medium: 'Memory' } }
    const volumes = [memory, { name: 'settings', configMap: { name: 'settings' } }]
    const volumeMounts = [
      { name: 'memory', mountPath: '/memory' },
      { name: 'settings', mountPath: '/settings' },
      { name: 'settings', mountPath: '/one/file', subPath: 'key' },
    ]
    const settings = (value: string) => ({
      ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' } },
      data: { key: value },
    })
    const readinessProbe = { exec: { command: ['test', '-e', '/settings/key'] }, periodSeconds: 1 }
    await apply(
      settings('old'),
      shellPod('volumes', `echo begun; ${sleeping}`, { volumeMounts, readinessProbe }, { volumes }),
    )
    await ready('volumes')
    await apply(settings('new'))
    const inPod = (...command: readonly string[]) => cluster.tryKubectl(['exec', 'volumes', '--', ...command])
    await eventually(
      async () => (await inPod('cat', '/settings/key')).stdout,
      (text) => text === 'new',
    )
    expect((await inPod('cat', '/one/file')).stdout).toBe('old')
    expect((await inPod('sh', '-c', 'exit 7')).code).toBe(7)
    const bytes = 'x'.repeat(1 << 20)
    const counted = await cluster.tryKubectl(['exec', '-i', 'volumes', '--', 'sh', '-c', 'cat | wc -c'], bytes)
    expect(counted.stdout.trim()).toBe(String(bytes.length))
  })

  it('keeps what it wrote into a claim for the pod after it, and nothing once the claim has gone', async () => {
    const claim = {
      ...{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' } },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
    }
    const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }]
    const volumeMounts = [{ name: 'data', mountPath: '/data' }]
    const pod = (name: string, line: string): Spec =>
      shellPod(name, line, { volumeMounts }, { volumes, securityContext: { runAsUser: 1000, fsGroup: 2000 }, ...never })
    const ended = (name: string): Promise<string> =>
      cluster.kubectl('wait', '--for=jsonpath={.status.phase}=Succeeded', `pod/${name}`, '--timeout=30s')
    await apply(claim, pod('writer', 'echo kept > /data/file'))
    await ended('writer')
    await cluster.kubectl('delete', 'pod', 'writer')
    await apply(pod('reader', 'cat /data/file && stat -c %g /data/file'))
    await ended('reader')
    expect(await cluster.kubectl('logs', 'reader')).toBe('kept\n2000\n')
    await cluster.kubectl('delete', 'pvc', 'data', '--wait=false')
    const phase = ['get', 'pvc', 'data', '--ignore-not-found', '-o', 'jsonpath={.status.phase}']
    expect(await cluster.kubectl(...phase)).toBe('Bound')
    await cluster.kubectl('delete', 'pod', 'reader')
    await eventually(
      async () => (await cluster.tryKubectl(['get', 'pv', '-o', 'name'])).stdout,
      (text) => text === '',
    )
    expect(readdirSync(`/var/lib/coracle/${cluster.name}/volumes`)).toEqual([])
  })

  it('does with images what people do: tag, push, remove, pull, save, inspect, prune', async () => {
    const registry = await scriptedRegistry(linuxHttp(), linuxCodec())
    try {
      const name = `${registry.domain}/team/app:1`
      const image = async (...args: readonly string[]): Promise<string> => {
        const { code, stdout, stderr } = await cluster.coracle('image', ...args)
        if (code !== 0) throw new Error(stderr)
        return stdout
      }
      expect(await image('tag', 'busybox:1.36', name)).toBe(`Tagged ${name}\n`)
      expect(await image('push', name)).toMatch(new RegExp(`^Pushed ${name}\nsha256:[0-9a-f]{64}\n$`))
      expect(await image('remove', name)).toBe(`Removed ${name}\n`)
      await expect(image('inspect', name)).rejects.toThrow(`image "${name}" not found`)
      expect(await image('pull', name)).toBe(`Pulled ${name}\n`)
      const [{ image: found }] = JSON.parse(await image('inspect', name))
      expect(found.tags).toEqual(expect.arrayContaining([name, 'docker.io/library/busybox:1.36']))
      const archive = path.join(images, 'saved.tar')
      expect(await image('save', '-o', archive, name)).toBe('')
      expect(await image('load', archive)).toContain(`Loaded ${name}`)
      await expect(image('remove', found.id.slice(7, 15))).rejects.toThrow(/is used by container .* --force/)
      await image('tag', name, 'unused:1')
      expect(await image('prune', '--all')).toBe('Freed 0.0 MB\n')
      await image('remove', name, 'unused:1')
    } finally {
      await registry.close()
    }
  })

  it('goes on through a kill of the cluster process: nothing restarts, nothing leaves its Service', async () => {
    await cluster.kubectl('expose', 'pod', 'volumes', '--port=80')
    const states = (): Promise<string> =>
      field('volumes', '.metadata.uid} {.status.conditions[?(@.type=="Ready")]} {.status.containerStatuses[0]')
    const before = await states()
    const pid = Number(/\(pid (\d+)/.exec((await cluster.coracle('status')).stdout)?.[1])
    process.kill(pid, 'SIGKILL')
    expect((await cluster.coracle('up')).code).toBe(0)
    // The kubelet has looked at the pod again when something new runs on its node.
    await apply(shellPod('after', sleeping))
    await ready('after')
    expect(await states()).toBe(before)
  })

  it('comes back after down, each run with a log of its own, and down leaves nothing in the kernel', async () => {
    expect((await cluster.coracle('down')).code).toBe(0)
    const inKernel = await Promise.all([
      run('nft', ['list', 'tables']),
      run('ip', ['netns', 'list']),
      run('ps', ['-eo', 'args']),
      run('find', ['/sys/fs/cgroup', '-type', 'd']),
    ])
    const texts = [readFileSync('/proc/mounts', 'utf8'), ...inKernel.map(({ stdout }) => stdout)]
    // What other tests started may name this one's files.
    const own = texts.flatMap((text) => text.split('\n')).filter((line) => line.includes(cluster.name))
    expect(own).toEqual([])
    expect(existsSync(`/run/coracle/${cluster.name}`)).toBe(false)
    expect((await cluster.coracle('up')).code).toBe(0)
    await eventually(
      () => field('volumes', '.status.containerStatuses[0].restartCount'),
      (count) => count === '1',
    )
    await ready('volumes')
    expect(await cluster.kubectl('logs', 'volumes')).toBe('begun\n')
  })

  it('is deleted with its namespace', async () => {
    await cluster.kubectl('create', 'namespace', 'brief')
    const made = await cluster.tryKubectl(['-n', 'brief', 'create', '-f', '-'], JSON.stringify(shellPod('p', sleeping)))
    expect(made.stderr).toBe('')
    await cluster.kubectl('-n', 'brief', 'wait', '--for=condition=Ready', 'pod/p', '--timeout=30s')
    await cluster.kubectl('delete', 'namespace', 'brief')
    expect((await cluster.tryKubectl(['get', 'namespace', 'brief'])).stderr).toContain('not found')
    const log = readFileSync(`/var/lib/coracle/${cluster.name}/coracle.log`, 'utf8')
    expect(log.split('\n').filter((line) => /"level":"error"/.test(line))).toEqual([])
  })
})
