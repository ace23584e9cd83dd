import { fail, ok, type Result } from '../api/result.ts'
import { compareText } from './equality.ts'
import type { Semver } from './opaque-values.ts'

const numeric = /^[0-9]+$/
const alphanumeric = /^[0-9A-Za-z-]+$/

/** Semantic versions, with the complaints of blang/semver. `normalize` takes 'v1.2' for 1.2.0. */
export function parseSemver(text: string, normalize: boolean): Result<Semver, string> {
  if (!normalize) return parseStrict(text)
  const normalized = normalized3(text)
  return normalized.ok ? parseStrict(normalized.value) : normalized
}

function parseStrict(text: string): Result<Semver, string> {
  if (text === '') return fail('Version string empty')
  const [major, minor, ...rest] = text.split('.')
  if (major === undefined || minor === undefined || rest.length === 0)
    return fail('No Major.Minor.Patch elements found')
  const tail = rest.join('.')
  const plus = tail.indexOf('+')
  const build = plus < 0 ? [] : tail.slice(plus + 1).split('.')
  const beforeBuild = plus < 0 ? tail : tail.slice(0, plus)
  const dash = beforeBuild.indexOf('-')
  const pre = dash < 0 ? [] : beforeBuild.slice(dash + 1).split('.')
  const patch = dash < 0 ? beforeBuild : beforeBuild.slice(0, dash)
  const parts = [numberPart('major', major), numberPart('minor', minor), numberPart('patch', patch)] as const
  for (const part of parts) if (!part.ok) return part
  const problem = pre.map(preProblem).find(Boolean) ?? build.map(buildProblem).find(Boolean)
  if (problem !== undefined) return fail(problem)
  const [a = 0n, b = 0n, c = 0n] = parts.map((part) => (part.ok ? part.value : 0n))
  return ok({ core: [a, b, c], pre })
}

function numberPart(name: string, text: string): Result<bigint, string> {
  if (!numeric.test(text)) return fail(`Invalid character(s) found in ${name} number ${JSON.stringify(text)}`)
  if (hasLeadingZeroes(text)) {
    const title = `${name[0]?.toUpperCase()}${name.slice(1)}`
    return fail(`${title} number must not contain leading zeroes ${JSON.stringify(text)}`)
  }
  const value = BigInt(text)
  return value < 2n ** 64n ? ok(value) : fail(`strconv.ParseUint: parsing ${JSON.stringify(text)}: value out of range`)
}

function hasLeadingZeroes(text: string): boolean {
  return text.length > 1 && text.startsWith('0')
}

function preProblem(part: string): string | undefined {
  if (part === '') return 'Prerelease is empty'
  if (numeric.test(part)) {
    return hasLeadingZeroes(part)
      ? `Numeric PreRelease version must not contain leading zeroes ${JSON.stringify(part)}`
      : undefined
  }
  return alphanumeric.test(part) ? undefined : `Invalid character(s) found in prerelease ${JSON.stringify(part)}`
}

function buildProblem(part: string): string | undefined {
  if (part === '') return 'Build meta data is empty'
  return alphanumeric.test(part) ? undefined : `Invalid character(s) found in build meta data ${JSON.stringify(part)}`
}

function normalized3(text: string): Result<string, string> {
  const [first = '', second, ...rest] = text.replace(/^v/, '').split('.')
  const parts = [first, ...(second === undefined ? [] : [second]), ...(rest.length === 0 ? [] : [rest.join('.')])].map(
    (part) => (part.length > 1 ? part.replace(/^0+/, '').replace(/^(?![0-9])/, '0') : part),
  )
  if (parts.length < 3 && /[+-]/.test(parts[parts.length - 1] ?? '')) {
    return fail('short version cannot contain PreRelease/Build meta data')
  }
  return ok([...parts, '0', '0'].slice(0, Math.max(3, parts.length)).join('.'))
}

/** Build data do not count; a prerelease comes before its release. */
export function compareSemver(a: Semver, b: Semver): number {
  for (const [at, part] of a.core.entries()) {
    const other = b.core[at] ?? 0n
    if (part !== other) return part < other ? -1 : 1
  }
  if (a.pre.length === 0 || b.pre.length === 0) return Math.sign(b.pre.length - a.pre.length)
  for (let at = 0; at < Math.min(a.pre.length, b.pre.length); at++) {
    const order = comparePre(a.pre[at] ?? '', b.pre[at] ?? '')
    if (order !== 0) return order
  }
  return Math.sign(a.pre.length - b.pre.length)
}

function comparePre(a: string, b: string): number {
  const [x, y] = [numeric.test(a), numeric.test(b)]
  if (x && y) return BigInt(a) === BigInt(b) ? 0 : BigInt(a) < BigInt(b) ? -1 : 1
  return x !== y ? (x ? -1 : 1) : compareText(a, b)
}
