/** Go's path.Clean: '.' and '..' resolved, as far as the text alone can tell; '.' for what is empty. */
export function cleanPath(path: string): string {
  const isRooted = path.startsWith('/')
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else if (!isRooted) parts.push(part)
  }
  const joined = parts.join('/')
  return isRooted ? `/${joined}` : joined === '' ? '.' : joined
}

/** From the root: '..' cannot lead above it. */
export function rootedPath(path: string): string {
  return cleanPath(`/${path}`)
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

export function hasWildcards(path: string): boolean {
  return /[*?[]/.test(path.replace(/\\./gs, ''))
}

/** Go's path.Match as a regular expression: *, ?, [a-z], [^a-z] and escapes, none of them across a slash. Undefined: it is broken. */
export function pathPattern(pattern: string): RegExp | undefined {
  let source = '^'
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] ?? ''
    if (character === '*') source += '[^/]*'
    else if (character === '?') source += '[^/]'
    else if (character === '\\') {
      const next = pattern[++at]
      if (next === undefined) return undefined
      source += literal(next)
    } else if (character === '[') {
      const end = classEnd(pattern, at)
      if (end === undefined) return undefined
      source += classOf(pattern.slice(at + 1, end))
      at = end
    } else source += literal(character)
  }
  try {
    return new RegExp(`${source}$`)
  } catch {
    return undefined
  }
}

function literal(character: string): string {
  return character.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}

/** Of the bracket that closes the class; it has at least one member. */
function classEnd(pattern: string, from: number): number | undefined {
  let at = from + 1
  if (pattern[at] === '^') at += 1
  for (const first = at; at < pattern.length; at++) {
    if (pattern[at] === '\\') at += 1
    else if (pattern[at] === ']' && at > first) return at
  }
  return undefined
}

function classOf(members: string): string {
  const isNegated = members.startsWith('^')
  const inner = (isNegated ? members.slice(1) : members).replace(/\\(.)|([\]^[])/gs, '\\$1$2')
  return isNegated ? `[^/${inner}]` : `[${inner}]`
}
