import { expect, it } from 'vitest'
import { progressReader } from './conformance-progress.ts'

const output = `Will run 3 of 7579 specs
Running in parallel across 2 processes
SSSSSS•SSSSS
------------------------------
• [FAILED] [0.050 seconds]
[sig-node] Pods [It] should end. [Conformance] [sig-node, Conformance]
  << Timeline
------------------------------
•SSS

Ran 3 of 7579 Specs in 2.133 seconds
`

it.each([1, 7, 1000])('counts specs and names what failed, whatever the pieces (%d characters each)', (size) => {
  const read = progressReader()
  const news = []
  for (let at = 0; at < output.length; at += size) news.push(...read(output.slice(at, at + size)))
  const failures = news.filter(({ failedName }) => failedName !== undefined)
  expect(failures.map(({ failedName, total, failed }) => [failedName, total, failed])).toEqual([
    ['[sig-node] Pods [It] should end. [Conformance]', 3, 1],
  ])
  expect(news.at(-1)).toMatchObject({ total: 3, done: 3, failed: 1 })
})

it('says nothing new for what was left out', () => {
  expect(progressReader()('SSSSSSSS\n')).toEqual([])
})
