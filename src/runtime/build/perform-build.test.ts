import { describe, expect, it } from 'vitest'
import { makeEnder } from '../../api/ending.ts'
import { ok } from '../../api/result.ts'
import { simRun } from '../../host/contract/sim-run.ts'
import { simCgroups } from '../../host/sim/cgroups.ts'
import { simClock } from '../../host/sim/clock.ts'
import { simCodec } from '../../host/sim/codec.ts'
import { simContainers } from '../../host/sim/containers.ts'
import { simDisk } from '../../host/sim/disk.ts'
import { simLog } from '../../host/sim/log.ts'
import { simMounts } from '../../host/sim/mounts.ts'
import { simNamespaces } from '../../host/sim/namespaces.ts'
import { simRandom } from '../../host/sim/random.ts'
import { simStreams } from '../../host/sim/streams.ts'
import type { Workload } from '../../host/sim/workload.ts'
import { type Engine, makeEngine } from '../engine/engine.ts'
import { writeTar } from '../images/tar-writer.ts'
import type { BuildProgress } from './build-progress.ts'
import type { BuildRequest } from './build-run.ts'

/** The real engine on a simulated machine, where programs are what the table says. */
function machine(workloads: Readonly<Record<string, Workload>>) {
  const clock = simClock()
  const random = simRandom(1)
  const disk = simDisk({ clock, random })
  const cgroups = simCgroups({ clock })
  const parts = {
    namespaces: simNamespaces({ clock }),
    mounts: simMounts({ clock, disk }),
    cgroups,
    containers: simContainers({
      clock,
      random,
      cgroups,
      disk,
      workloads: ({ config }) => workloads[config.process.args[0] ?? ''] ?? {},
    }),
  }
  const run = simRun(clock)
  const attached = new Set<string>()
  const open = (): Promise<Engine> =>
    run(
      makeEngine({
        ...parts,
        name: 'sim',
        directory: '/lib',
        runDirectory: '/run/sim',
        clock,
        random,
        disk,
        codec: simCodec({ clock }),
        http: { listen: never, request: never, upgrade: never },
        streams: simStreams({ clock }),
        network: {
          attach: async (id) => {
            attached.add(id)
            return ok({ ips: ['10.0.0.1'] })
          },
          detach: async (id) => {
            attached.delete(id)
            return ok(undefined)
          },
        },
        log: simLog(clock),
      }),
    )
  /** What builds have left: files, mounts, containers, networks. */
  const leftovers = async (): Promise<readonly unknown[]> => {
    const folders = [
      '/lib/builds',
      '/lib/sandboxes',
      '/lib/containers',
      '/lib/writable',
      '/run/sim/roots',
      '/run/sim/builds',
    ]
    const files: string[] = []
    for (const folder of folders) if (await run(disk.exists(folder))) files.push(...(await run(disk.list(folder))))
    const containers = [...(await run(parts.containers.list())).keys()]
    return [...files, ...containers, ...attached, ...(await run(parts.mounts.list('/run/sim')))]
  }
  return { clock, run, open, leftovers, disk, ...parts }
}

const never = async (): Promise<never> => {
  throw new Error('no network here')
}

function request(dockerfile: string, more: Partial<BuildRequest> = {}): BuildRequest {
  return {
    dockerfile,
    options: { target: '', buildArgs: {}, labels: {} },
    tags: ['built:1'],
    noCache: false,
    pull: false,
    secrets: {},
    auths: {},
    network: 'default',
    ...more,
  }
}

const context = (files: Readonly<Record<string, string>>): AsyncIterable<Uint8Array> =>
  writeTar(Object.entries(files).map(([path, text]) => ({ path, content: new TextEncoder().encode(text) })))

/** Builds, and gives what was told: step names with their ends, and output. */
async function build({ run }: ReturnType<typeof machine>, engine: Engine, asked: BuildRequest, closed = makeEnder()) {
  const told: BuildProgress[] = []
  const result = await run(
    engine.images.build(asked, context({ a: 'a' }), (each) => void told.push(each), closed.signal),
  )
  const names = new Map(told.flatMap((each) => (each.type === 'step' ? [[each.step, each.name]] : [])))
  const ends = told.flatMap((each) =>
    each.type === 'done'
      ? [`${names.get(each.step)} ${each.isCached ? 'CACHED' : 'DONE'}`]
      : each.type === 'failed'
        ? [`${names.get(each.step)} ${each.message}`]
        : [],
  )
  const output = told.flatMap((each) => (each.type === 'output' ? [each.text] : [])).join('')
  return { result, ends, output }
}

describe('a build', () => {
  it('makes an image of files and commands, tells what these say, and does nothing twice', async () => {
    const made = machine({ '/make': { runsForMs: 5_000, output: ['so', 'far'] } })
    const engine = await made.open()
    const asked = request('FROM scratch AS s\nCOPY a /\nRUN ["/make"]\nFROM scratch\nCOPY --from=s . /\nCMD ["/a"]')
    const first = await build(made, engine, asked)
    expect(first.output).toBe('so\nfar\n')
    expect(first.ends.filter((end) => end.endsWith('CACHED'))).toEqual([])
    const again = await build(made, engine, asked)
    expect(again.result).toEqual(first.result)
    expect(again.ends.slice(0, -1).every((end) => end.endsWith('CACHED'))).toBe(true)
    expect((await made.run(engine.imageStatus('built:1')))?.tags).toEqual(['docker.io/library/built:1'])
    expect(await made.leftovers()).toEqual([])
    await made.run(engine.shutdown())
    // What is known outlives the process; what is pruned is made anew.
    const next = await made.open()
    expect((await build(made, next, asked)).ends.slice(0, -1).every((end) => end.endsWith('CACHED'))).toBe(true)
    await made.run(next.images.prune(false))
    expect((await build(made, next, asked)).ends[0]).toBe('[s 1/2] COPY a / DONE')
  })

  it('builds stages beside each other that do not need each other', async () => {
    const made = machine({ '/slow': { runsForMs: 60_000 } })
    const engine = await made.open()
    const stages = ['a', 'b', 'c'].map((name) => `FROM scratch AS ${name}\nRUN ["/slow"]\nCOPY a /${name}`)
    const begunMs = made.clock.nowMs()
    const { result } = await build(
      made,
      engine,
      request([...stages, 'FROM scratch', ...['a', 'b', 'c'].map((name) => `COPY --from=${name} . /`)].join('\n')),
    )
    expect(result.ok).toBe(true)
    expect(made.clock.nowMs() - begunMs).toBeLessThan(120_000)
  })

  it('tells so much of what a command prints, and no more', async () => {
    const made = machine({ '/loud': { runsForMs: 1, output: Array.from({ length: 5 }, () => 'x'.repeat(1 << 20)) } })
    const { output } = await build(made, await made.open(), request('FROM scratch\nRUN ["/loud"]'))
    expect(output.length).toBeLessThan(4.1 * 2 ** 20)
    expect(output).toMatch(/^x+\nx+\nx+\nx+\n\[the rest is not shown\]\n$/)
  })

  it('ends with the first step that fails, and tells its line', async () => {
    const made = machine({
      '/bad': { runsForMs: 1_000, exitCode: 3, output: ['why'] },
      '/hungry': { oomKilled: true, exitCode: 137, runsForMs: 1 },
    })
    const engine = await made.open()
    const text = 'FROM scratch AS long\nRUN ["/forever"]\nFROM scratch\nCOPY a /\nRUN ["/bad"]\nCOPY --from=long . /'
    const { result, ends } = await build(made, engine, request(text))
    expect(result).toEqual({
      ok: false,
      error: { line: 5, message: 'process "/bad" did not complete successfully: exit code: 3' },
    })
    expect(ends).toContain('[long 1/1] RUN ["/forever"] canceled')
    const hungry = await build(made, engine, request('FROM scratch\nRUN ["/hungry"]'))
    expect(hungry.result).toMatchObject({
      error: { message: expect.stringContaining('exit code: 137 (out of memory)') },
    })
    expect(await made.run(engine.listImages())).toEqual([])
    expect(await made.leftovers()).toEqual([])
  })

  it('ends when nobody wants it any more, and is never seen by the kubelet', async () => {
    const made = machine({})
    const engine = await made.open()
    const closed = makeEnder()
    let seen: readonly unknown[] = ['not looked']
    made.clock.after(30_000, () => {
      seen = [engine.sandboxes(), engine.containers()]
      closed.abort()
    })
    const { result } = await build(made, engine, request('FROM scratch\nRUN ["/forever"]'), closed)
    expect(result).toEqual({ ok: false, error: { message: 'canceled' } })
    expect(seen).toEqual([[], []])
    expect(await made.leftovers()).toEqual([])
  })

  it('is gone with the process that it was in: the next one finds nothing of it', async () => {
    const made = machine({})
    const engine = await made.open()
    void engine.images.build(
      request('FROM scratch\nCOPY a /\nRUN ["/forever"]'),
      context({ a: 'a' }),
      () => {},
      makeEnder().signal,
    )
    await made.run(made.clock.sleep(30_000))
    expect((await made.leftovers()).length).toBeGreaterThan(0)
    made.disk.crash('kill')
    await made.open()
    expect(await made.leftovers()).toEqual([])
  })

  it.each<readonly [dockerfile: string, more: Partial<BuildRequest>, error: object]>([
    ['FORM x', {}, { line: 1, message: 'dockerfile parse error on line 1: unknown instruction: FORM' }],
    ['FROM scratch', { tags: ['A:b'] }, { message: expect.stringContaining('invalid tag "A:b"') }],
    ['FROM scratch\n\nCOPY none /', {}, { line: 3, message: 'failed to compute cache key: "/none": not found' }],
    [
      'FROM scratch\nCOPY --chown=app a /',
      {},
      { line: 2, message: 'unable to find user app: no matching entries in passwd file' },
    ],
    ['FROM scratch\nRUN --mount=type=secret,id=s,required ["/x"]', {}, { line: 2, message: 'secret s: not found' }],
    [
      'FROM scratch\nRUN --mount=source=none,target=/m ["/x"]',
      {},
      { line: 2, message: 'failed to compute cache key: "/none": not found' },
    ],
  ])('of %j is refused', async (dockerfile, more, error) => {
    const made = machine({})
    const { result } = await build(made, await made.open(), request(dockerfile, more))
    expect(result).toEqual({ ok: false, error })
    expect(await made.leftovers()).toEqual([])
  })
})
