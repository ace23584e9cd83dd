import type { Clock } from '../../ports/clock.ts'
import type { OnBuildProgress } from './build-progress.ts'

/** Tells those who watch when steps begin and end, what they say, and how they fail. */
export interface StepDisplay {
  show<T>(
    name: string,
    work: (tell: (text: string) => void) => Promise<Readonly<{ value: T; isCached: boolean }>>,
  ): Promise<T>
}

export function stepDisplay(clock: Clock, onProgress: OnBuildProgress): StepDisplay {
  let count = 0
  return {
    async show(name, work) {
      count += 1
      const step = count
      const begunMs = clock.monotonicMs()
      onProgress({ type: 'step', step, name })
      try {
        const { value, isCached } = await work((text) => onProgress({ type: 'output', step, text }))
        onProgress({ type: 'done', step, isCached, tookMs: clock.monotonicMs() - begunMs })
        return value
      } catch (error) {
        onProgress({ type: 'failed', step, message: (error as Error).message })
        throw error
      }
    },
  }
}
