/** Syntax rules for names, worded as k8s.io/apimachinery/pkg/util/validation. Each returns what is wrong; nothing when all is well. */

export const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const subdomain = `${label}(\\.${label})*`
const wildcardSubdomain = `\\*\\.${subdomain}`
const underscoreLabel = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const underscoreSubdomain = `${underscoreLabel}(\\.${underscoreLabel})*`
const dns1035 = '[a-z]([-a-z0-9]*[a-z0-9])?'
const configKey = '[-._a-zA-Z0-9]+'
const percent = '[0-9]+%'
const headerName = '[-A-Za-z0-9]+'

const patterns = new Map<string, RegExp>()

function matches(pattern: string, value: string): boolean {
  const known = patterns.get(pattern) ?? new RegExp(`^(?:${pattern})$`)
  patterns.set(pattern, known)
  return known.test(value)
}

/** apimachinery's RegexError. */
export function wrong(message: string, pattern: string, ...examples: readonly string[]): string {
  if (examples.length === 0) return `${message} (regex used for validation is '${pattern}')`
  const shown = examples.map((example) => `'${example}', `).join(' or ')
  return `${message} (e.g. ${shown}regex used for validation is '${pattern}')`
}

function tooLong(value: string, most: number): readonly string[] {
  return value.length > most ? [`must be no more than ${most} characters`] : []
}

export function dnsLabelErrors(value: string): readonly string[] {
  if (matches(label, value)) return tooLong(value, 63)
  if (matches(subdomain, value)) return [...tooLong(value, 63), 'must not contain dots']
  const message =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an " +
    'alphanumeric character'
  return [...tooLong(value, 63), wrong(message, label, 'my-name', '123-abc')]
}

export function dnsSubdomainErrors(value: string): readonly string[] {
  if (matches(subdomain, value)) return tooLong(value, 253)
  const message =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an " +
    'alphanumeric character'
  return [...tooLong(value, 253), wrong(message, subdomain, 'example.com')]
}

export function wildcardSubdomainErrors(value: string): readonly string[] {
  if (matches(wildcardSubdomain, value)) return tooLong(value, 253)
  const message =
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case " +
    "alphanumeric characters, '-' or '.' and end with an alphanumeric character"
  return [...tooLong(value, 253), wrong(message, wildcardSubdomain, '*.example.com')]
}

/** Search domains may have underscores. */
export function searchDomainErrors(value: string): readonly string[] {
  if (matches(underscoreSubdomain, value)) return tooLong(value, 253)
  const message =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with " +
    'an alphanumeric character'
  return [...tooLong(value, 253), wrong(message, underscoreSubdomain, 'example.com')]
}

export function dns1035LabelErrors(value: string): readonly string[] {
  if (matches(dns1035, value)) return tooLong(value, 63)
  const message =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an " +
    'alphanumeric character'
  return [...tooLong(value, 63), wrong(message, dns1035, 'my-name', 'abc-123')]
}

/** Names of RBAC objects: whatever can stand in a path. */
export function pathSegmentErrors(value: string): readonly string[] {
  if (value === '.' || value === '..') return [`may not be '${value}'`]
  return ['/', '%'].filter((part) => value.includes(part)).map((part) => `may not contain '${part}'`)
}

export function domainNameErrors(value: string): readonly string[] {
  return dnsSubdomainErrors(value.endsWith('.') ? value.slice(0, -1) : value)
}

export function portNumberErrors(port: number): readonly string[] {
  return port >= 1 && port <= 65535 ? [] : ['must be between 1 and 65535, inclusive']
}

export function portNameErrors(value: string): readonly string[] {
  const errors: string[] = []
  if (value.length > 15) errors.push('must be no more than 15 characters')
  if (!/^[-a-z0-9]+$/.test(value)) errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  if (!/[a-z]/.test(value)) errors.push('must contain at least one letter (a-z)')
  if (value.includes('--')) errors.push('must not contain consecutive hyphens')
  if (value.startsWith('-') || value.endsWith('-')) errors.push('must not begin or end with a hyphen')
  return errors
}

export function portErrors(port: number | string | undefined): readonly string[] {
  return typeof port === 'string' ? portNameErrors(port) : portNumberErrors(port ?? 0)
}

/** User and group ids. */
export function idErrors(id: number): readonly string[] {
  return id >= 0 && id <= 2147483647 ? [] : ['must be between 0 and 2147483647, inclusive']
}

export function percentErrors(value: string): readonly string[] {
  if (matches(percent, value)) return []
  return [wrong("a valid percent string must be a numeric string followed by an ending '%'", percent, '1%', '93%')]
}

export function headerNameErrors(value: string): readonly string[] {
  if (matches(headerName, value)) return []
  return [wrong("a valid HTTP header must consist of alphanumeric characters or '-'", headerName, 'X-Header-Name')]
}

export function envNameErrors(value: string): readonly string[] {
  if (value === '') return ['environment variable name must be non-empty']
  if (/^[ -<>-~]*$/.test(value)) return []
  return ["a valid environment variable name must consist only of printable ASCII characters other than '='"]
}

/** Keys of ConfigMaps and Secrets become names of files. */
export function configKeyErrors(value: string): readonly string[] {
  const errors = [...tooLong(value, 253)]
  if (!matches(configKey, value)) {
    const message = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
    errors.push(wrong(message, configKey, 'key.name', 'KEY_NAME', 'key-name'))
  }
  if (value === '.' || value === '..') errors.push(`must not be '${value}'`)
  else if (value.startsWith('..')) errors.push("must not start with '..'")
  return errors
}

/** DNS subdomains, where declarative validation words what is too long (apimachinery's validate.LongName). */
export function longNameErrors(name: string): readonly string[] {
  return dnsSubdomainErrors(name).map((message) => message.replace(/(no more than \d+) characters/, '$1 bytes'))
}

/** A prefix to which random letters are added may end with a dash where a name may not. */
export function asPrefix(prefix: string): string {
  return prefix.length > 1 && prefix.endsWith('-') ? `${prefix.slice(0, -2)}a` : prefix
}
