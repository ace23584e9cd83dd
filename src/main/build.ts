import { existsSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { encodeBase64 } from '../api/base64.ts'
import { linuxDisk } from '../host/linux/disk.ts'
import { parsePlatform } from '../runtime/build/build-platform.ts'
import type { BuildRequest } from '../runtime/build/build-run.ts'
import type { BuiltImage } from '../runtime/build/commit-image.ts'
import type { SourceError } from '../runtime/build/dockerfile-source.ts'
import { type IgnorePatterns, parseIgnorePatterns, readIgnoreFile } from '../runtime/build/ignore-patterns.ts'
import { contextItems } from '../runtime/build/pack-context.ts'
import { parseDockerfile } from '../runtime/build/parse-dockerfile.ts'
import { planBuild } from '../runtime/build/plan-build.ts'
import { writeTar } from '../runtime/images/tar-writer.ts'
import { buildOutput, excerpt } from './build-output.ts'
import { type BuildLine, buildBody } from './build-transfer.ts'
import { openDaemon } from './daemon-client.ts'
import { linesOf } from './image-transfer.ts'
import { instanceNamed } from './instance.ts'
import { registryCredentials } from './registry-credentials.ts'

export type BuildCliOptions = Readonly<{
  file?: string
  tag: readonly string[]
  buildArg: readonly string[]
  label: readonly string[]
  secret: readonly string[]
  target?: string
  platform?: string
  network?: string
  cache: boolean
  pull?: boolean
  quiet?: boolean
}>

type Source = Readonly<{ name: string; text: string }>

export async function buildImage(name: string, context: string, options: BuildCliOptions): Promise<void> {
  const stat = statSync(context, { throwIfNoEntry: false })
  if (stat?.isDirectory() !== true) throw new Error(`unable to prepare context: path "${context}" not found`)
  const source = readDockerfile(context, options.file)
  const request = requestOf(source, options)
  const ignored = ignorePatterns(context, options.file)
  const tar = writeTar(contextItems(linuxDisk(), path.resolve(context), ignored))
  const answer = await openDaemon(instanceNamed(name), 'POST', '/images/build', buildBody(request, tar))
  if (answer === undefined) throw new Error(`cluster "${name}" is down; \`coracle up\` starts it`)
  const show = buildOutput(
    (text) => void (options.quiet === true || process.stderr.write(text)),
    () => performance.now(),
  )
  for await (const text of linesOf(answer.chunks())) {
    const line = JSON.parse(text) as BuildLine
    if ('failure' in line) return fail(source, line.failure)
    if ('built' in line) return tell(line.built, options.quiet === true)
    show(line)
  }
  throw new Error('the cluster process broke off its answer; `coracle logs` may tell why')
}

function tell({ id, tags }: BuiltImage, isQuiet: boolean): void {
  const lines = isQuiet ? [id] : [...(tags.length === 0 ? [id] : tags).map((tag) => `Built ${tag}`), id]
  process.stdout.write(lines.map((line) => `${line}\n`).join(''))
}

function fail({ name, text }: Source, { message, line }: Readonly<{ message: string; line?: number }>): never {
  if (line !== undefined) process.stderr.write(excerpt(name, text, line))
  throw new Error(message)
}

function readDockerfile(context: string, file: string | undefined): Source {
  if (file === '-') return { name: 'Dockerfile', text: readFileSync(0, 'utf8') }
  const place = file ?? path.join(context, 'Dockerfile')
  if (!existsSync(place)) throw new Error(`failed to read dockerfile: open ${place}: no such file or directory`)
  return { name: path.basename(place), text: readFileSync(place, 'utf8') }
}

/** A list beside the Dockerfile, named after it, comes before the context's. */
function ignorePatterns(context: string, file: string | undefined): IgnorePatterns {
  const own = file === undefined || file === '-' ? path.join(context, 'Dockerfile') : file
  const found = [`${own}.dockerignore`, path.join(context, '.dockerignore')].find((each) => existsSync(each))
  if (found === undefined) return []
  const patterns = parseIgnorePatterns(readIgnoreFile(readFileSync(found, 'utf8')))
  if (!patterns.ok) throw new Error(`${found}: ${patterns.error}`)
  return patterns.value
}

function requestOf(source: Source, options: BuildCliOptions): BuildRequest {
  const { target = '', network = 'default' } = options
  if (network !== 'default' && network !== 'none' && network !== 'host')
    throw new Error(`unknown network ${network}: default, none and host there are`)
  const platform = options.platform === undefined ? undefined : parsePlatform(options.platform)
  if (platform?.ok === false) throw new Error(platform.error)
  const epoch = process.env.SOURCE_DATE_EPOCH
  const buildArgs = {
    ...(epoch === undefined ? {} : { SOURCE_DATE_EPOCH: epoch }),
    ...pairs(options.buildArg, (variable) => process.env[variable]),
  }
  const planned = {
    target,
    buildArgs,
    labels: pairs(options.label, () => ''),
    ...(platform === undefined ? {} : { platform: platform.value }),
  }
  return {
    dockerfile: source.text,
    options: planned,
    tags: options.tag,
    noCache: !options.cache,
    pull: options.pull === true,
    secrets: Object.fromEntries(options.secret.map(secretOf)),
    auths: authsFor(source, planned),
    network,
    ...epochOf(buildArgs.SOURCE_DATE_EPOCH),
  }
}

function epochOf(text: string | undefined): Readonly<{ sourceDateEpoch?: number }> {
  if (text === undefined || text === '') return {}
  if (!/^\d{1,11}$/.test(text)) throw new Error(`invalid SOURCE_DATE_EPOCH: ${text} is no number of seconds`)
  return { sourceDateEpoch: Number(text) }
}

function pairs(texts: readonly string[], missing: (name: string) => string | undefined): Record<string, string> {
  const all: Record<string, string> = {}
  for (const text of texts) {
    const equals = text.indexOf('=')
    const value = equals < 0 ? missing(text) : text.slice(equals + 1)
    if (value !== undefined) all[equals < 0 ? text : text.slice(0, equals)] = value
  }
  return all
}

/** 'id=token,src=FILE', 'id=token,env=VARIABLE'; by its id alone: the variable of that name, or the file. */
function secretOf(text: string): readonly [id: string, content: string] {
  const fields = new Map(text.split(',').map((field) => [field.split('=', 1)[0] ?? '', field.replace(/^[^=]*=?/, '')]))
  const unknown = [...fields.keys()].find((key) => !['id', 'src', 'source', 'env', 'type'].includes(key))
  if (unknown !== undefined) throw new Error(`unexpected key '${unknown}' in '${text}'`)
  const id = fields.get('id') ?? ''
  if (id === '') throw new Error(`a secret needs an id: ${text}`)
  const file = fields.get('src') ?? fields.get('source')
  const variable = fields.get('env') ?? (file === undefined && process.env[id] !== undefined ? id : undefined)
  if (variable === undefined) return [id, encodeBase64(readFileSync(file ?? id))]
  const value = process.env[variable]
  if (value === undefined) throw new Error(`secret ${id}: the variable ${variable} is not set`)
  return [id, encodeBase64(new TextEncoder().encode(value))]
}

/** Mistakes that can be told before anything is sent are told here. */
function authsFor(source: Source, options: BuildRequest['options']): BuildRequest['auths'] {
  const told = (error: SourceError): never => fail(source, error)
  const dockerfile = parseDockerfile(source.text)
  if (!dockerfile.ok) return told(dockerfile.error)
  const machine = { architecture: process.arch === 'x64' ? 'amd64' : process.arch }
  const planned = planBuild(dockerfile.value, { ...options, machine }, new Map())
  if (!planned.ok) return told(planned.error)
  const names = 'missing' in planned.value ? [...planned.value.missing.keys()] : []
  return Object.fromEntries(names.map((name) => [name, registryCredentials(name, process.env)]))
}
