/** What became of one spec of the official suite. */
export type SpecResult = Readonly<{
  /** 'sig-node'; 'suite' for what runs before and after all specs. */
  sig: string
  name: string
  outcome: 'passed' | 'failed' | 'skipped'
  seconds: number
  /** Why it failed or skipped itself; empty when it passed. */
  message: string
}>

type ReportedSpec = Readonly<{
  ContainerHierarchyTexts: readonly string[] | null
  ContainerHierarchyLabels: readonly (readonly string[] | null)[] | null
  LeafNodeText: string
  LeafNodeType: string
  State: string
  /** Nanoseconds. */
  RunTime: number
  Failure?: Readonly<{ Message?: string }>
}>

/** Reads Ginkgo's JSON report: the specs that were asked for. Throws when it is none. */
export function readReport(text: string): readonly SpecResult[] {
  const suites: unknown = JSON.parse(text)
  if (!Array.isArray(suites)) throw new Error('the report of the suite is not a list')
  const specs = suites.flatMap(
    (suite) => (suite as Readonly<{ SpecReports?: ReportedSpec[] | null }>).SpecReports ?? [],
  )
  return specs.flatMap((spec) => resultOf(spec) ?? [])
}

/** Undefined for what was left out: it has no message, unlike a spec that finds out for itself that it cannot run here. */
function resultOf(spec: ReportedSpec): SpecResult | undefined {
  const message = (spec.Failure?.Message ?? '').trim()
  const outcome = outcomeOf(spec.State)
  if (spec.State === 'pending' || (outcome === 'skipped' && message === '')) return undefined
  if (spec.LeafNodeType !== 'It' && outcome !== 'failed') return undefined
  return {
    sig: (spec.ContainerHierarchyLabels ?? []).flat().find((label) => label?.startsWith('sig-')) ?? 'suite',
    name: [...(spec.ContainerHierarchyTexts ?? []), spec.LeafNodeText || spec.LeafNodeType].join(' '),
    outcome,
    seconds: spec.RunTime / 1e9,
    message,
  }
}

function outcomeOf(state: string): SpecResult['outcome'] {
  if (state === 'passed') return 'passed'
  return state === 'skipped' || state === 'pending' ? 'skipped' : 'failed'
}

/** The table per sig, then the specs that failed, each with the first line of its message. */
export function reportText(results: readonly SpecResult[]): string {
  const sigs = [...new Set(results.map(({ sig }) => sig))].sort()
  const rows = sigs.map((sig) =>
    row(
      sig,
      results.filter((result) => result.sig === sig),
    ),
  )
  const table = [['', 'passed', 'failed', 'skipped', 'seconds'], ...rows, row('all', results)]
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...table.map((cells) => cells[column]?.length ?? 0)))
  const lines = table.map((cells) =>
    cells
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
  const failed = results.filter(({ outcome }) => outcome === 'failed').map(failureText)
  return `${[...lines, ...(failed.length === 0 ? [] : ['', 'Failed:', ...failed.sort()])].join('\n')}\n`
}

function row(title: string, results: readonly SpecResult[]): readonly string[] {
  const count = (outcome: SpecResult['outcome']): string =>
    String(results.filter((result) => result.outcome === outcome).length)
  const seconds = results.reduce((sum, result) => sum + result.seconds, 0)
  return [title, count('passed'), count('failed'), count('skipped'), seconds.toFixed(0)]
}

const messageLimit = 160

function failureText({ name, message }: SpecResult): string {
  const [first = ''] = message.split('\n')
  return `  ${name}\n      ${first.length > messageLimit ? `${first.slice(0, messageLimit)} ...` : first}`
}
