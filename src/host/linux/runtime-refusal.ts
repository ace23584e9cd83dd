import { readFile } from 'node:fs/promises'

/** The runtime writes its own errors to a log of its own, so that they cannot be taken for the program's. */
export async function runtimeRefusal(folder: string): Promise<string | undefined> {
  const text = await readFile(`${folder}/log`, 'utf8').catch(() => '')
  const messages = text.split('\n').flatMap((line) => {
    try {
      const { msg, level } = JSON.parse(line) as { msg?: unknown; level?: unknown }
      return typeof msg === 'string' && level === 'error' ? [msg] : []
    } catch {
      return []
    }
  })
  return messages.at(-1)
}
