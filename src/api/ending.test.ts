import { expect, it } from 'vitest'
import { type Ender, makeEnder } from './ending.ts'

const makers: readonly (readonly [string, () => Ender])[] = [
  ['an ending', makeEnder],
  ['an AbortSignal', () => new AbortController()],
]

it.each(makers)('%s tells each listener once, in their order, and none that has gone', (_, make) => {
  const heard: string[] = []
  const ender = make()
  const [first, second] = [(): void => void heard.push('first'), (): void => void heard.push('second')]
  const gone = (): void => void heard.push('gone')
  for (const listener of [first, gone, second, first]) ender.signal.addEventListener('abort', listener)
  ender.signal.removeEventListener('abort', gone)
  expect([ender.signal.aborted, heard]).toEqual([false, []])
  ender.abort()
  ender.abort()
  expect([ender.signal.aborted, heard]).toEqual([true, ['first', 'second']])
})

it.each(makers)('%s that has come says so, and calls nobody afterwards', (_, make) => {
  const ender = make()
  ender.abort()
  ender.signal.addEventListener('abort', () => expect.fail('called'))
  ender.abort()
  expect(ender.signal.aborted).toBe(true)
})

it.each(makers)('%s does not call a listener that another one has removed', (_, make) => {
  const ender = make()
  const second = (): void => expect.fail('called')
  ender.signal.addEventListener('abort', () => ender.signal.removeEventListener('abort', second))
  ender.signal.addEventListener('abort', second)
  ender.abort()
  expect(ender.signal.aborted).toBe(true)
})
