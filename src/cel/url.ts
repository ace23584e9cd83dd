import { fail, ok, type Result } from '../api/result.ts'

/** A URL as Go's net/url takes it apart. */
export type ParsedUrl = Readonly<{
  text: string
  scheme: string
  /** With the port; an IPv6 address in brackets. */
  host: string
  escapedPath: string
  query: string
}>

/** An absolute URL or an absolute path; the error is worded as net/url words it. */
export function parseRequestUrl(text: string): Result<ParsedUrl, string> {
  const problem = (what: string): Result<never, string> => fail(`parse ${JSON.stringify(text)}: ${what}`)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\x00-\x1f\x7f]/.test(text)) return problem('net/url: invalid control character in URL')
  if (text === '') return problem('empty url')
  const scheme = schemeOf(text)
  if (scheme === undefined) return problem('missing protocol scheme')
  const rest = scheme === '' ? text : text.slice(scheme.length + 1)
  if (!rest.startsWith('/')) {
    if (scheme === '') return problem('invalid URI for request')
    return ok({ text, scheme: scheme.toLowerCase(), host: '', escapedPath: '', query: rest.split('?')[1] ?? '' })
  }
  return hierarchical(text, scheme.toLowerCase(), rest, problem)
}

/** Empty when there is none; undefined when only the colon is there. */
function schemeOf(text: string): string | undefined {
  const found = /^([A-Za-z][A-Za-z0-9+.-]*)?:/.exec(text)
  if (found === null) return ''
  return found[1]
}

function hierarchical(
  text: string,
  scheme: string,
  rest: string,
  problem: (what: string) => Result<never, string>,
): Result<ParsedUrl, string> {
  const withoutFragment = rest.split('#', 1)[0] ?? ''
  const question = withoutFragment.indexOf('?')
  const query = question < 0 ? '' : withoutFragment.slice(question + 1)
  const hierarchy = question < 0 ? withoutFragment : withoutFragment.slice(0, question)
  const hasAuthority = scheme !== '' && hierarchy.startsWith('//') && !hierarchy.startsWith('///')
  const slash = hasAuthority ? hierarchy.indexOf('/', 2) : 0
  const authority = hasAuthority ? hierarchy.slice(2, slash < 0 ? undefined : slash) : ''
  const path = hasAuthority ? (slash < 0 ? '' : hierarchy.slice(slash)) : hierarchy.replace(/^\/\/(?=\/)/, '')
  const host = authority.slice(authority.lastIndexOf('@') + 1)
  const wrong = hostProblem(host) ?? escapeProblem(path)
  if (wrong !== undefined) return problem(wrong)
  return ok({ text, scheme, host, escapedPath: escapePath(path), query })
}

function hostProblem(host: string): string | undefined {
  if (host.startsWith('[')) {
    const close = host.lastIndexOf(']')
    if (close < 0) return "missing ']' in host"
    return portProblem(host.slice(close + 1))
  }
  const colon = host.lastIndexOf(':')
  const wrongPort = colon < 0 ? undefined : portProblem(host.slice(colon))
  if (wrongPort !== undefined) return wrongPort
  const bad = /[^A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"%\u0080-\uffff]/.exec(host)?.[0]
  if (bad !== undefined) return `invalid character ${JSON.stringify(bad)} in host name`
  return escapeProblem(host)
}

function portProblem(port: string): string | undefined {
  return port === '' || /^:\d*$/.test(port) ? undefined : `invalid port ${JSON.stringify(port)} after host`
}

function escapeProblem(text: string): string | undefined {
  const bad = /%(?![0-9A-Fa-f]{2}).{0,2}/.exec(text)?.[0]
  return bad === undefined ? undefined : `invalid URL escape ${JSON.stringify(bad)}`
}

/** What may not stand in a path is escaped; what is escaped stays so. */
function escapePath(path: string): string {
  return path.replace(/[^A-Za-z0-9\-_.~$&+,/:;=@!'()*[\]%]+/g, (found) => encodeURIComponent(found))
}

export function hostnameOf({ host }: ParsedUrl): string {
  const colon = host.lastIndexOf(':')
  const name = colon > host.lastIndexOf(']') ? host.slice(0, colon) : host
  return /^\[.*\]$/.test(name) ? name.slice(1, -1) : name
}

export function portOf({ host }: ParsedUrl): string {
  const colon = host.lastIndexOf(':')
  return colon > host.lastIndexOf(']') ? host.slice(colon + 1) : ''
}

/** Values by name, in the order of their first occurrence; pairs that cannot be read are left out. */
export function queryValues({ query }: ParsedUrl): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>()
  for (const pair of query.split('&')) {
    if (pair === '' || pair.includes(';')) continue
    const equals = pair.indexOf('=')
    const [name, value] = [equals < 0 ? pair : pair.slice(0, equals), equals < 0 ? '' : pair.slice(equals + 1)].map(
      decodeQuery,
    )
    if (name === undefined || value === undefined) continue
    values.set(name, [...(values.get(name) ?? []), value])
  }
  return values
}

function decodeQuery(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}
