import { accessSync, constants, createReadStream, statSync } from 'node:fs'
import { askDaemon } from './daemon-client.ts'
import { instanceNamed } from './instance.ts'

export type ListedImage = Readonly<{ id: string; tags: readonly string[]; sizeBytes: number }>

export async function loadImage(name: string, file: string): Promise<void> {
  if (file !== '-') checkReadable(file)
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

/** A pipe is read as well as a file. */
function checkReadable(file: string): void {
  const stat = statSync(file, { throwIfNoEntry: false })
  if (stat === undefined) throw new Error(`there is no file ${file}: name a docker-archive or OCI layout tar`)
  if (stat.isDirectory()) throw new Error(`${file} is a folder: name a docker-archive or OCI layout tar`)
  try {
    accessSync(file, constants.R_OK)
  } catch {
    throw new Error(`${file} may not be read by this user`)
  }
}

async function askRunning(
  name: string,
  method: string,
  target: string,
  body?: AsyncIterable<Uint8Array>,
): Promise<unknown> {
  const answer = await askDaemon(instanceNamed(name), method, target, body)
  if (answer === undefined) throw new Error(`cluster "${name}" is down; \`coracle up\` starts it`)
  return answer
}
