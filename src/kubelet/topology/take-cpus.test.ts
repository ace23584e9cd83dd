import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cpuSetOf, formatCpuSet, parseCpuSet } from './cpu-set.ts'
import { takeCpus } from './take-cpus.ts'
import { fourNodes, oneSocket, twoSockets } from './test-topologies.ts'

const set = (text: string) => {
  const parsed = parseCpuSet(text)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}

describe('processors are taken', () => {
  it.each([
    ['none', oneSocket, '0-7', 0, ''],
    ['one: of the lowest core', oneSocket, '0-7', 1, '0'],
    ['one: of a core that is broken already', oneSocket, '1,3,5-7', 1, '6'],
    ['two: a core', oneSocket, '0-7', 2, '0,4'],
    ['two: the only core that is whole', oneSocket, '0-3,6', 2, '2,6'],
    ['all', oneSocket, '0-7', 8, '0-7'],
    ['one: of the socket that has less left', twoSockets, '1-5,7-11', 1, '2'],
    ['six: a socket', twoSockets, '0-11', 6, '0,2,4,6,8,10'],
    ['eight: a socket and a core', twoSockets, '0-11', 8, '0-2,4,6-8,10'],
    ['twenty: a node', fourNodes, '0-79', 20, '0-9,40-49'],
    ['twenty: a node that is whole', fourNodes, '10-39,50-79', 20, '10-19,50-59'],
    ['forty: a socket', fourNodes, '0-79', 40, '0-19,40-59'],
    ['sixty: a socket and a node', fourNodes, '0-79', 60, '0-29,40-69'],
    ['sixty: what is whole, where a core is missing', fourNodes, '1-39,41-79', 60, '10-39,50-79'],
  ])('%s', (_, topology, available, count, taken) => {
    const given = takeCpus(topology, set(available), count)
    expect(given.ok && formatCpuSet(given.value)).toBe(taken)
  })

  it('not, where there are too few', () => {
    expect(takeCpus(oneSocket, [0, 2, 4, 6], 5)).toEqual({
      ok: false,
      error: 'not enough cpus available to satisfy request: requested=5, available=4',
    })
  })

  it('always so many as are asked for, and only available ones', () => {
    const cpus = fc.subarray(twoSockets.cpus.map(({ cpu }) => cpu))
    fc.assert(
      fc.property(cpus, fc.nat(12), (available, wanted) => {
        const count = Math.min(wanted, available.length)
        const given = takeCpus(twoSockets, cpuSetOf(available), count)
        return given.ok && given.value.length === count && given.value.every((cpu) => available.includes(cpu))
      }),
    )
  })
})

describe('a set of processors', () => {
  it('is read as it is written', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(200)), (numbers) => {
        const cpus = cpuSetOf(numbers)
        const read = parseCpuSet(formatCpuSet(cpus))
        return read.ok && read.value.join() === cpus.join()
      }),
    )
  })

  it.each([
    ['a', 'strconv.Atoi: parsing "a": invalid syntax'],
    ['3-1', 'invalid range "3-1" (3 > 1)'],
    ['1-2-3', 'invalid format: 1-2-3'],
  ])('is not %s', (text, error) => expect(parseCpuSet(text)).toEqual({ ok: false, error }))
})
