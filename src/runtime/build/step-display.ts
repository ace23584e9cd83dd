import type { Clock } from '../../ports/clock.ts'
import type { OnBuildProgress } from './build-progress.ts'

/** Tells those who watch when steps begin and end, what they say, and how they fail. */
export interface StepDisplay {
  show<T>(
    name: string,
    work: (tell: (text: string) => void) => Promise<Readonly<{ value: T; isCached: boolean }>>,
  ): Promise<T>
}

/** Of one step: a command may print without end, and those who watch may be slow. */
const mostOutput = 4 << 20

export function stepDisplay(clock: Clock, onProgress: OnBuildProgress): StepDisplay {
  let count = 0
  return {
    async show(name, work) {
      count += 1
      const step = count
      const begunMs = clock.monotonicMs()
      onProgress({ type: 'step', step, name })
      try {
        let left = mostOutput
        const tell = (text: string): void => {
          if (left <= 0) return
          const isCut = text.length > left
          onProgress({ type: 'output', step, text: isCut ? `${text.slice(0, left)}\n[the rest is not shown]\n` : text })
          left = isCut ? 0 : left - text.length
        }
        const { value, isCached } = await work(tell)
        onProgress({ type: 'done', step, isCached, tookMs: clock.monotonicMs() - begunMs })
        return value
      } catch (error) {
        onProgress({ type: 'failed', step, message: (error as Error).message })
        throw error
      }
    },
  }
}
