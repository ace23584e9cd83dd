import { cpus, totalmem } from 'node:os'
import type { Figure } from './api.ts'

/** Phase by phase, of several rounds of the same load. */
export type Loaded = Readonly<{
  ours: readonly (readonly Figure[])[]
  theirs: readonly (readonly Figure[])[]
  /** Share of the machine that other work took meanwhile. */
  foreignShare: number
}>

export type Single = Readonly<{ what: string; value: number; unit: 's' | 'MiB' | '/s' | 'ms' | 'KiB' | '%' }>

/** kube-apiserver 1.36.2 with etcd 3.5.30 on a machine of two cores, with RBAC, TLS and fsync on, under the same load. */
const published: Readonly<Record<string, number>> = {
  create: 2_126,
  get: 4_215,
  'get rv=0': 6_986,
  'list 2000': 51.5,
  'watch, events': 90_300,
  delete: 2_028,
}

export function medianOf(values: readonly number[]): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
}

export function medians(rounds: readonly (readonly Figure[])[]): readonly Figure[] {
  const [first = []] = rounds
  return first.map(({ phase }, at) => {
    const of = (key: 'perSecond' | 'p50Ms' | 'p99Ms' | 'cpuMs'): number =>
      medianOf(rounds.map((one) => one[at]?.[key] ?? Number.NaN))
    return { phase, perSecond: of('perSecond'), p50Ms: of('p50Ms'), p99Ms: of('p99Ms'), cpuMs: of('cpuMs') }
  })
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function cell(value: number | undefined, digits: number): string {
  return value === undefined || Number.isNaN(value) ? '' : value.toFixed(digits)
}

export function printTable({ ours, theirs, foreignShare }: Loaded, singles: readonly Single[]): void {
  console.log(`${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`)
  console.log(`other work took ${(foreignShare * 100).toFixed(0)} % of the machine during the load`)
  const beside = theirs.length > 0 ? 'original' : 'original (published)'
  const heads = ['phase', 'per second', 'p50 ms', 'p99 ms', beside, 'ratio', 'CPU ms', 'original', 'ratio']
  console.log(row(heads))
  console.log(row(heads.map(() => '---')))
  const other = medians(theirs)
  for (const [at, { phase, perSecond, p50Ms, p99Ms, cpuMs }] of medians(ours).entries()) {
    const theirsPerSecond = other[at]?.perSecond ?? published[phase] ?? Number.NaN
    const theirsCpuMs = other[at]?.cpuMs ?? Number.NaN
    const speed = [cell(perSecond, 0), cell(p50Ms, 1), cell(p99Ms, 1)]
    const ratios = [cell(theirsPerSecond, 0), cell(perSecond / theirsPerSecond, 1)]
    const digits = cpuMs < 0.1 ? 4 : 2
    const cpu = [cell(cpuMs, digits), cell(theirsCpuMs, digits), cell(theirsCpuMs / cpuMs, 1)]
    console.log(row([phase, ...speed, ...ratios, ...cpu]))
  }
  for (const { what, value, unit } of singles) console.log(`${what}: ${value.toFixed(unit === 's' ? 2 : 0)} ${unit}`)
}
