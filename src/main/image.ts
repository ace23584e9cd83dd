import { createReadStream, statSync } from 'node:fs'
import { askDaemon } from './daemon-client.ts'
import { hostInstance } from './up.ts'

export type ListedImage = Readonly<{ id: string; tags: readonly string[]; sizeBytes: number }>

export async function loadImage(name: string, file: string): Promise<void> {
  if (file !== '-' && !statSync(file, { throwIfNoEntry: false })?.isFile())
    throw new Error(`${file} is not a file: name a docker-archive or OCI layout tar`)
  const content = file === '-' ? process.stdin : createReadStream(file)
  const loaded = (await askRunning(name, 'POST', '/images/load', content as AsyncIterable<Uint8Array>)) as Readonly<{
    images: readonly string[]
  }>
  process.stdout.write(loaded.images.map((image) => `Loaded ${image}\n`).join(''))
}

export async function listImages(name: string): Promise<void> {
  const { images } = (await askRunning(name, 'GET', '/images')) as Readonly<{ images: readonly ListedImage[] }>
  const rows = images.flatMap(({ id, tags, sizeBytes }) =>
    (tags.length === 0 ? ['<none>'] : tags).map((tag) => [tag, id.slice(7, 19), `${(sizeBytes / 1e6).toFixed(1)} MB`]),
  )
  const width = Math.max(5, ...rows.map(([tag = '']) => tag.length))
  for (const [tag = '', id = '', size = ''] of [['IMAGE', 'ID', 'SIZE'], ...rows])
    process.stdout.write(`${tag.padEnd(width)}  ${id.padEnd(12)}  ${size}\n`)
}

async function askRunning(
  name: string,
  method: string,
  target: string,
  body?: AsyncIterable<Uint8Array>,
): Promise<unknown> {
  const answer = await askDaemon(hostInstance(name), method, target, body)
  if (answer === undefined) throw new Error(`cluster "${name}" is down; \`coracle up\` starts it`)
  return answer
}
