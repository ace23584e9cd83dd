type Step = Readonly<{ mark: ' ' | '-' | '+'; line: string }>

const contextLines = 3

/** The changed lines with three around them, as `diff -u` shows them, without the file names. Empty when the texts are the same. */
export function unifiedDiff(before: string, after: string): string {
  const steps = stepsOf(before.split('\n'), after.split('\n'))
  const hunks: string[] = []
  let at = 0
  while (at < steps.length) {
    const first = steps.findIndex((step, position) => position >= at && step.mark !== ' ')
    if (first < 0) break
    const from = Math.max(at, first - contextLines)
    const to = endOfHunk(steps, first)
    hunks.push(hunkOf(steps, from, to))
    at = to
  }
  return hunks.join('')
}

/** Changes with at most six unchanged lines between them share a hunk. */
function endOfHunk(steps: readonly Step[], first: number): number {
  let last = first
  for (let at = first; at < steps.length && at - last <= 2 * contextLines; at++) if (steps[at]?.mark !== ' ') last = at
  return Math.min(steps.length, last + 1 + contextLines)
}

function hunkOf(steps: readonly Step[], from: number, to: number): string {
  const range = (other: '-' | '+'): string => {
    const start = steps.slice(0, from).filter(({ mark }) => mark !== other).length + 1
    const length = steps.slice(from, to).filter(({ mark }) => mark !== other).length
    return length === 1 ? `${start}` : `${length === 0 ? start - 1 : start},${length}`
  }
  const lines = steps.slice(from, to).map(({ mark, line }) => `${mark}${line}\n`)
  return `@@ -${range('+')} +${range('-')} @@\n${lines.join('')}`
}

/** By the longest common subsequence. The texts are single objects: hundreds of lines, not thousands; beyond, all of them count as changed. */
function stepsOf(a: readonly string[], b: readonly string[]): readonly Step[] {
  if (a.length * b.length > 4_000_000) {
    return [...a.map((line) => ({ mark: '-', line }) as const), ...b.map((line) => ({ mark: '+', line }) as const)]
  }
  const width = b.length + 1
  const lengths = new Uint32Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const [skipA = 0, skipB = 0, both = 0] = [
        lengths[(i + 1) * width + j],
        lengths[i * width + j + 1],
        lengths[(i + 1) * width + j + 1],
      ]
      lengths[i * width + j] = a[i] === b[j] ? both + 1 : Math.max(skipA, skipB)
    }
  }
  const steps: Step[] = []
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const [lineA, lineB] = [a[i], b[j]]
    if (lineA !== undefined && lineA === lineB) {
      steps.push({ mark: ' ', line: lineA })
      i += 1
      j += 1
    } else if (
      lineA !== undefined &&
      (lineB === undefined || (lengths[(i + 1) * width + j] ?? 0) >= (lengths[i * width + j + 1] ?? 0))
    ) {
      steps.push({ mark: '-', line: lineA })
      i += 1
    } else {
      steps.push({ mark: '+', line: lineB ?? '' })
      j += 1
    }
  }
  return steps
}
