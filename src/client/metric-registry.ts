/** Numbers that components keep of what they do, in the text form that Prometheus reads. */
export interface MetricRegistry {
  /** Only grows. `labels` names what the values of add() are, in alphabetical order. */
  counter(name: string, help: string, labels: readonly string[]): Counter
  histogram(name: string, help: string, labels: readonly string[], bounds: readonly number[]): Histogram
  /** Read when somebody asks. */
  gauge(name: string, help: string, labels: readonly string[], read: () => Iterable<Sample>): void
  /** As gauge, for what only grows and is counted elsewhere. */
  total(name: string, help: string, labels: readonly string[], read: () => Iterable<Sample>): void
  text(): string
}

export interface Counter {
  add(values: readonly string[], by?: number): void
}

export interface Histogram {
  observe(values: readonly string[], value: number): void
}

export type Sample = readonly [values: readonly string[], value: number]

type Metric = Readonly<{ type: 'counter' | 'gauge' | 'histogram'; help: string; lines(name: string): Iterable<string> }>

export function metricRegistry(): MetricRegistry {
  const metrics = new Map<string, Metric>()
  const register = (name: string, metric: Metric): void => void metrics.set(name, metric)
  const sampled =
    (type: 'gauge' | 'counter') =>
    (name: string, help: string, labels: readonly string[], read: () => Iterable<Sample>): void =>
      register(name, { type, help, lines: (own) => samples(own, labels, read()) })
  return {
    counter(name, help, labels) {
      const series = new Map<string, { values: readonly string[]; count: number }>()
      const read = (): readonly Sample[] => [...series.values()].map(({ values, count }) => [values, count])
      register(name, { type: 'counter', help, lines: (own) => samples(own, labels, read()) })
      return {
        add(values, by = 1) {
          const key = values.join('\n')
          const known = series.get(key)
          if (known === undefined) series.set(key, { values, count: by })
          else known.count += by
        },
      }
    },
    histogram(name, help, labels, bounds) {
      const series = new Map<string, Series>()
      register(name, { type: 'histogram', help, lines: (own) => histogramLines(own, labels, bounds, series.values()) })
      return {
        observe(values, value) {
          const key = values.join('\n')
          const known = series.get(key) ?? { values, counts: bounds.map(() => 0), count: 0, sum: 0 }
          series.set(key, known)
          const at = bounds.findIndex((bound) => value <= bound)
          if (at >= 0) known.counts[at] = (known.counts[at] ?? 0) + 1
          known.count += 1
          known.sum += value
        },
      }
    },
    gauge: sampled('gauge'),
    total: sampled('counter'),
    text: () =>
      [...metrics]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .flatMap(([name, { type, help, lines }]) => [
          `# HELP ${name} ${help}`,
          `# TYPE ${name} ${type}`,
          ...lines(name),
        ])
        .map((line) => `${line}\n`)
        .join(''),
  }
}

type Series = Readonly<{ values: readonly string[]; counts: number[] }> & { count: number; sum: number }

function samples(name: string, labels: readonly string[], read: Iterable<Sample>): readonly string[] {
  return [...read].map(([values, value]) => `${name}${labelText(labels, values)} ${value}`)
}

/** Each bucket counts all that is at most its bound. */
function histogramLines(
  name: string,
  labels: readonly string[],
  bounds: readonly number[],
  all: Iterable<Series>,
): readonly string[] {
  return [...all].flatMap(({ values, counts, count, sum }) => {
    let below = 0
    const buckets = bounds.map((bound, at) => {
      below += counts[at] ?? 0
      return `${name}_bucket${labelText([...labels, 'le'], [...values, String(bound)])} ${below}`
    })
    const own = labelText(labels, values)
    const rest = `${name}_bucket${labelText([...labels, 'le'], [...values, '+Inf'])} ${count}`
    return [...buckets, rest, `${name}_sum${own} ${sum}`, `${name}_count${own} ${count}`]
  })
}

function labelText(labels: readonly string[], values: readonly string[]): string {
  if (labels.length === 0) return ''
  return `{${labels.map((label, at) => `${label}="${escaped(values[at] ?? '')}"`).join(',')}}`
}

function escaped(value: string): string {
  return /[\\"\n]/.test(value) ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n') : value
}
