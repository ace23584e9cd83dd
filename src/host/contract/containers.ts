import { expect, it } from 'vitest'
import { makeEnder } from '../../api/ending.ts'
import type { ContainerStart, ContainerStatus, ContainerStreams, Containers } from '../../ports/containers.ts'

export type ContainersUnderTest = Readonly<{
  containers: Containers
  run: <T>(promise: Promise<T>) => Promise<T>
  /** exits: with 7, at once. waits: for ever, and ends at SIGTERM with 143. deaf: only at SIGKILL. missing: no such program. */
  start(program: 'exits' | 'waits' | 'deaf' | 'missing'): ContainerStart
  /** When the program (waits or deaf) itself runs, not only its container. */
  ready(start: ContainerStart): Promise<void>
}>

function silent(): ContainerStreams & Readonly<{ output(): string; leave(): void }> {
  let output = ''
  const leave = makeEnder()
  const add = async (chunk: Uint8Array): Promise<void> => {
    output += new TextDecoder().decode(chunk)
  }
  return { stdout: add, stderr: add, closed: leave.signal, output: () => output, leave: () => leave.abort() }
}

export function containersContract(make: () => Promise<ContainersUnderTest>): void {
  const ends = ({ containers }: ContainersUnderTest, id: string): Promise<ContainerStatus> =>
    new Promise((resolve) => containers.onExit((ended, status) => ended === id && resolve(status)))

  it('tells the end of a container once, with its exit code and times', async () => {
    const under = await make()
    const { containers, run, start } = under
    const exits = start('exits')
    const told: ContainerStatus[] = []
    containers.onExit((id, status) => id === exits.id && told.push(status))
    const ended = ends(under, exits.id)
    const begun = await run(containers.start(exits))
    expect(begun.ok ? '' : begun.error.message).toBe('')
    const status = await run(ended)
    expect(status).toMatchObject({ state: 'exited', exitCode: 7, oomKilled: false })
    expect((await run(containers.list())).get(exits.id)).toEqual(status)
    expect((await run(containers.kill(exits.id, 15))).ok).toBe(false)
    await run(containers.remove(exits.id))
    expect(told).toHaveLength(1)
  })

  it('lists what runs, ends it by signals, and forgets what is removed', async () => {
    const under = await make()
    const { containers, run, start, ready } = under
    const [waits, deaf] = [start('waits'), start('deaf')]
    await run(Promise.all([containers.start(waits), containers.start(deaf)]))
    await run(Promise.all([ready(waits), ready(deaf)]))
    expect((await run(containers.list())).get(waits.id)?.state).toBe('running')
    const again = await run(containers.start(waits))
    expect(!again.ok && again.error.code).toBe('Exists')
    const ended = ends(under, waits.id)
    await run(containers.kill(deaf.id, 15))
    expect((await run(containers.kill(waits.id, 15))).ok).toBe(true)
    expect(await run(ended)).toMatchObject({ state: 'exited', exitCode: 143 })
    expect((await run(containers.list())).get(deaf.id)?.state).toBe('running')
    const killed = ends(under, deaf.id)
    await run(containers.kill(deaf.id, 9))
    expect(await run(killed)).toMatchObject({ state: 'exited', exitCode: 137 })
    for (const { id } of [waits, deaf]) expect((await run(containers.remove(id))).ok).toBe(true)
    expect((await run(containers.list())).has(waits.id)).toBe(false)
    expect((await run(containers.remove(waits.id))).ok).toBe(true)
  })

  it('removes a container that still runs', async () => {
    const { containers, run, start } = await make()
    const deaf = start('deaf')
    await run(containers.start(deaf))
    expect((await run(containers.remove(deaf.id))).ok).toBe(true)
    expect((await run(containers.list())).size).toBe(0)
  })

  it('says that the program cannot be run, and leaves nothing of the container', async () => {
    const { containers, run, start } = await make()
    const missing = start('missing')
    const refused = await run(containers.start(missing))
    expect(!refused.ok && refused.error.code).toBe('CannotRun')
    expect((await run(containers.list())).has(missing.id)).toBe(false)
  })

  it('runs a command in a container, as long as that runs', async () => {
    const { containers, run, start } = await make()
    const waits = start('waits')
    await run(containers.start(waits))
    const streams = silent()
    const command = { ...waits.config.process, args: ['/bin/sh', '-c', 'echo hello; exit 5'] }
    const outcome = await run(containers.exec(waits.id, { process: command }, streams))
    expect(outcome).toEqual({ ok: true, value: { exitCode: 5, timedOut: false } })
    expect(streams.output()).toBe('hello\n')
    const slow = { ...waits.config.process, args: ['/bin/sh', '-c', 'sleep 60'] }
    const late = await run(containers.exec(waits.id, { process: slow, timeoutMs: 200 }, silent()))
    expect(late.ok && late.value.timedOut).toBe(true)
    const attached = silent()
    const left = containers.attach(waits.id, attached, false)
    attached.leave()
    expect((await run(left)).ok).toBe(true)
    await run(containers.remove(waits.id))
    const gone = await run(containers.exec(waits.id, { process: command }, silent()))
    expect(!gone.ok && gone.error.code).toBe('NotRunning')
    const nobody = await run(containers.attach(waits.id, silent(), false))
    expect(nobody.ok).toBe(false)
  })
}
