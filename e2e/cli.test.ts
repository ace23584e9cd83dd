import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { eventually, freePort, makeCluster, outputOf, type Ran, run } from './cluster.ts'

/** The command line under bad input, bad luck and bad files. Everything here is simulated, but for the last part. */

const isRoot = process.getuid?.() === 0
const isLinux = process.platform === 'linux'
const name = `cli-${process.pid % 100_000}`
const folder = mkdtempSync(path.join(tmpdir(), 'coracle-cli-'))
const kubeconfig = path.join(folder, 'config')
const env = { ...process.env, KUBECONFIG: kubeconfig }
const data = isRoot ? `/var/lib/coracle/${name}` : path.join(process.env.HOME ?? '', '.local/share/coracle', name)
const lockFile = isRoot ? `/run/coracle/${name}/lock` : path.join(data, 'run/lock')

const coracle = (...args: readonly string[]): Promise<Ran> =>
  run(path.resolve('coracle'), ['--name', name, ...args], { env })
const kubectl = (...args: readonly string[]): Promise<Ran> => run('kubectl', args, { env })
const upSimulated = async (...more: readonly string[]): Promise<Ran> =>
  coracle('up', '--simulate', '2', '--port', String(await freePort()), ...more)
const pid = async (): Promise<number> => JSON.parse((await coracle('status', '--json')).stdout).pid

async function killHard(): Promise<void> {
  const running = await pid()
  process.kill(running, 'SIGKILL')
  await eventually(
    () => coracle('status'),
    ({ code }) => code === 3,
  )
}

/** What the launcher builds first, it says on standard error. */
beforeAll(() => run(path.resolve('coracle'), ['--help']))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('wrong usage', () => {
  it.each([
    { args: ['bogus'], says: "unknown command 'bogus' (Did you mean logs?)" },
    { args: ['up', '--frob'], says: "unknown option '--frob'" },
    { args: ['image', 'load'], says: "missing required argument 'file'" },
    {
      args: ['--name', 'A B', 'up'],
      says: "option '--name <name>' argument 'A B' is invalid. a name is at most 20 lower-case letters, digits and '-'",
    },
    {
      args: ['up', '--port', '0'],
      says: "option '--port <port>' argument '0' is invalid. a port is a whole number from 1 to 65535",
    },
    {
      args: ['up', '--simulate', 'x'],
      says: "option '--simulate <nodes>' argument 'x' is invalid. it must be a whole number from 1 to 5000",
    },
    {
      args: ['conformance', '--parallel', '33'],
      says: "option '--parallel <count>' argument '33' is invalid. it must be a whole number from 1 to 32",
    },
    {
      args: ['up', '--pod-cidr', '10.0.0.5/24'],
      says: "option '--pod-cidr <cidr>' argument '10.0.0.5/24' is invalid. the range begins at 10.0.0.0/24",
    },
    {
      args: ['up', '--service-cidr', '10.0.0.0'],
      says: "option '--service-cidr <cidr>' argument '10.0.0.0' is invalid. it must be an IPv4 range of /12 to /28, such as 10.244.0.0/24",
    },
  ])('$args gives one line and exit code 2', async ({ args, says }) => {
    expect(await coracle(...args)).toEqual({
      code: 2,
      stdout: '',
      stderr: `coracle: ${says}; \`coracle --help\` tells what there is\n`,
    })
  })

  it('no argument at all shows the help', async () => {
    const { code, stdout, stderr } = await run(path.resolve('coracle'), [], { env })
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('coracle up --simulate 100')
  })
})

describe('without a cluster', () => {
  it.each([
    { args: ['status'], code: 3, stdout: `Cluster "${name}" is not made yet: \`coracle up\` starts it\n`, stderr: '' },
    { args: ['status', '--json'], code: 3, stdout: '{"running":false}\n', stderr: '' },
    { args: ['down'], code: 0, stdout: `There is no cluster "${name}"\n`, stderr: '' },
    { args: ['delete'], code: 0, stdout: `There is no cluster "${name}"\n`, stderr: '' },
    {
      args: ['logs'],
      code: 1,
      stdout: '',
      stderr: `coracle: cluster "${name}" has no log yet; \`coracle up\` starts it\n`,
    },
    {
      args: ['kubeconfig'],
      code: 1,
      stdout: '',
      stderr: `coracle: there is no cluster "${name}"; \`coracle up\` makes one\n`,
    },
    {
      args: ['image', 'list'],
      code: 1,
      stdout: '',
      stderr: `coracle: cluster "${name}" is down; \`coracle up\` starts it\n`,
    },
    {
      args: ['image', 'load', '/nonsense'],
      code: 1,
      stdout: '',
      stderr: 'coracle: there is no file /nonsense: name a docker-archive or OCI layout tar\n',
    },
    {
      args: ['up', '--pod-cidr', '10.9.0.0/20', '--service-cidr', '10.9.1.0/24'],
      code: 1,
      stdout: '',
      stderr:
        'coracle: --pod-cidr 10.9.0.0/20 and --service-cidr 10.9.1.0/24 overlap: choose ranges apart from each other\n',
    },
  ])('$args', async ({ args, ...answer }) => {
    expect(await coracle(...args)).toEqual(answer)
    expect(existsSync(data)).toBe(false)
  })

  it.each([
    { of: 'a folder', file: tmpdir(), says: 'it is a folder; set KUBECONFIG to a file' },
    {
      of: 'no kubeconfig',
      file: path.join(folder, 'list'),
      says: 'it is not a kubeconfig: its top is not a map; mend it, or set KUBECONFIG to another file',
    },
  ])('KUBECONFIG that is $of stops `up` before anything is made', async ({ file, says }) => {
    writeFileSync(path.join(folder, 'list'), '- a\n')
    const up = await run(path.resolve('coracle'), ['--name', name, 'up', '--simulate', '1'], {
      env: { ...env, KUBECONFIG: file },
    })
    expect(up).toEqual({ code: 1, stdout: '', stderr: `coracle: cannot use ${file} as kubeconfig: ${says}\n` })
    expect(existsSync(data)).toBe(false)
  })

  it('a port in use stops `up` before anything is made', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      const { port } = server.address() as Readonly<{ port: number }>
      const { code, stderr } = await coracle('up', '--simulate', '1', '--port', String(port))
      expect([code, stderr]).toEqual([
        1,
        `coracle: port ${port} is in use: stop what uses it, or choose another with \`coracle up --port PORT\`\n`,
      ])
      expect(existsSync(data)).toBe(false)
    } finally {
      server.close()
    }
  })

  it.runIf(isRoot && isLinux)('without root, `up` says what else there is, and simulated nodes run', async () => {
    const home = path.join(folder, 'home')
    mkdirSync(home, { mode: 0o777 })
    const plain = { PATH: process.env.PATH, HOME: home }
    const asNobody = (...args: readonly string[]): Promise<Ran> =>
      run(
        'setpriv',
        ['--reuid', '65534', '--regid', '65534', '--clear-groups', path.resolve('coracle'), '--name', name, ...args],
        { env: plain },
      )
    await run('chown', ['65534:65534', home, folder])
    const refused = await asNobody('up')
    expect([refused.code, refused.stderr]).toEqual([
      1,
      'coracle: containers need root; become root, or run `coracle up --simulate N` for N simulated nodes, on which no container runs\n',
    ])
    try {
      const up = await asNobody('up', '--simulate', '3', '--port', String(await freePort()))
      expect([up.code, up.stdout]).toEqual([
        0,
        expect.stringContaining('3 of 3 simulated nodes (no container runs) ready'),
      ])
      expect(existsSync(path.join(home, '.local/share/coracle', name, 'settings.json'))).toBe(true)
      const nodes = await run('kubectl', ['get', 'nodes', '-o', 'name'], { env: plain })
      expect(nodes.stdout).toBe('node/node-1\nnode/node-2\nnode/node-3\n')
    } finally {
      expect((await asNobody('delete')).stdout).toBe(`Cluster "${name}" is deleted\n`)
    }
  })
})

describe('a simulated cluster', () => {
  afterEach(() => coracle('delete'))

  it('says that it is up when asked again, and does not become another', async () => {
    expect((await upSimulated()).code).toBe(0)
    const before = readFileSync(kubeconfig, 'utf8')
    const again = await coracle('up')
    expect([again.code, again.stdout]).toEqual([
      0,
      expect.stringContaining(`Cluster "${name}" is already up: Kubernetes v1.36`),
    ])
    expect(readFileSync(kubeconfig, 'utf8')).toBe(before)
    const other = await coracle('up', '--simulate', '3')
    expect([other.code, other.stderr]).toEqual([
      1,
      `coracle: cluster "${name}" is up with --simulate 2: leave --simulate away, \`coracle delete\` it first, or use another --name\n`,
    ])
    expect((await coracle('down')).stdout).toBe(`Cluster "${name}" is down; its data stays in ${data}\n`)
    expect((await coracle('down')).stdout).toBe(`Cluster "${name}" is already down\n`)
    const port = await freePort()
    expect((await coracle('up', '--port', String(port))).code).toBe(0)
    expect((await kubectl('config', 'view', '--minify', '-o', 'jsonpath={.clusters[0].cluster.server}')).stdout).toBe(
      `https://127.0.0.1:${port}`,
    )
  })

  it('is started once when asked for twice at the same moment', async () => {
    const port = String(await freePort())
    const ups = await Promise.all([1, 2, 3].map(() => coracle('up', '--simulate', '2', '--port', port)))
    expect(ups.map(({ code, stderr }) => [code, code === 0 ? '' : stderr])).toEqual(ups.map(() => [0, '']))
    expect(ups.filter(({ stdout }) => stdout.includes('is up after')).length).toBe(1)
  })

  it.runIf(isLinux)('starts after kill -9, keeps what it knew, and never stops a stranger', async () => {
    await upSimulated()
    expect((await kubectl('create', 'configmap', 'kept')).code).toBe(0)
    await killHard()
    expect((await coracle('up')).code).toBe(0)
    expect((await kubectl('get', 'configmap', 'kept', '-o', 'name')).stdout).toBe('configmap/kept\n')
    await killHard()
    const stranger = spawn('sleep', ['60'])
    try {
      writeFileSync(lockFile, readFileSync(lockFile, 'utf8').replace(/^\d+/, String(stranger.pid)))
      expect((await coracle('down')).stdout).toBe(`Cluster "${name}" is already down\n`)
      expect([stranger.exitCode, stranger.signalCode]).toEqual([null, null])
      expect((await coracle('up')).code).toBe(0)
    } finally {
      stranger.kill('SIGKILL')
    }
  })

  it.each([
    {
      of: 'settings',
      file: 'settings.json',
      content: '{"apiPort":"x"}',
      says: 'settings.json cannot be read (apiPort is "x"): mend it, or give the cluster up with `coracle delete`',
    },
    {
      of: 'settings cut off',
      file: 'settings.json',
      content: '{',
      says: 'mend it, or give the cluster up with `coracle delete`',
    },
    {
      of: 'keys',
      file: 'pki/pki.json',
      content: '{',
      says: "the cluster's keys, is damaged: put back a copy of it, or give the cluster up with `coracle delete`",
    },
    {
      of: 'log of the store',
      file: 'store/wal-0000000000000001',
      content: 'nonsense'.repeat(100),
      says: 'The store cannot open; restore it from a copy',
    },
  ])('whose $of is damaged says so, touches nothing, and can be deleted', async ({ file, content, says }) => {
    await upSimulated()
    await coracle('down')
    writeFileSync(path.join(data, file), content)
    const { code, stderr } = await coracle('up')
    expect(code).toBe(1)
    expect(stderr.trimEnd().split('\n').at(-1)).toContain(says)
    expect(readFileSync(path.join(data, file), 'utf8')).toBe(content)
    expect((await coracle('delete')).stdout).toBe(`Cluster "${name}" is deleted\n`)
    expect(existsSync(data)).toBe(false)
  })

  it('tells that its containers are none, runs jobs that sleep, and fails those that fail', async () => {
    await upSimulated()
    await kubectl('run', 'web', '--image=nginx:1.22')
    await kubectl('run', 'short', '--image=busybox', '--restart=Never', '--', 'sh', '-c', 'echo hi; sleep 0.1; exit 3')
    expect((await kubectl('wait', '--for=condition=Ready', 'pod/web', '--timeout=30s')).stderr).toBe('')
    expect(await kubectl('logs', 'web')).toMatchObject({
      code: 0,
      stdout: 'This container is simulated: no program runs in it, and this line is all that it logs.\n',
    })
    expect(await kubectl('exec', 'web', '--', 'ls')).toEqual({
      code: 0,
      stdout: '',
      stderr: 'This container is simulated: the command was not run.\n',
    })
    await kubectl('wait', '--for=jsonpath={.status.phase}=Failed', 'pod/short', '--timeout=30s')
    expect(
      (await kubectl('get', 'pod', 'short', '-o', 'jsonpath={.status.containerStatuses[0].state.terminated.exitCode}'))
        .stdout,
    ).toBe('3')
    expect((await coracle('image', 'list')).stderr).toBe(
      'coracle: simulated nodes run no containers and hold no images\n',
    )
  })

  it('follows its log until interrupted, and keeps it short', async () => {
    await upSimulated()
    const follower = spawn(path.resolve('coracle'), ['--name', name, 'logs', '-f'], { env, detached: true })
    const output = outputOf(follower)
    await eventually(
      async () => output(),
      (text) => text.includes('pod network ready'),
    )
    process.kill(-(follower.pid ?? Number.NaN), 'SIGINT')
    const [code, signal] = await once(follower, 'exit')
    expect(code ?? signal).toBe('SIGINT')
    await coracle('down')
    const log = path.join(data, 'coracle.log')
    truncateSync(log, 17 << 20)
    await coracle('up')
    expect([statSync(log).size < 1 << 20, statSync(`${log}.1`).size]).toEqual([true, 17 << 20])
  })
})

describe.runIf(isRoot && isLinux)('a disk that runs full', () => {
  it('refuses writes in plain words, goes on reading, and takes writes again when there is room', async () => {
    mkdirSync(data, { recursive: true })
    expect((await run('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', data])).code).toBe(0)
    try {
      expect((await upSimulated()).code).toBe(0)
      const filler = path.join(data, 'filler')
      await run('dd', ['if=/dev/zero', `of=${filler}`, 'bs=1k'])
      const refused = await kubectl('create', 'configmap', 'big', `--from-literal=a=${'x'.repeat(100_000)}`)
      expect(refused).toEqual({
        code: 1,
        stdout: '',
        stderr:
          'error: failed to create configmap: Internal error occurred: the write could not be stored: ENOSPC: no space left on device, write\n',
      })
      expect((await kubectl('get', 'nodes', '-o', 'name')).stdout).toBe('node/node-1\nnode/node-2\n')
      rmSync(filler)
      expect((await kubectl('create', 'configmap', 'after')).stdout).toBe('configmap/after created\n')
      expect((await kubectl('get', 'configmaps', '-o', 'name')).stdout).toContain('configmap/after\n')
      expect((await kubectl('get', 'configmap', 'big', '--ignore-not-found')).stdout).toBe('')
      expect((await coracle('delete')).stdout).toBe(`Cluster "${name}" is deleted\n`)
      expect(readdirSync(data)).toEqual([])
    } finally {
      await coracle('delete')
      await run('umount', [data])
      rmSync(data, { recursive: true, force: true })
    }
  })
})

describe.runIf(isRoot && isLinux)('a cluster with containers', () => {
  it('refuses archives that hold no image, and shows an image that cannot be had', async () => {
    const cluster = await makeCluster(4)
    try {
      const files = { empty: '', text: 'hello\n', long: 'no archive\n'.repeat(1 << 20) }
      for (const [file, content] of Object.entries(files)) writeFileSync(path.join(folder, file), content)
      await run('tar', ['-cf', path.join(folder, 'other'), 'package.json'])
      const load = async (file: string): Promise<unknown> => {
        const { code, stderr } = await cluster.coracle('image', 'load', path.join(folder, file))
        return [code, stderr]
      }
      const noImage =
        'coracle: cannot load the image: the archive holds no image: neither manifest.json nor index.json names one\n'
      const noArchive = 'a header has a wrong checksum: this is no tar archive, or it is damaged'
      expect(await load('empty')).toEqual([1, noImage])
      expect(await load('other')).toEqual([1, noImage])
      expect(await load('text')).toEqual([1, 'coracle: cannot load the image: unexpected end of the archive\n'])
      expect(await load('long')).toEqual([1, `coracle: cannot load the image: ${noArchive}\n`])
      const taken = await coracle('up', '--port', String(await freePort()), '--pod-cidr', '10.214.0.0/24')
      expect(taken.stderr).toBe(
        `coracle: 10.214.0.0/24 overlaps 10.214.0.0/24 of cluster "${cluster.name}": choose another range with --pod-cidr\n`,
      )
      await cluster.kubectl('run', 'gone', '--image=127.0.0.1:1/no/image:1')
      await eventually(
        () => cluster.kubectl('get', 'pod', 'gone', '--no-headers'),
        (row) => /ErrImagePull|ImagePullBackOff/.test(row),
      )
      const described = await eventually(
        () => cluster.kubectl('describe', 'pod', 'gone'),
        (text) => text.includes('Back-off pulling image'),
      )
      expect(described).toContain('Failed to pull image "127.0.0.1:1/no/image:1"')
      expect(described).toContain('Error: ErrImagePull')
    } finally {
      await cluster.remove()
    }
  })
})
