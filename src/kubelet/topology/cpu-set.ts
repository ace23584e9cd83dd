import { fail, ok, type Result } from '../../api/result.ts'

/** Numbers of processors, ascending. */
export type CpuSet = readonly number[]

export function cpuSetOf(cpus: Iterable<number>): CpuSet {
  return [...new Set(cpus)].sort((a, b) => a - b)
}

export function union(a: CpuSet, b: CpuSet): CpuSet {
  return cpuSetOf([...a, ...b])
}

export function without(all: CpuSet, some: CpuSet): CpuSet {
  return all.filter((cpu) => !some.includes(cpu))
}

export function common(a: CpuSet, b: CpuSet): CpuSet {
  return a.filter((cpu) => b.includes(cpu))
}

/** '0-2,4', as the kernel reads and writes it. */
export function formatCpuSet(cpus: CpuSet): string {
  const ranges: (readonly [number, number])[] = []
  for (const cpu of cpus) {
    const last = ranges.at(-1)
    if (last !== undefined && last[1] === cpu - 1) ranges[ranges.length - 1] = [last[0], cpu]
    else ranges.push([cpu, cpu])
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',')
}

/** Errors are worded as k8s.io/utils/cpuset words them. */
export function parseCpuSet(text: string): Result<CpuSet, string> {
  if (text === '') return ok([])
  const cpus: number[] = []
  for (const part of text.split(',')) {
    const ends = part.split('-')
    if (ends.length > 2) return fail(`invalid format: ${part}`)
    const bad = ends.find((end) => !/^\d+$/.test(end))
    if (bad !== undefined) return fail(`strconv.Atoi: parsing ${JSON.stringify(bad)}: invalid syntax`)
    const [first = 0, last = first] = ends.map(Number)
    if (first > last) return fail(`invalid range ${JSON.stringify(part)} (${first} > ${last})`)
    for (let cpu = first; cpu <= last; cpu += 1) cpus.push(cpu)
  }
  return ok(cpuSetOf(cpus))
}
