import { spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { linuxCodec } from '../src/host/linux/codec.ts'
import { buildImage, imageArchive } from '../src/runtime/images/image-archive.ts'
import { writeTar } from '../src/runtime/images/tar-writer.ts'
import { eventually, makeCluster, outputOf, run, type TestCluster } from './cluster.ts'

const busybox = '/bin/busybox'
const able = process.getuid?.() === 0 && existsSync(busybox)
const applets = [
  'sh',
  'cat',
  'echo',
  'id',
  'ls',
  'ln',
  'rm',
  'mkdir',
  'sleep',
  'stat',
  'wget',
  'chmod',
  'cp',
  'env',
  'sort',
  'mknod',
  'true',
  'find',
  'date',
  'touch',
  'grep',
  'nslookup',
]

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts)
}

/** An image to build on, made offline. */
async function baseImage(): Promise<Buffer> {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
  const image = await buildImage(linuxCodec(), {
    name: 'base:1',
    layers: [
      [
        { path: 'bin/', type: 'directory' },
        { path: 'bin/busybox', mode: 0o755, content: new Uint8Array(readFileSync(busybox)) },
        ...applets.map((applet) => ({ path: `bin/${applet}`, type: 'symlink' as const, linkPath: 'busybox' })),
        { path: 'etc/', type: 'directory' },
        { path: 'etc/passwd', content: bytes('root:x:0:0::/root:/bin/sh\napp:x:1000:1001::/home/app:/bin/sh\n') },
        { path: 'etc/group', content: bytes('root:x:0:\napp:x:1001:\n') },
        { path: 'home/', type: 'directory' },
        { path: 'home/app/', type: 'directory', mode: 0o700, uid: 1000, gid: 1001 },
        { path: 'tmp/', type: 'directory', mode: 0o1777 },
        { path: 'old/kept', content: bytes('k') },
        { path: 'old/gone', content: bytes('g') },
        { path: 'escape', type: 'symlink', linkPath: '/tmp/escaped' },
      ],
    ],
    config: { Cmd: ['sh'], Env: ['PATH=/bin'] },
  })
  return bytesOf(imageArchive(image))
}

describe.runIf(able)('images built from Dockerfiles', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coracle-build-'))
  let cluster: TestCluster
  let contexts = 0
  beforeAll(async () => {
    cluster = await makeCluster(5)
    writeFileSync(path.join(folder, 'base.tar'), await baseImage())
    expect((await cluster.coracle('image', 'load', path.join(folder, 'base.tar'))).stdout).toContain('Loaded')
  })
  afterAll(async () => {
    await cluster.remove()
    rmSync(folder, { recursive: true, force: true })
  })

  function contextOf(files: Readonly<Record<string, string | Uint8Array>>): string {
    contexts += 1
    const context = path.join(folder, `context-${contexts}`)
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(context, name)), { recursive: true })
      writeFileSync(path.join(context, name), content)
    }
    return context
  }
  const build = (context: string, ...options: readonly string[]) =>
    cluster.coracle('image', 'build', ...options, context)
  async function built(context: string, ...options: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await build(context, ...options, '-q')
    if (code !== 0) throw new Error(stderr)
    return stdout.trim()
  }
  /** What a command prints on top of a context's image: by a further build, whose output is told. */
  async function printed(
    dockerfile: string,
    files: Readonly<Record<string, string | Uint8Array>> = {},
    ...options: readonly string[]
  ): Promise<readonly string[]> {
    const { code, stderr } = await build(contextOf({ Dockerfile: dockerfile, ...files }), '--no-cache', ...options)
    if (code !== 0) throw new Error(stderr)
    return stderr.split('\n').flatMap((line) => /^#\d+ \d+\.\d{3} (.*)$/.exec(line)?.[1] ?? [])
  }
  /** Nothing of a build is left: mounts, namespaces, cgroups, files. */
  async function leftovers(): Promise<readonly string[]> {
    const netns = (await run('ip', ['netns', 'list'])).stdout.split('\n')
    const mounts = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .filter((line) => line.includes('/builds/'))
    const engine = `/var/lib/coracle/${cluster.name}/engine`
    const folders = ['builds', 'writable', 'containers', 'sandboxes'].flatMap((name) =>
      readdirSync(`${engine}/${name}`),
    )
    const pods = (await cluster.kubectl('get', 'pods', '-A', '-o', 'name')).split('\n').filter((name) => name !== '')
    return [
      ...[...netns, ...mounts].filter((line) => line.includes(cluster.name)),
      ...(pods.length === 0 ? folders : []),
    ]
  }

  const app = {
    '.dockerignore': '**/*.log\nsecret\n',
    'src/main.sh': 'echo main',
    'src/debug.log': 'x',
    secret: 's',
    Dockerfile: [
      'FROM base:1 AS build',
      'ARG NAME=world',
      'WORKDIR /work',
      'COPY src .',
      'RUN ls > list; echo "hello $NAME" > greeting; rm -r /old/gone; ln greeting again; date > /dev/null',
      'FROM base:1',
      'COPY --from=build --chown=app /work/ /app/',
      'COPY --from=build /work/greeting /home/app/',
      'USER app',
      'CMD ["sh", "-c", "id -u; cat /app/greeting /app/list; stat -c %a:%u /home/app; stat -c %a:%u:%h /app/again"]',
    ].join('\n'),
  }

  it('of several stages, run in a pod as they were meant', async () => {
    await built(contextOf(app), '-t', 'app:1', '--build-arg', 'NAME=coracle')
    await cluster.kubectl('run', 'app', '--image=app:1', '--image-pull-policy=Never', '--restart=Never')
    await eventually(
      () => cluster.kubectl('get', 'pod', 'app', '-o', 'jsonpath={.status.phase}'),
      (phase) => phase === 'Succeeded',
    )
    expect(await cluster.kubectl('logs', 'app')).toBe('1000\nhello coracle\nlist\nmain.sh\n700:1000\n644:1000:2\n')
    await cluster.kubectl('delete', 'pod', 'app', '--now')
  })

  it('are the same for the same input, from the cache and anew, and what changed is made anew alone', async () => {
    const context = contextOf(app)
    const id = await built(context, '--no-cache')
    expect(await built(contextOf(app), '--no-cache')).toBe(id)
    writeFileSync(path.join(context, 'src/debug.log'), 'left out')
    const again = await build(context)
    expect(again.stderr.match(/CACHED/g)).toHaveLength(7)
    expect(again.stdout).toContain(id)
    writeFileSync(path.join(context, 'src/main.sh'), 'echo changed')
    const changed = await build(context)
    expect(changed.stderr).toMatch(/WORKDIR \/work\n#\d+ CACHED/)
    expect(changed.stderr).toMatch(/COPY src \.\n#\d+ DONE/)
    expect(changed.stderr).toMatch(/COPY --from=build \/work\/greeting \/home\/app\/\n#\d+ CACHED/)
    const dated = await cluster.coracle(
      'image',
      'inspect',
      await built(context, '--build-arg', 'SOURCE_DATE_EPOCH=1700000000'),
    )
    expect(JSON.parse(dated.stdout)[0].config.createdAtMs).toBe(1_700_000_000_000)
  })

  it('run commands as users, with caches, secrets, stages and memory mounted, and heredocs', async () => {
    const dockerfile = [
      'FROM base:1 AS tools',
      'RUN mkdir /tools && echo tool > /tools/t',
      'FROM base:1',
      'RUN --mount=type=cache,target=/cache,id=e2e echo line >> /cache/lines; cat /cache/lines',
      'RUN --mount=type=cache,target=/cache,id=e2e echo line >> /cache/lines; cat /cache/lines',
      'RUN --mount=type=secret,id=token,mode=0440 --mount=type=secret,id=token,env=TOKEN cat /run/secrets/token; echo; echo "$TOKEN"; stat -c %a /run/secrets/token',
      'RUN --mount=from=tools,source=/tools,target=/t cat /t/t; touch /t/x || echo read-only',
      'RUN --mount=target=/ctx,rw touch /ctx/x && ls /ctx',
      'RUN --mount=type=tmpfs,target=/mem touch /mem/x && ls /mem',
      'RUN ls -d /cache /run /t /ctx /mem || echo clean; cat /etc/hosts | grep -c localhost',
      'RUN --network=none ls /sys/class/net',
      'RUN nslookup kubernetes.default.svc.cluster.local | grep Name:',
      'USER app',
      'RUN <<EOF',
      'id -u',
      'grep -E "Seccomp:|NoNewPrivs" /proc/self/status',
      'EOF',
      'RUN <<EOF',
      '#!/bin/cat',
      'I am a script',
      'EOF',
    ].join('\n')
    writeFileSync(path.join(folder, 'token'), 's3cret')
    const lines = await printed(dockerfile, { file: 'f' }, '--secret', `id=token,src=${path.join(folder, 'token')}`)
    const shown = lines.filter((line) => !/No such file/.test(line) && !/touch: /.test(line))
    expect(shown.slice(0, 6)).toEqual(['line', 'line', 'line', 's3cret', 's3cret', '440'])
    const named = 'Name:\tkubernetes.default.svc.cluster.local'
    for (const line of ['tool', 'read-only', 'x', 'Dockerfile', 'clean', 'lo', '1000', 'I am a script', named])
      expect(shown).toContain(line)
    expect(shown.find((line) => line.startsWith('Seccomp:'))).toMatch(/2$/)
    expect(await leftovers()).toEqual([])
  })

  it('take archives apart and fetch files', async () => {
    const tar = await bytesOf(
      writeTar([
        { path: 'd/', type: 'directory', mode: 0o750, uid: 7, gid: 8 },
        { path: 'd/f', mode: 0o640, uid: 7, gid: 8, content: new TextEncoder().encode('in') },
      ]),
    )
    const server = createServer((_, response) => void response.end('fetched'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    try {
      const dockerfile = [
        'FROM base:1',
        'ADD a.tar.gz /x',
        'ADD plain /x/',
        `ADD --checksum=sha256:${'0'.repeat(64)} ${url}/remote /y/`,
        'RUN stat -c %a:%u:%g:%n /x/d /x/d/f /x/plain /y/remote; cat /y/remote',
      ].join('\n')
      const files = { 'a.tar.gz': new Uint8Array(gzipSync(tar)), plain: 'p' }
      const wrong = await build(contextOf({ Dockerfile: dockerfile, ...files }))
      expect(wrong.stderr).toMatch(/digest mismatch sha256:[0-9a-f]{64}/)
      const right = /digest mismatch sha256:([0-9a-f]{64})/.exec(wrong.stderr)?.[1] ?? ''
      const lines = await printed(dockerfile.replace(/sha256:[0-9a-f]{64}/, `sha256:${right}`), files)
      expect(lines).toEqual(['750:7:8:/x/d', '640:7:8:/x/d/f', '644:0:0:/x/plain', '600:0:0:/y/remote', 'fetched'])
    } finally {
      server.close()
    }
  })

  it('read and write nothing outside, whatever links a context and an image have', async () => {
    mkdirSync('/tmp/escaped', { recursive: true })
    try {
      writeFileSync(path.join(folder, 'outside'), 'outside')
      const context = contextOf({
        Dockerfile: 'FROM base:1\nCOPY . /c/\nCOPY a /escape/\nRUN cat /c/link /c/up; ls /tmp/escaped',
        a: 'a',
      })
      symlinkSync(path.join(folder, 'outside'), path.join(context, 'link'))
      symlinkSync('../outside', path.join(context, 'up'))
      const { stderr } = await build(context, '--no-cache')
      expect(stderr).not.toMatch(/\d outside$/m)
      expect(stderr).toMatch(/cat: can't open '\/c\/link'/)
      expect(stderr).toMatch(/#\d+ [\d.]+ a$/m)
      expect(readdirSync('/tmp/escaped')).toEqual([])
      const named = contextOf({ Dockerfile: 'FROM base:1\nCOPY link /x' })
      symlinkSync(path.join(folder, 'outside'), path.join(named, 'link'))
      expect((await build(named)).stderr).toContain('"/link": not found')
    } finally {
      rmSync('/tmp/escaped', { recursive: true, force: true })
    }
  })

  it('say what is wrong, and where', async () => {
    const failing = await build(contextOf({ Dockerfile: 'FROM base:1\nRUN echo so far; exit 7\n' }))
    expect(failing.code).toBe(1)
    expect(failing.stderr).toContain(
      'process "/bin/sh -c echo so far; exit 7" did not complete successfully: exit code: 7',
    )
    expect(failing.stderr).toContain('   2 | >>> RUN echo so far; exit 7')
    const wrong = await build(contextOf({ Dockerfile: 'FROM base:1\n\nFORM x' }))
    expect(wrong.stderr).toContain('dockerfile parse error on line 3: unknown instruction: FORM')
    expect((await build(contextOf({ x: '' }))).stderr).toContain('failed to read dockerfile')
    expect(await leftovers()).toEqual([])
  })

  it('that nobody waits for any more end, and leave nothing', async () => {
    const context = contextOf({ Dockerfile: 'FROM base:1\nRUN echo begun; sleep 100042\n' })
    const child = spawn(path.resolve('coracle'), ['--name', cluster.name, 'image', 'build', context], {
      stdio: 'pipe',
      detached: true,
    })
    const output = outputOf(child)
    await eventually(
      async () => output(),
      (text) => /\d begun$/m.test(text),
    )
    process.kill(-(child.pid ?? 0), 'SIGINT')
    await eventually(leftovers, (left) => left.length === 0)
    const processes = (await run('ps', ['-eo', 'args'])).stdout.split('\n')
    expect(processes.filter((line) => line === 'sleep 100042')).toEqual([])
  })
})
