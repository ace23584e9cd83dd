import { fail, ok, type Result } from '../../api/result.ts'
import { parseJsonObject, record, string, strings } from '../images/image-config.ts'
import { jsonBytes } from '../images/image-format.ts'
import type { Healthcheck } from './instruction.ts'

type Names = Readonly<Record<string, Readonly<Record<string, never>>>>

/** 'config' of an image's configuration as docker writes it; what is absent is empty. */
export type ContainerConfig = Readonly<{
  User?: string
  ExposedPorts?: Names
  Env?: readonly string[]
  Entrypoint?: readonly string[]
  Cmd?: readonly string[]
  Volumes?: Names
  WorkingDir?: string
  Labels?: Readonly<Record<string, string>>
  StopSignal?: string
  Healthcheck?: Healthcheck
  OnBuild?: readonly string[]
  Shell?: readonly string[]
}>

export type HistoryEntry = Readonly<{
  created?: string
  created_by?: string
  author?: string
  comment?: string
  empty_layer?: boolean
}>

/** An image's configuration (OCI image specification, with docker's additions), its layers apart. */
export type ImageDocument = Readonly<{
  architecture: string
  os: string
  variant?: string
  author?: string
  config: ContainerConfig
  history: readonly HistoryEntry[]
}>

const defaultPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** FROM scratch. */
export function emptyDocument({
  architecture,
  variant,
}: Readonly<{ architecture: string; variant?: string }>): ImageDocument {
  return {
    architecture,
    os: 'linux',
    ...(variant === undefined ? {} : { variant }),
    config: { Env: [defaultPath], WorkingDir: '/' },
    history: [],
  }
}

export function parseImageDocument(text: string): Result<ImageDocument, string> {
  const parsed = parseJsonObject(text)
  if (parsed === undefined) return fail('the image configuration is no JSON object')
  const { variant, author } = parsed
  return ok({
    architecture: string(parsed.architecture),
    os: string(parsed.os) || 'linux',
    ...(typeof variant === 'string' && variant !== '' ? { variant } : {}),
    ...(typeof author === 'string' && author !== '' ? { author } : {}),
    config: withPath(configOf(record(parsed.config))),
    history: wholeHistory(parsed),
  })
}

/** Each layer has an entry: those that read a history count on it. */
function wholeHistory({ history, rootfs }: Readonly<Record<string, unknown>>): readonly HistoryEntry[] {
  const known: readonly HistoryEntry[] = Array.isArray(history) ? history.map(record) : []
  const missing = strings(record(rootfs).diff_ids).length - known.filter((entry) => entry.empty_layer !== true).length
  return [...known, ...Array.from({ length: Math.max(0, missing) }, () => ({ comment: 'not told by the base image' }))]
}

function configOf(config: Readonly<Record<string, unknown>>): ContainerConfig {
  const names = (value: unknown): Names => Object.fromEntries(Object.keys(record(value)).map((name) => [name, {}]))
  const labels = Object.entries(record(config.Labels)).map(([name, value]) => [name, string(value)])
  const { Healthcheck: check } = config
  return {
    User: string(config.User),
    ExposedPorts: names(config.ExposedPorts),
    Env: strings(config.Env),
    Entrypoint: strings(config.Entrypoint),
    Cmd: strings(config.Cmd),
    Volumes: names(config.Volumes),
    WorkingDir: string(config.WorkingDir),
    Labels: Object.fromEntries(labels),
    StopSignal: string(config.StopSignal),
    ...(check === undefined || check === null ? {} : { Healthcheck: check as Healthcheck }),
    OnBuild: strings(config.OnBuild),
    Shell: strings(config.Shell),
  }
}

/** BuildKit: an image that is built has a PATH. */
function withPath(config: ContainerConfig): ContainerConfig {
  const { Env = [] } = config
  return Env.some((pair) => pair.startsWith('PATH=')) ? config : { ...config, Env: [...Env, defaultPath] }
}

/** The configuration's JSON: fields in docker's order, maps by their keys, nothing that is empty. Equal documents give equal bytes. */
export function formatImageDocument(document: ImageDocument, diffIds: readonly string[], created: string): Uint8Array {
  const { architecture, os, variant, author, config, history } = document
  const { ExposedPorts, Volumes, Labels } = config
  const own: Required<{ [key in keyof ContainerConfig]: unknown }> = {
    User: config.User,
    ExposedPorts: byKey(ExposedPorts),
    Env: config.Env,
    Entrypoint: config.Entrypoint,
    Cmd: config.Cmd,
    Volumes: byKey(Volumes),
    WorkingDir: config.WorkingDir,
    Labels: byKey(Labels),
    StopSignal: config.StopSignal,
    Healthcheck: config.Healthcheck,
    OnBuild: config.OnBuild,
    Shell: config.Shell,
  }
  return jsonBytes({
    architecture,
    ...(author === undefined ? {} : { author }),
    config: Object.fromEntries(Object.entries(own).filter(([, value]) => !isEmpty(value))),
    created,
    history: history.map((entry) => ({ ...entry, created: entry.created ?? created })),
    os,
    rootfs: { type: 'layers', diff_ids: diffIds },
    ...(variant === undefined ? {} : { variant }),
  })
}

function byKey(map: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === '') return true
  return Array.isArray(value)
    ? value.length === 0
    : typeof value === 'object' && Object.keys(record(value)).length === 0
}
