import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ContainerStart, Containers } from '../../ports/containers.ts'
import { cgroupFolders, readCgroupLayout } from '../linux/cgroup-layout.ts'
import { linuxCgroups } from '../linux/cgroups.ts'
import { linuxContainers } from '../linux/containers.ts'
import { findProgram } from '../linux/oci-runtime.ts'
import { linuxProcesses } from '../linux/processes.ts'
import { simClock } from '../sim/clock.ts'
import { simContainers } from '../sim/containers.ts'
import { simRandom } from '../sim/random.ts'
import type { Workload } from '../sim/workload.ts'
import { type ContainersUnderTest, containersContract } from './containers.ts'
import { simRun } from './sim-run.ts'

type Program = Parameters<ContainersUnderTest['start']>[0]

const commands: Readonly<Record<Program, readonly string[]>> = {
  exits: ['/bin/sh', '-c', 'exit 7'],
  waits: ['/bin/sh', '-c', 'trap "exit 143" TERM; echo up; while :; do sleep 0.05; done'],
  deaf: ['/bin/sh', '-c', 'trap "" TERM; echo up; while :; do sleep 0.05; done'],
  missing: ['/no/such/program'],
}
let count = 0

async function ready({ logPath }: ContainerStart): Promise<void> {
  while (!existsSync(logPath) || !readFileSync(logPath, 'utf8').includes('up'))
    await new Promise((resolve) => setTimeout(resolve, 5))
}

function startOf(program: Program, folder: string, cgroup: string): ContainerStart {
  count += 1
  const id = `contract-${process.pid}-${count}`
  const config = {
    ociVersion: '1.0.2',
    process: { args: commands[program], env: ['PATH=/bin'], cwd: '/', terminal: false, user: { uid: 0, gid: 0 } },
    root: { path: `${folder}/root`, readonly: true },
    annotations: {},
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs' },
    ],
    linux: {
      cgroupsPath: `${cgroup}/${id}`,
      namespaces: [{ type: 'pid' }, { type: 'mount' }, { type: 'ipc' }, { type: 'uts' }, { type: 'network' }],
    },
  }
  return { id, config, logPath: `${folder}/${id}.log`, stdin: 'closed' }
}

const busybox = '/bin/busybox'
const runtimes = ['crun', 'runc'].flatMap((name) => findProgram(name) ?? [])
const able = process.getuid?.() === 0 && existsSync(busybox) && findProgram('conmon') !== undefined

describe.runIf(able).each(runtimes)('the containers of Linux under %s', (runtime) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coracle-containers-'))
  const cgroup = `/coratest-${process.pid}-${path.basename(runtime)}`
  let containers: Containers
  const open = () =>
    linuxContainers({
      processes: linuxProcesses(),
      directory: `${folder}/run`,
      monitorCgroup: `${cgroup}/monitors`,
      runtime,
      lookEveryMs: 100,
    })
  beforeAll(async () => {
    mkdirSync(`${folder}/root/bin`, { recursive: true })
    for (const name of ['proc', 'dev']) mkdirSync(`${folder}/root/${name}`)
    copyFileSync(busybox, `${folder}/root/bin/busybox`)
    for (const applet of ['sh', 'sleep', 'echo']) symlinkSync('busybox', `${folder}/root/bin/${applet}`)
    containers = await open()
  })
  afterAll(async () => {
    for (const id of (await containers.list()).keys()) await containers.remove(id)
    containers.close()
    const cgroups = linuxCgroups()
    await cgroups.killAll(cgroup)
    await cgroups.remove(cgroup)
    rmSync(folder, { recursive: true, force: true })
  })
  const start = (program: Program) => startOf(program, folder, cgroup)
  containersContract(async () => ({ containers, run: (promise) => promise, start, ready }))

  it('are found again by a later process, which is told of their end', async () => {
    const waits = start('waits')
    await containers.start(waits)
    await ready(waits)
    containers.close()
    containers = await open()
    expect((await containers.list()).get(waits.id)?.state).toBe('running')
    const ended = new Promise((resolve) => containers.onExit((id, status) => id === waits.id && resolve(status)))
    await containers.kill(waits.id, 15)
    expect(await ended).toMatchObject({ state: 'exited', exitCode: 143 })
    await containers.remove(waits.id)
  })

  it('end when their monitor is killed, for nobody would see how they do', async () => {
    const waits = start('waits')
    await containers.start(waits)
    await ready(waits)
    const ended = new Promise((resolve) => containers.onExit((id, status) => id === waits.id && resolve(status)))
    process.kill(Number(readFileSync(`${folder}/run/containers/${waits.id}/monitor-pid`, 'utf8')), 'SIGKILL')
    expect(await ended).toEqual({ state: 'lost' })
    await containers.remove(waits.id)
  })

  it('are killed though they are frozen', async () => {
    const waits = start('waits')
    await containers.start(waits)
    await ready(waits)
    const ended = new Promise((resolve) => containers.onExit((id, status) => id === waits.id && resolve(status)))
    for (const [file, text] of [
      ['freezer.state', 'FROZEN'],
      ['cgroup.freeze', '1'],
    ] as const)
      for (const folder of cgroupFolders(readCgroupLayout(), `${cgroup}/${waits.id}`))
        if (existsSync(`${folder}/${file}`)) writeFileSync(`${folder}/${file}`, text)
    expect((await containers.kill(waits.id, 9)).ok).toBe(true)
    expect(await ended).toMatchObject({ state: 'exited', exitCode: 137 })
    await containers.remove(waits.id)
  })

  it('are lost when their monitor is killed with them, and are not taken for running', async () => {
    const deaf = start('deaf')
    await containers.start(deaf)
    const bundle = `${folder}/run/containers/${deaf.id}`
    process.kill(Number(readFileSync(`${bundle}/monitor-pid`, 'utf8')), 'SIGKILL')
    process.kill(Number(readFileSync(`${bundle}/pid`, 'utf8')), 'SIGKILL')
    while ((await containers.list()).get(deaf.id)?.state === 'running')
      await new Promise((resolve) => setTimeout(resolve, 5))
    expect((await containers.list()).get(deaf.id)).toEqual({ state: 'lost' })
    await containers.remove(deaf.id)
  })
})

const workloads: Readonly<Record<Program, Workload>> = {
  exits: { runsForMs: 0, exitCode: 7 },
  waits: {
    exec: (args) =>
      args[2]?.startsWith('sleep') === true ? { exitCode: 0, takesMs: 60_000 } : { exitCode: 5, stdout: 'hello\n' },
  },
  deaf: { termination: 'ignored' },
  missing: { refusal: 'executable file not found' },
}

function workloadOf({ config }: ContainerStart): Workload {
  const program = (Object.keys(commands) as Program[]).find((name) => commands[name] === config.process.args)
  return program === undefined ? {} : workloads[program]
}

describe('the simulated containers', () => {
  containersContract(async () => {
    const clock = simClock()
    const containers = simContainers({ clock, random: simRandom(1), workloads: workloadOf })
    return { containers, run: simRun(clock), start: (program) => startOf(program, '/x', '/sim'), ready: async () => {} }
  })

  it('crash by chance, the same way for the same seed, and are gone when the machine crashes', async () => {
    const story = async (seed: number) => {
      const clock = simClock()
      const containers = simContainers({
        clock,
        random: simRandom(seed),
        workloads: () => ({ crashesAfterMs: 10_000 }),
      })
      const ends: number[] = []
      containers.onExit((_, status) => status.state === 'exited' && ends.push(status.finishedAtMs))
      const run = simRun(clock)
      for (let at = 0; at < 5; at++) await run(containers.start(startOf('waits', '/x', '/sim')))
      await clock.runUntil(clock.nowMs() + 1_000_000)
      containers.crash()
      return { ends, left: (await run(containers.list())).size }
    }
    const [one, same, other] = [await story(1), await story(1), await story(2)]
    expect(one.ends).toHaveLength(5)
    expect(same).toEqual(one)
    expect(other.ends).not.toEqual(one.ends)
    expect(one.left).toBe(0)
  })
})
