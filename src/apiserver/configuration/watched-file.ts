import type { Clock, Timer } from '../../ports/clock.ts'
import type { Disk } from '../../ports/disk.ts'
import type { Log } from '../../ports/log.ts'

type Parts = Readonly<{ disk: Pick<Disk, 'readFile'>; clock: Clock; log: Log }>

/** How often a configuration file is looked at: nothing tells of a change to a file on every file system. */
const lookEveryMs = 10_000

export async function readText(disk: Pick<Disk, 'readFile'>, path: string): Promise<string> {
  return new TextDecoder().decode(await disk.readFile(path))
}

/**
 * What a file says, as it says it now. Throws one message at first when it cannot be read or is wrong; later, what was right stays and
 * the mistake is logged.
 */
export async function watchedFile<T>(
  { disk, clock, log }: Parts,
  path: string,
  parse: (text: string) => Promise<T>,
): Promise<Readonly<{ value(): T; stop(): void }>> {
  let text = await readText(disk, path).catch((error: Error) => {
    throw new Error(`${path} cannot be read: ${error.message}`)
  })
  let value = await parse(text).catch((error: Error) => {
    throw new Error(`${path}: ${error.message}`)
  })
  let timer: Timer | undefined
  let isStopped = false
  const look = async (): Promise<void> => {
    try {
      const now = await readText(disk, path)
      if (now !== text) {
        text = now
        value = await parse(now)
        log.info('a configuration file was read again', { path })
      }
    } catch (error) {
      log.error('a configuration file is wrong: what it said before stays', { path, error: (error as Error).message })
    }
    schedule()
  }
  const schedule = (): void => {
    if (!isStopped) timer = clock.after(lookEveryMs, () => void look())
  }
  schedule()
  return {
    value: () => value,
    stop() {
      isStopped = true
      timer?.cancel()
    },
  }
}
