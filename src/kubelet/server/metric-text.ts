/** Metrics in Prometheus' text format, as far as a kubelet needs it. */

export type Sample = Readonly<{ labels?: Readonly<Record<string, string>>; value: number; atMs?: number }>

export type MetricFamily = Readonly<{
  name: string
  type: 'counter' | 'gauge'
  help: string
  samples: readonly Sample[]
}>

/** Families without samples are left out. */
export function metricText(families: readonly MetricFamily[]): string {
  return families
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, type, help, samples }) => {
      const lines = samples.map(
        ({ labels = {}, value, atMs }) =>
          `${name}${labelText(labels)} ${value}${atMs === undefined ? '' : ` ${atMs}`}\n`,
      )
      return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
    })
    .join('')
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
