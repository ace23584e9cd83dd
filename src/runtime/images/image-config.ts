import { fail, ok, type Result } from '../../api/result.ts'

/** What we use of an image's configuration (OCI image specification, "Image Configuration"). */
export type ImageConfig = Readonly<{
  user: string
  env: readonly string[]
  entrypoint: readonly string[]
  cmd: readonly string[]
  workingDir: string
  /** 'SIGTERM', '15', or empty. */
  stopSignal: string
  labels: Readonly<Record<string, string>>
  architecture: string
  createdAtMs?: number
  /** Digests of the uncompressed layers, lowest first. */
  diffIds: readonly string[]
}>

export const digestPattern = /^sha256:[0-9a-f]{64}$/

/** Parses the JSON text of a configuration blob; the error says what is wrong with it. */
export function parseImageConfig(text: string): Result<ImageConfig, string> {
  const parsed = parseJsonObject(text)
  if (parsed === undefined) return fail('the image configuration is no JSON object')
  const config = record(parsed.config)
  const diffIds = strings(record(parsed.rootfs).diff_ids)
  if (diffIds.some((diffId) => !digestPattern.test(diffId))) return fail('the image configuration has a wrong diff_id')
  const created = typeof parsed.created === 'string' ? Date.parse(parsed.created) : Number.NaN
  return ok({
    user: string(config.User),
    env: strings(config.Env),
    entrypoint: strings(config.Entrypoint),
    cmd: strings(config.Cmd),
    workingDir: string(config.WorkingDir),
    stopSignal: string(config.StopSignal),
    labels: Object.fromEntries(Object.entries(record(config.Labels)).map(([key, value]) => [key, string(value)])),
    architecture: string(parsed.architecture),
    ...(Number.isNaN(created) ? {} : { createdAtMs: created }),
    diffIds,
  })
}

export function parseJsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

export function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}

export function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

export function string(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
