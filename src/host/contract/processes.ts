import { expect, it } from 'vitest'
import type { Processes } from '../../ports/processes.ts'

export type ProcessesUnderTest = Readonly<{ processes: Processes; run: <T>(promise: Promise<T>) => Promise<T> }>

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (content: Uint8Array): string => new TextDecoder().decode(content)
const options = { timeoutMs: 10_000, outputLimitBytes: 1000 }

export function processesContract(make: () => ProcessesUnderTest): void {
  it('runs a program to its end, with arguments, input, output and exit code', async () => {
    const { processes, run } = make()
    const cat = await run(processes.run({ argv: ['cat'] }, { ...options, stdin: bytes('through') }))
    expect(cat.ok && [cat.value.exitCode, text(cat.value.stdout), cat.value.timedOut]).toEqual([0, 'through', false])
    const echo = await run(processes.run({ argv: ['echo', 'a b', 'c'] }, options))
    expect(echo.ok && text(echo.value.stdout)).toBe('a b c\n')
    const no = await run(processes.run({ argv: ['false'] }, options))
    expect(no.ok && no.value.exitCode).toBe(1)
  })

  it('says that there is no such program', async () => {
    const { processes, run } = make()
    const missing = await run(processes.run({ argv: ['no-such-program'] }, options))
    expect(!missing.ok && missing.error.code).toBe('NotFound')
  })

  it('kills a program that takes too long, and cuts what it writes too much', async () => {
    const { processes, run } = make()
    const late = await run(processes.run({ argv: ['sleep', '60'] }, { ...options, timeoutMs: 50 }))
    expect(late.ok && late.value.timedOut).toBe(true)
    const long = await run(
      processes.run({ argv: ['cat'] }, { ...options, outputLimitBytes: 3, stdin: bytes('0123456789') }),
    )
    expect(long.ok && text(long.value.stdout)).toBe('012')
  })

  it('carries bytes both ways while a program runs, and ends it with its input or by a signal', async () => {
    const { processes, run } = make()
    const started = await run(processes.start({ argv: ['cat'] }))
    if (!started.ok) throw new Error(started.error.message)
    const output = started.value.stdout[Symbol.asyncIterator]()
    await run(started.value.write(bytes('one')))
    expect(text((await run(output.next())).value)).toBe('one')
    await run(started.value.write(bytes('two')))
    expect(text((await run(output.next())).value)).toBe('two')
    started.value.closeStdin()
    expect((await run(output.next())).done).toBe(true)
    const { stderr } = started.value
    const drained = (async () => {
      for await (const _ of stderr);
    })()
    await run(drained)
    expect(await run(started.value.ended)).toEqual({ exitCode: 0 })
    const killed = await run(processes.start({ argv: ['sleep', '60'] }))
    if (!killed.ok) throw new Error(killed.error.message)
    killed.value.kill('SIGKILL')
    const { stdout: none, stderr: nothing } = killed.value
    await run(
      (async () => {
        for await (const _ of none);
        for await (const _ of nothing);
      })(),
    )
    expect(await run(killed.value.ended)).toEqual({ exitCode: 137 })
  })

  it('runs many programs beside each other', async () => {
    const { processes, run } = make()
    const numbers = Array.from({ length: 20 }, (_, at) => String(at))
    const echoes = await run(Promise.all(numbers.map((number) => processes.run({ argv: ['echo', number] }, options))))
    expect(echoes.map((echo) => echo.ok && text(echo.value.stdout).trim())).toEqual(numbers)
  })
}
