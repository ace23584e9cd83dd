import type { BuildProgress } from '../runtime/build/build-progress.ts'

/** Build progress as lines of text, as docker's plain progress has them: '#5 [build 2/4] RUN make', '#5 0.312 output', '#5 DONE 1.2s'. */
export function buildOutput(write: (text: string) => void, nowMs: () => number): (progress: BuildProgress) => void {
  const steps = new Map<number, { readonly name: string; readonly begunMs: number; held: string }>()
  let current = 0
  const turnTo = (step: number): void => {
    if (step === current) return
    write(`${current === 0 ? '' : '\n'}#${step} ${steps.get(step)?.name ?? ''}\n`)
    current = step
  }
  const say = (step: number, text: string): void => {
    turnTo(step)
    write(`#${step} ${text}\n`)
  }
  const flush = (step: number): void => {
    const known = steps.get(step)
    if (known === undefined || known.held === '') return
    say(step, `${seconds(nowMs() - known.begunMs, 3)} ${known.held}`)
    known.held = ''
  }
  return (progress) => {
    const { step } = progress
    switch (progress.type) {
      case 'step':
        steps.set(step, { name: progress.name, begunMs: nowMs(), held: '' })
        return turnTo(step)
      case 'output': {
        const known = steps.get(step)
        if (known === undefined) return
        const lines = (known.held + progress.text).split('\n')
        known.held = ''
        const rest = lines.pop() ?? ''
        for (const line of lines) say(step, `${seconds(nowMs() - known.begunMs, 3)} ${line.replace(/\r$/, '')}`)
        known.held = rest
        return
      }
      case 'done':
        flush(step)
        return say(step, progress.isCached ? 'CACHED' : `DONE ${seconds(progress.tookMs, 1)}s`)
      case 'failed':
        flush(step)
        return say(step, `ERROR: ${progress.message}`)
    }
  }
}

function seconds(ms: number, digits: number): string {
  return (ms / 1000).toFixed(digits)
}

const linesAround = 2

/** The line of a file that is to blame, with those around it. */
export function excerpt(file: string, text: string, line: number): string {
  const lines = text.split('\n')
  const first = Math.max(1, line - linesAround)
  const shown = lines.slice(first - 1, line + linesAround).map((each, at) => {
    const number = first + at
    return `${String(number).padStart(4)} | ${number === line ? '>>>' : '   '} ${each}`.trimEnd()
  })
  const rule = '-'.repeat(20)
  return [`${file}:${line}`, rule, ...shown, rule, ''].join('\n')
}
