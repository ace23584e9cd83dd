import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Engine } from '../runtime/engine/engine.ts'
import { able, bytes, end, hand, linuxEngineBench, security, seen, terminal, value } from './test-linux-engine.ts'

const { openFirst, sandboxSpec, containerSpec, begin, remove } = linuxEngineBench('streams')

describe.runIf(able)('commands and connections on Linux', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openFirst()
  })
  afterAll(() => remove(engine))

  it('runs commands in a container, each with its own output, exit code and time limit', async () => {
    const { id } = await begin(engine, 'while :; do sleep 1; done')
    const exec = async (script: string, timeoutMs = 10_000, limit = 1000) => {
      const { exitCode, stdout, stderr, timedOut } = value(
        await engine.execSync(id, ['sh', '-c', script], timeoutMs, limit),
      )
      return [exitCode, new TextDecoder().decode(stdout), new TextDecoder().decode(stderr), timedOut]
    }
    expect(await exec('echo $A; echo e >&2; exit 5')).toEqual([5, 'image\n', 'e\n', false])
    expect(await exec('echo 0123456789', 10_000, 4)).toEqual([0, '0123', '', false])
    expect((await exec('sleep 30', 300)).at(-1)).toBe(true)
    const missing = await engine.execSync(id, ['/no/such'], 10_000, 1000)
    expect(!missing.ok && missing.error.message).toMatch(/no\/such/)
    expect(await exec('ps | grep -c "[s]leep 30"')).toEqual([1, '0\n', '', false])
  })

  it('carries standard input to a command, and its end', async () => {
    const { id } = await begin(engine, 'while :; do sleep 1; done')
    async function* input() {
      yield bytes('hello ')
      yield bytes('there')
    }
    const { io, output } = terminal(input())
    expect(value(await engine.exec(id, ['tr', 'a-z', 'A-Z'], false, io))).toEqual({ exitCode: 0 })
    expect(output()).toBe('HELLO THERE')
  })

  it('gives a command a terminal, with its size as it changes, and its exit code', async () => {
    const { id } = await begin(engine, 'while :; do sleep 1; done')
    const input = hand<Uint8Array>()
    const sizes = hand<Readonly<{ columns: number; rows: number }>>()
    const { io, until, output } = terminal(input.all, sizes.all)
    sizes.give({ columns: 80, rows: 24 })
    const sized = (size: string) => `until [ "$(stty size)" = "${size}" ]; do sleep 0.02; done; echo is ${size}`
    const script = `echo ready; ${sized('24 80')}; ${sized('50 132')}; read x; [ "$x" = end ] && exit 9`
    const ended = engine.exec(id, ['sh', '-c', script], true, io)
    await until('is 24 80')
    sizes.give({ columns: 132, rows: 50 })
    await until('is 50 132')
    input.give(bytes('end\n'))
    expect(value(await ended)).toEqual({ exitCode: 9 })
    expect(output()).toContain('ready\r\n')
    const missing = await engine.exec(id, ['/no/such'], true, terminal().io)
    expect(!missing.ok && missing.error.message).toMatch(/no\/such/)
  })

  it('attaches to the streams of the container itself, without mixing them up', async () => {
    const { id } = await begin(engine, 'echo early; while read x; do echo "got $x"; echo "err $x" >&2; done; exit 4', {
      stdin: true,
      stdinOnce: true,
    })
    const input = hand<Uint8Array>()
    const { io, until, output } = terminal(input.all)
    const attached = engine.attach(id, io)
    input.give(bytes('one\n'))
    await until('err one')
    input.give(bytes('two\n'))
    await until('err two')
    input.finish()
    value(await attached)
    expect(output()).toMatch(/got one\n(.|\n)*got two\n/)
    expect((await end(engine, id)).exitCode).toBe(4)
  })

  it('lets go of whoever attached when the container ends, though their input goes on', async () => {
    const { id } = await begin(engine, 'read x; exit 8', { stdin: true })
    const input = hand<Uint8Array>()
    const attached = engine.attach(id, terminal(input.all).io)
    input.give(bytes('x\n'))
    value(await attached)
    expect((await end(engine, id)).exitCode).toBe(8)
  })

  it('keeps a container running when whoever attached leaves', async () => {
    const { id } = await begin(engine, 'while :; do echo tick; sleep 0.05; done', { tty: true })
    const { io, until, leave } = terminal()
    const attached = engine.attach(id, io)
    await until('tick')
    leave()
    value(await attached)
    expect(seen(engine, id)?.state).toBe('running')
  })

  it('shares host name, shared memory and loopback among the containers of a pod', async () => {
    const { id: sandboxId } = value(await engine.runSandbox(sandboxSpec({ sysctls: { 'net.core.somaxconn': '77' } })))
    const add = async (script: string) => {
      const { id, logPath } = value(await engine.createContainer(sandboxId, containerSpec(script)))
      value(await engine.startContainer(id))
      return { id, logPath }
    }
    await end(engine, (await add('echo hello > /dev/shm/x')).id)
    const reader = await add('cat /dev/shm/x; hostname; cat /proc/sys/net/core/somaxconn')
    await end(engine, reader.id)
    expect(readFileSync(reader.logPath, 'utf8')).toMatch(/F hello\n.*F box\n.*F 77\n/)
  })

  it('connects to a port inside the pod', async () => {
    const { id, sandboxId } = await begin(engine, 'while :; do echo pong | nc -l -p 7007; done')
    const listening = 'while ! grep -q :1B5F /proc/net/tcp*; do sleep 0.02; done'
    value(await engine.execSync(id, ['sh', '-c', listening], 10_000, 10))
    const duplex = value(await engine.portForward(sandboxId, 7007))
    let heard = ''
    for await (const chunk of duplex.readable) {
      heard += new TextDecoder().decode(chunk)
      if (heard.includes('\n')) break
    }
    expect(heard).toBe('pong\n')
    duplex.destroy()
  })

  it('refuses a port where nobody listens', async () => {
    const { id: sandboxId } = value(await engine.runSandbox(sandboxSpec()))
    expect((await engine.portForward(sandboxId, 9)).ok).toBe(false)
  })

  it('confines a command in a container as the container itself', async () => {
    const { id } = await begin(engine, 'while :; do sleep 1; done', { security: { ...security, runAsUser: 1000 } })
    const status = value(
      await engine.execSync(
        id,
        ['sh', '-c', 'id -u; grep -E "Seccomp:|NoNewPrivs|CapBnd" /proc/self/status'],
        10_000,
        1000,
      ),
    )
    expect(new TextDecoder().decode(status.stdout)).toMatch(
      /^1000\nCapBnd:\s+0*a80425fb\nNoNewPrivs:\s+1\nSeccomp:\s+2\n$/,
    )
  })
})
