import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readCpuTopology } from './cpu-topology.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'coracle-cpus-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function write(file: string, text: string): void {
  mkdirSync(path.dirname(`${folder}/${file}`), { recursive: true })
  writeFileSync(`${folder}/${file}`, `${text}\n`)
}

describe('the processors of a machine', () => {
  it('are where the kernel says: a core bears the number of its lowest one', () => {
    write('cpu/online', '0-1,4-5')
    for (const [cpu, siblings, socket] of [
      [0, '0,4', 0],
      [1, '1,5', 1],
      [4, '0,4', 0],
      [5, '1,5', 1],
    ]) {
      write(`cpu/cpu${cpu}/topology/core_cpus_list`, String(siblings))
      write(`cpu/cpu${cpu}/topology/physical_package_id`, String(socket))
    }
    write('node/node0/cpulist', '0,4')
    write('node/node0/distance', '10 21')
    write('node/node1/cpulist', '1,5')
    write('node/node1/distance', '21 10')
    expect(readCpuTopology(folder)).toEqual({
      cpus: [
        { cpu: 0, core: 0, socket: 0, numaNode: 0 },
        { cpu: 1, core: 1, socket: 1, numaNode: 1 },
        { cpu: 4, core: 0, socket: 0, numaNode: 0 },
        { cpu: 5, core: 1, socket: 1, numaNode: 1 },
      ],
      distances: new Map([
        [0, [10, 21]],
        [1, [21, 10]],
      ]),
    })
  })

  it('are all there on this one', () => {
    const { cpus } = readCpuTopology()
    expect(cpus.length).toBeGreaterThan(0)
    expect(new Set(cpus.map(({ cpu }) => cpu)).size).toBe(cpus.length)
  })
})
