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
  /** One series, for those who add to it often. */
  of(values: readonly string[]): Readonly<{ add(by?: number): void }>
}

export interface Histogram {
  observe(values: readonly string[], value: number): void
  of(values: readonly string[]): Readonly<{ observe(value: number): void }>
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
      const series = kept(labels, (values) => ({ values, count: 0 }))
      const read = (): readonly Sample[] => series.all().map(({ values, count }) => [values, count])
      register(name, { type: 'counter', help, lines: (own) => samples(own, labels, read()) })
      return {
        add(values, by = 1) {
          series.of(values).count += by
        },
        of(values) {
          const own = series.of(values)
          return {
            add(by = 1) {
              own.count += by
            },
          }
        },
      }
    },
    histogram(name, help, labels, bounds) {
      const series = kept<Series>(labels, (values) => ({ values, counts: bounds.map(() => 0), count: 0, sum: 0 }))
      register(name, { type: 'histogram', help, lines: (own) => histogramLines(own, labels, bounds, series.all()) })
      return {
        observe: (values, value) => observe(series.of(values), bounds, value),
        of(values) {
          const own = series.of(values)
          return { observe: (value) => observe(own, bounds, value) }
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

/** A series for each combination of values; one without labels is there from the start. */
function kept<T>(
  labels: readonly string[],
  make: (values: readonly string[]) => T,
): Readonly<{ of(values: readonly string[]): T; all(): readonly T[] }> {
  const series = new Map<string, T>()
  const of = (values: readonly string[]): T => {
    const key = values.join('\n')
    const known = series.get(key) ?? make(values)
    series.set(key, known)
    return known
  }
  if (labels.length === 0) of([])
  return { of, all: () => [...series.values()] }
}

function observe(series: Series, bounds: readonly number[], value: number): void {
  const at = bounds.findIndex((bound) => value <= bound)
  if (at >= 0) series.counts[at] = (series.counts[at] ?? 0) + 1
  series.count += 1
  series.sum += value
}

type Series = Readonly<{ values: readonly string[]; counts: number[] }> & { count: number; sum: number }

function samples(name: string, labels: readonly string[], read: Iterable<Sample>): readonly string[] {
  return [...read].map(([values, value]) => `${name}${labelText(labels, values)} ${goNumber(value)}`)
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
      return `${name}_bucket${labelText([...labels, 'le'], [...values, goNumber(bound)])} ${below}`
    })
    const own = labelText(labels, values)
    const rest = `${name}_bucket${labelText([...labels, 'le'], [...values, '+Inf'])} ${count}`
    return [...buckets, rest, `${name}_sum${own} ${goNumber(sum)}`, `${name}_count${own} ${count}`]
  })
}

/** As strconv.FormatFloat writes it with 'g': that is what readers compare bounds by. */
function goNumber(value: number): string {
  const size = Math.abs(value)
  if (size === 0 || (size >= 1e-4 && size < 1e6)) return String(value)
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
}

function labelText(labels: readonly string[], values: readonly string[]): string {
  if (labels.length === 0) return ''
  return `{${labels.map((label, at) => `${label}="${escaped(values[at] ?? '')}"`).join(',')}}`
}

function escaped(value: string): string {
  return /[\\"\n]/.test(value) ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n') : value
}
