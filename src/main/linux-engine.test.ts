import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { linuxCodec } from '../host/linux/codec.ts'
import type { Engine } from '../runtime/engine/engine.ts'
import { buildImage, imageArchive } from '../runtime/images/image-archive.ts'
import { able, busybox, end, hasCrun, linuxEngineBench, security, seen, value } from './test-linux-engine.ts'

const { name, base, runDirectory, open, openFirst, sandboxSpec, containerSpec, begin, run, remove } =
  linuxEngineBench('test')

describe.runIf(able)('the engine on Linux', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openFirst()
  })
  afterAll(() => remove(engine))

  it('tells the exit code, and writes the log in CRI format', async () => {
    const { container, log } = await run(engine, 'echo out; echo err >&2; exit 7')
    expect([container.exitCode, container.reason]).toEqual([7, 'Error'])
    expect(log).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+\S+ stdout F out$/m)
    expect(log).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+\S+ stderr F err$/m)
    expect(container.finishedAtMs).toBeGreaterThanOrEqual(container.startedAtMs ?? Number.POSITIVE_INFINITY)
  })

  it('shows whiteouts, opaque directories, the working directory and the environment of the image', async () => {
    const more = { env: [{ name: 'B', value: 'pod' }] }
    const { output } = await run(engine, 'exec 2>&1; pwd; ls /dir; ls /gone; echo $A $B $HOSTNAME', more)
    expect(output.split('\n')).toEqual(['/dir', 'new', expect.stringContaining('No such file'), 'image pod box'])
  })

  it('runs as the user, groups, capabilities and limits that the plan says', async () => {
    const script =
      'id; grep -E "CapEff|NoNewPrivs|Seccomp:" /proc/self/status; touch /x || true; unshare -U true || true'
    const more = {
      security: { ...security, runAsUser: 1000, supplementalGroups: [3000], readOnlyRootFilesystem: true },
    }
    const { output } = await run(engine, script, more)
    expect(output).toContain('uid=1000(app) gid=1000(app) groups=1000(app),2000(extra),3000')
    expect(output).toMatch(/CapEff:\s+0+\n/)
    expect(output).toMatch(/NoNewPrivs:\s+1/)
    expect(output).toMatch(/Seccomp:\s+2/)
    expect(output).toContain('Read-only file system')
    expect(output).toContain('unshare(0x10000000): Operation not permitted')
  })

  it('holds later containers to the same system calls as the first', async () => {
    const call = 'unshare -U true; mount -t tmpfs x /tmp; grep Seccomp: /proc/self/status'
    for (let at = 0; at < 2; at++) {
      const { output } = await run(engine, `exec 2>&1; ${call}`)
      expect(output).toMatch(/unshare.*not permitted\n.*permission denied.*\nSeccomp:\s+2/)
    }
    const config = [...readdirSync(`${runDirectory}/containers/containers`)].map((id) =>
      readFileSync(`${runDirectory}/containers/containers/${id}/config.json`, 'utf8'),
    )
    expect(!hasCrun || config.some((text) => text.includes('run.oci.seccomp_bpf_data'))).toBe(true)
  })

  it('says that a container was killed for want of memory', async () => {
    const eat = 'x=$(dd if=/dev/zero bs=1M count=64 2>/dev/null | tr "\\0" x)'
    const { container } = await run(engine, eat, { resources: { oomScoreAdj: 0, memoryLimitBytes: 16 << 20 } })
    expect([container.reason, container.exitCode]).toEqual(['OOMKilled', 137])
  })

  it('says why a program cannot be run', async () => {
    const { id: sandboxId } = value(await engine.runSandbox(sandboxSpec()))
    const { id } = value(await engine.createContainer(sandboxId, containerSpec('', { command: ['/no/such'] })))
    const started = await engine.startContainer(id)
    expect(!started.ok && started.error.message).toMatch(/no\/such.*[Nn]o such file/)
    expect(seen(engine, id)).toMatchObject({ state: 'exited', reason: 'StartError', exitCode: 128 })
  })

  it('stops by the signal the program knows, and kills the one that does not listen', async () => {
    const polite = await begin(engine, 'trap "exit 3" TERM; echo up; while :; do sleep 0.05; done')
    const deaf = await begin(engine, 'trap "" TERM; while :; do sleep 0.05; done')
    await Promise.all([engine.stopContainer(polite.id, 20), engine.stopContainer(deaf.id, 1)])
    expect(seen(engine, deaf.id)?.exitCode).toBe(137)
    expect(seen(engine, polite.id)?.exitCode).toBe(3)
  })

  it('reports a container whose process is killed from outside', async () => {
    const { id } = await begin(engine, 'while :; do sleep 1; done')
    const pid = Number(readFileSync(`${runDirectory}/containers/containers/${id}/pid`, 'utf8'))
    process.kill(pid, 'SIGKILL')
    expect(await end(engine, id)).toMatchObject({ state: 'exited', exitCode: 137, reason: 'Error' })
  })

  it('counts what a container uses', async () => {
    const { id } = await begin(engine, 'while :; do sleep 1; done')
    const stats = (await engine.stats()).find(({ containerId }) => containerId === id)
    expect(stats?.pids).toBeGreaterThanOrEqual(1)
    expect(stats?.memoryWorkingSetBytes).toBeGreaterThan(0)
  })

  it('finds everything again after a restart of its process, also what ended meanwhile', async () => {
    const stays = await begin(engine, 'while :; do sleep 1; done')
    const ends = await begin(engine, 'trap "exit 6" TERM; while :; do sleep 0.02; done')
    await engine.execSync(ends.id, ['true'], 10_000, 10)
    await engine.shutdown()
    const pid = Number(readFileSync(`${runDirectory}/containers/containers/${ends.id}/pid`, 'utf8'))
    process.kill(pid, 'SIGTERM')
    while (!existsSync(`${runDirectory}/containers/exits/${ends.id}`))
      await new Promise((resolve) => setTimeout(resolve, 5))
    engine = await open()
    expect(seen(engine, stays.id)?.state).toBe('running')
    expect(seen(engine, ends.id)).toMatchObject({ state: 'exited', exitCode: 6 })
    expect(engine.sandboxes().find(({ id }) => id === stays.sandboxId)?.state).toBe('ready')
    expect((await engine.imageStatus('busybox:test'))?.tags).toEqual(['docker.io/library/busybox:test'])
    value(await engine.stopContainer(stays.id, 0))
    expect(seen(engine, stays.id)).toMatchObject({ state: 'exited', exitCode: 137 })
  })

  it('removes what operations that a crash cut short have left', async () => {
    const { id, sandboxId } = await begin(engine, 'while :; do sleep 1; done')
    await engine.shutdown()
    // As if the process had died before it wrote the records.
    rmSync(`${base}/lib/containers/${id}.json`)
    rmSync(`${base}/lib/sandboxes/${sandboxId}.json`)
    const pid = Number(readFileSync(`${runDirectory}/containers/containers/${id}/pid`, 'utf8'))
    engine = await open()
    expect(seen(engine, id)).toBeUndefined()
    expect(existsSync(`/proc/${pid}`)).toBe(false)
    expect(existsSync(`${runDirectory}/containers/containers/${id}`)).toBe(false)
    expect(readdirSync('/run/netns').filter((entry) => entry.includes(sandboxId.slice(0, 16)))).toEqual([])
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    expect([mounts.includes(id), mounts.includes(sandboxId)]).toEqual([false, false])
  })

  it('runs an image without layers', async () => {
    const image = await buildImage(linuxCodec(), { name: 'empty:1', layers: [] })
    value(await engine.images.load(imageArchive(image)))
    const mount = { hostPath: busybox, containerPath: '/busybox', readOnly: true, propagation: 'private' as const }
    const more = { image: 'empty:1', mounts: [mount], command: ['/busybox', 'echo', 'hello'] }
    const { output } = await run(engine, '', more)
    expect(output).toBe('hello')
  })

  it('shares layers, and gives each container writing of its own', async () => {
    const one = await run(engine, 'echo changed > /etc/passwd; cat /etc/passwd')
    const two = await run(engine, 'head -n1 /etc/passwd')
    expect([one.output, two.output]).toEqual(['changed', 'root:x:0:0::/root:/bin/sh'])
    const layers = readdirSync(`${base}/lib/images/layers`).filter((entry) => /^[0-9a-f]{12}$/.test(entry))
    expect(layers).toHaveLength(2)
  })

  it('leaves nothing behind', async () => {
    await begin(engine, 'while :; do sleep 1; done')
    await engine.teardown()
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    expect(mounts).not.toContain(name)
    expect(existsSync(runDirectory)).toBe(false)
    const cgroups = execFileSync('find', ['/sys/fs/cgroup', '-maxdepth', '2', '-name', `coracle-${name}`]).toString()
    expect(cgroups).toBe('')
    const netns = existsSync('/run/netns') ? readdirSync('/run/netns').filter((entry) => entry.includes(name)) : []
    expect(netns).toEqual([])
    const processes = execFileSync('ps', ['-eo', 'args']).toString()
    expect(processes.split('\n').filter((line) => line.includes(runDirectory))).toEqual([])
  })
})
