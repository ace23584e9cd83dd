/** An expression's text, and its positions as cel-go tells them: lines from 1, columns in code points. */
export type Source = Readonly<{ text: string; points: readonly string[]; lineStarts: readonly number[] }>

export type Issue = Readonly<{ offset: number; message: string }>

export function sourceOf(text: string): Source {
  const points = [...text]
  const lineStarts = [0]
  points.forEach((point, at) => {
    if (point === '\n') lineStarts.push(at + 1)
  })
  return { text, points, lineStarts }
}

export function locationOf(source: Source, offset: number): Readonly<{ line: number; column: number }> {
  let line = source.lineStarts.length
  while (line > 1 && (source.lineStarts[line - 1] ?? 0) > offset) line -= 1
  return { line, column: offset - (source.lineStarts[line - 1] ?? 0) }
}

const maxReported = 100

/** The issues in the order of their places, each with its line and a mark under the column. */
export function describeIssues(source: Source, issues: readonly Issue[]): string {
  const shown = issues.slice(0, maxReported)
  const sorted = shown.toSorted((a, b) => a.offset - b.offset).map((issue) => describeIssue(source, issue))
  if (issues.length > maxReported) sorted.push(`${issues.length - maxReported} more errors were truncated`)
  return sorted.join('\n')
}

function describeIssue(source: Source, { offset, message }: Issue): string {
  // An issue of the whole expression has no place; the end of an empty one stands before its first column.
  if (offset < 0) return `ERROR: <input>:${source.points.length === 0 ? 1 : -1}:0: ${message}`
  const { line, column } = locationOf(source, offset)
  const start = source.lineStarts[line - 1] ?? 0
  const end = source.lineStarts[line] === undefined ? source.points.length : (source.lineStarts[line] ?? 0) - 1
  const snippet = source.points.slice(start, end).map((point) => (point === '\t' ? ' ' : point))
  const dots = snippet.slice(0, column).map((point) => (isWide(point) ? '\uff0e' : '.'))
  const mark = isWide(snippet[column] ?? '') ? '\uff3e' : '^'
  return `ERROR: <input>:${line}:${column + 1}: ${message}\n | ${snippet.join('')}\n | ${dots.join('')}${mark}`
}

function isWide(point: string): boolean {
  return (point.codePointAt(0) ?? 0) > 0x7f
}
