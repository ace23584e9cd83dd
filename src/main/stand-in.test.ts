import { describe, expect, it } from 'vitest'
import type { ContainerStart } from '../ports/containers.ts'
import { standInWorkloads } from './stand-in.ts'

const endOf = (...args: readonly string[]) => {
  const { runsForMs, exitCode } = standInWorkloads({ config: { process: { args } } } as unknown as ContainerStart)
  return runsForMs === undefined ? 'never' : [runsForMs, exitCode]
}

describe('a stand-in for a container', () => {
  it.each([
    { args: ['nginx', '-g', 'daemon off;'], end: 'never' },
    { args: [], end: 'never' },
    { args: ['sleep', '5'], end: [5000, 0] },
    { args: ['/bin/sleep', '0.5'], end: [500, 0] },
    { args: ['sleep', 'infinity'], end: 'never' },
    { args: ['true'], end: [0, 0] },
    { args: ['/usr/bin/false'], end: [0, 1] },
    { args: ['sh', '-c', 'exit 3'], end: [0, 3] },
    { args: ['/bin/sh', '-c', 'echo hi; sleep 1 && sleep 2; exit 4; sleep 9'], end: [3000, 4] },
    { args: ['sh', '-c', 'while true; do sleep 1; done'], end: 'never' },
    { args: ['sh', '-c', 'echo $(./server)'], end: 'never' },
    { args: ['sh', '-c', 'sleep 1 | cat'], end: 'never' },
    { args: ['sh', 'script.sh'], end: 'never' },
  ])('of $args ends as its command line plainly says', ({ args, end }) => {
    expect(endOf(...args)).toEqual(end)
  })
})
