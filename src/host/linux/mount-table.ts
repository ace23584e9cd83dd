import { readFile } from 'node:fs/promises'

/** Mount points of this process's mount namespace, in the order they were made. */
export async function mountPoints(): Promise<readonly string[]> {
  const table = await readFile('/proc/self/mountinfo', 'utf8')
  return table.split('\n').flatMap((line) => {
    const target = line.split(' ')[4]
    return target === undefined ? [] : [unescapeOctal(target)]
  })
}

/** Those at or below the folder, deepest and latest first: the order to unmount them in. */
export async function mountPointsUnder(folder: string): Promise<readonly string[]> {
  const points = await mountPoints()
  return points.filter((point) => point === folder || point.startsWith(`${folder}/`)).reverse()
}

/** The kernel writes space, tab, newline and backslash as \040 and so on. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}
