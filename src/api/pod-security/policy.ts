import type { FieldError } from '../refusal.ts'
import { invalid } from '../validation/field-error.ts'

const levels = ['privileged', 'baseline', 'restricted'] as const
export type Level = (typeof levels)[number]

/** A level as it was in a minor version of Kubernetes. */
export type LevelVersion = Readonly<{ level: Level; version: number | 'latest' }>

/** What a namespace asks of its pods: what is refused, what is noted, what is warned of. */
export type Policy = Readonly<{ enforce: LevelVersion; audit: LevelVersion; warn: LevelVersion }>

type Labels = Readonly<Record<string, string>> | undefined

const prefix = 'pod-security.kubernetes.io/'
const anything: LevelVersion = { level: 'privileged', version: 'latest' }
const versionPattern = /^v1\.([0-9]|[1-9][0-9]*)$/

/** By its labels; with what is wrong with them. Kubernetes: pod-security-admission's PolicyToEvaluate. */
export function policyOf(labels: Labels): Readonly<{ policy: Policy; errors: readonly FieldError[] }> {
  const errors: FieldError[] = []
  const fault = (name: string, value: string, message: string): void =>
    void errors.push(invalid(`metadata.labels[${prefix}${name}]`, value, message))
  const read = (mode: keyof Policy, fallback: Level): LevelVersion => {
    const level = labels?.[`${prefix}${mode}`]
    const known = levels.find((one) => one === level)
    if (level !== undefined && known === undefined) fault(mode, level, `must be one of ${levels.join(', ')}`)
    const version = labels?.[`${prefix}${mode}-version`]
    const minor = version === undefined ? undefined : versionPattern.exec(version)?.[1]
    const isKnown = version === undefined || version === 'latest' || minor !== undefined
    if (!isKnown) fault(`${mode}-version`, version, 'must be "latest" or "v1.x"')
    return {
      level: level === undefined ? anything.level : (known ?? fallback),
      version: minor === undefined ? 'latest' : Number(minor),
    }
  }
  // What cannot be read is enforced at its strictest, and neither noted nor warned of.
  const enforce = read('enforce', 'restricted')
  const audit = read('audit', 'privileged')
  const warn = read('warn', 'privileged')
  return { policy: { enforce, audit, warn: warnLike(enforce, warn, labels) }, errors }
}

/** Who enforces something is warned of it, too, unless the namespace says what it wants to be warned of. */
function warnLike(enforce: LevelVersion, warn: LevelVersion, labels: Labels): LevelVersion {
  const isStated = labels?.[`${prefix}warn`] !== undefined
  const isRead = levels.some((level) => level === labels?.[`${prefix}enforce`])
  if (isStated || !isRead || compareLevels(enforce.level, warn.level) <= 0) return warn
  const hasVersion = labels?.[`${prefix}warn-version`] !== undefined
  return { level: enforce.level, version: hasVersion ? warn.version : enforce.version }
}

export function compareLevels(a: Level, b: Level): number {
  return levels.indexOf(a) - levels.indexOf(b)
}

export function isSameLevel(a: LevelVersion, b: LevelVersion): boolean {
  return a.level === b.level && a.version === b.version
}

/** 'baseline:v1.24'. */
export function formatLevel({ level, version }: LevelVersion): string {
  return `${level}:${version === 'latest' ? version : `v1.${version}`}`
}
