import { readFile } from 'node:fs/promises'

/** Mount points of this process's mount namespace, in the order they were made. */
export async function mountPoints(): Promise<readonly string[]> {
  const table = await readFile('/proc/self/mountinfo', 'utf8')
  return table.split('\n').flatMap((line) => {
    const target = line.split(' ')[4]
    return target === undefined ? [] : [unescapeOctal(target)]
  })
}

/** What a file system was mounted from, by its device number; '' where this process sees no mount of it. */
export async function mountSource(device: number): Promise<string> {
  const table = await readFile('/proc/self/mountinfo', 'utf8')
  const wanted = `${(device >>> 8) & 0xfff}:${(device & 0xff) | ((device >>> 12) & 0xfff00)}`
  const line = table.split('\n').find((one) => one.split(' ')[2] === wanted)
  return unescapeOctal(line?.split(' - ')[1]?.split(' ')[1] ?? '')
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
