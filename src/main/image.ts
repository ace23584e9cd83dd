import { accessSync, constants, createReadStream, createWriteStream, readFileSync, statSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { HttpBody } from '../ports/http.ts'
import type { ImageDetails, Pruned } from '../runtime/engine/engine-image-commands.ts'
import type { RegistryAuth } from '../runtime/pod-runtime.ts'
import { askDaemon, openDaemon } from './daemon-client.ts'
import type { TransferRequest } from './image-api.ts'
import { followTransfer } from './image-transfer.ts'
import { instanceNamed } from './instance.ts'
import { registryCredentials } from './registry-credentials.ts'

export type ListedImage = Readonly<{ id: string; tags: readonly string[]; sizeBytes: number }>
export type CredentialOptions = Readonly<{ username?: string; passwordStdin?: boolean }>

export async function loadImage(name: string, file: string): Promise<void> {
  if (file !== '-') checkReadable(file)
  const content = file === '-' ? process.stdin : createReadStream(file)
  const { images } = await ask<Listed>(name, 'POST', '/images/load', content as AsyncIterable<Uint8Array>)
  print(images.map((image) => `Loaded ${image}`))
}

/** To standard output, unless that is a terminal, or to a file. */
export async function saveImages(name: string, references: readonly string[], file: string | undefined): Promise<void> {
  if (file === undefined && process.stdout.isTTY)
    throw new Error('an archive does not go to a terminal: name a file with --output, or redirect standard output')
  const query = new URLSearchParams(references.map((reference): [string, string] => ['image', reference]))
  const archive = await open(name, 'GET', `/images/save?${query}`)
  await pipeline(archive.chunks(), file === undefined ? process.stdout : createWriteStream(file))
}

export async function listImages(name: string): Promise<void> {
  const { images } = await ask<Readonly<{ images: readonly ListedImage[] }>>(name, 'GET', '/images')
  const rows = images.flatMap(({ id, tags, sizeBytes }) =>
    (tags.length === 0 ? ['<none>'] : tags).map((tag) => [tag, id.slice(7, 19), megabytes(sizeBytes)]),
  )
  const width = Math.max(5, ...rows.map(([tag = '']) => tag.length))
  const all = [['IMAGE', 'ID', 'SIZE'], ...rows]
  print(all.map(([tag = '', id = '', size = '']) => `${tag.padEnd(width)}  ${id.padEnd(12)}  ${size}`))
}

export async function pullImage(name: string, reference: string, options: CredentialOptions): Promise<void> {
  await followTransfer('Pulling', reference, await transfer(name, 'pull', reference, options))
  print([`Pulled ${reference}`])
}

export async function pushImage(name: string, reference: string, options: CredentialOptions): Promise<void> {
  const answer = await transfer(name, 'push', reference, options)
  const { digest } = (await followTransfer('Pushing', reference, answer)) as Readonly<{ digest: string }>
  print([`Pushed ${reference}`, digest])
}

export async function tagImage(name: string, reference: string, tag: string): Promise<void> {
  const tagged = await ask<Readonly<{ tag: string }>>(name, 'POST', '/images/tag', body({ reference, name: tag }))
  print([`Tagged ${tagged.tag}`])
}

export async function inspectImages(name: string, references: readonly string[]): Promise<void> {
  const details: ImageDetails[] = []
  for (const image of references)
    details.push(await ask(name, 'GET', `/images/inspect?${new URLSearchParams({ image })}`))
  print([JSON.stringify(details, null, 2)])
}

export async function removeImages(name: string, references: readonly string[], force: boolean): Promise<void> {
  for (const reference of references) {
    const removed = await ask<Listed>(name, 'POST', '/images/remove', body({ reference, force }))
    print(removed.images.map((image) => `Removed ${image}`))
  }
}

export async function pruneImages(name: string, all: boolean): Promise<void> {
  const { images, freedBytes } = await ask<Pruned>(name, 'POST', '/images/prune', body({ all }))
  print([...images.map((image) => `Removed ${image}`), `Freed ${megabytes(freedBytes)}`])
}

type Listed = Readonly<{ images: readonly string[] }>

function transfer(
  name: string,
  verb: 'pull' | 'push',
  reference: string,
  options: CredentialOptions,
): Promise<HttpBody> {
  const request: TransferRequest = { reference, auths: credentials(reference, options) }
  return open(name, 'POST', `/images/${verb}`, body(request))
}

/** What is said on the command line comes before what `docker login` left. */
function credentials(reference: string, { username, passwordStdin }: CredentialOptions): readonly RegistryAuth[] {
  if ((username === undefined) !== (passwordStdin !== true))
    throw new Error('--username and --password-stdin belong together')
  if (username === undefined) return registryCredentials(reference, process.env)
  return [{ username, password: readFileSync(0, 'utf8').replace(/\r?\n$/, '') }]
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

async function* body(content: object): AsyncIterable<Uint8Array> {
  yield new TextEncoder().encode(JSON.stringify(content))
}

async function ask<T>(name: string, method: string, target: string, sent?: AsyncIterable<Uint8Array>): Promise<T> {
  const answer = await askDaemon(instanceNamed(name), method, target, sent)
  return answer === undefined ? down(name) : (answer as T)
}

async function open(name: string, method: string, target: string, sent?: AsyncIterable<Uint8Array>): Promise<HttpBody> {
  return (await openDaemon(instanceNamed(name), method, target, sent)) ?? down(name)
}

function down(name: string): never {
  throw new Error(`cluster "${name}" is down; \`coracle up\` starts it`)
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

function print(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''))
}
