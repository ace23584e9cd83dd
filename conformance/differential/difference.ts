const longestShown = 700

/** Where two plain values differ: a line each, 'path: original … | coracle …', at most `limit` of them. */
export function differences(original: unknown, coracle: unknown, limit = 12): readonly string[] {
  const found: string[] = []
  compare(original, coracle, '', found)
  const more = found.length - limit
  return more > 0 ? [...found.slice(0, limit), `… and ${more} more`] : found
}

function compare(original: unknown, coracle: unknown, path: string, found: string[]): void {
  if (Object.is(original, coracle)) return
  if (Array.isArray(original) && Array.isArray(coracle)) {
    for (let at = 0; at < Math.max(original.length, coracle.length); at += 1)
      compare(at in original ? original[at] : absent, at in coracle ? coracle[at] : absent, `${path}[${at}]`, found)
    return
  }
  if (isRecord(original) && isRecord(coracle)) {
    const keys = new Set([...Object.keys(original), ...Object.keys(coracle)])
    for (const key of keys)
      compare(
        key in original ? original[key] : absent,
        key in coracle ? coracle[key] : absent,
        path === '' ? key : `${path}.${key}`,
        found,
      )
    return
  }
  const [from, to] = fromWhereTheyDiffer(original, coracle)
  found.push(`${path}: original ${shown(from)} | coracle ${shown(to)}`)
}

const shownBefore = 100

/** Long texts that begin alike are shown from shortly before they differ. */
function fromWhereTheyDiffer(original: unknown, coracle: unknown): readonly [unknown, unknown] {
  if (typeof original !== 'string' || typeof coracle !== 'string') return [original, coracle]
  let at = 0
  while (at < original.length && original[at] === coracle[at]) at += 1
  const start = at - shownBefore
  if (start <= 0 || Math.max(original.length, coracle.length) <= longestShown) return [original, coracle]
  return [`…${original.slice(start)}`, `…${coracle.slice(start)}`]
}

const absent = Symbol('absent')

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function shown(value: unknown): string {
  if (value === absent) return '(absent)'
  const text = JSON.stringify(value) ?? String(value)
  return text.length > longestShown ? `${text.slice(0, longestShown)}… (${text.length})` : text
}
