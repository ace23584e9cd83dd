import { label } from '../validation/names.ts'

/** The formats of strings that a schema can ask for. Kubernetes: kube-openapi/pkg/validation/strfmt. */

const hexDigits = '[0-9a-fA-F]'
const uuidOf = (version: string, variant: string): RegExp =>
  new RegExp(
    `^${hexDigits}{8}-?${hexDigits}{4}-?${version}${hexDigits}{3}-?${variant}${hexDigits}{3}-?${hexDigits}{12}$`,
  )
const ipv4Byte = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const ipv4 = new RegExp(`^${ipv4Byte}(?:\\.${ipv4Byte}){3}$`)
const hostname =
  /^([a-zA-Z0-9\p{S}\p{L}]((-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?)|([a-zA-Z0-9\p{S}\p{L}](([a-zA-Z0-9\-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?)(\.)){1,}([a-zA-Z\p{L}]){2,63})$/u
const dateTime = /^([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))$/
const creditCard =
  /^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|(222[1-9]|22[3-9][0-9]|2[3-6][0-9]{2}|27[01][0-9]|2720)[0-9]{12}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\d{3})\d{11}|6[27][0-9]{14})$/
export const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/
const rgbPart = '\\s*(0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])\\s*'
const rgb = new RegExp(`^rgb\\(${rgbPart},${rgbPart},${rgbPart}\\)$`)
const macs = [/^(?:[0-9a-fA-F]{2}([:-]))(?:[0-9a-fA-F]{2}\1)*[0-9a-fA-F]{2}$/, /^(?:[0-9a-fA-F]{4}\.)+[0-9a-fA-F]{4}$/]
const shortName = new RegExp(`^${label}$`)
const longName = new RegExp(`^${label}(\\.${label})*$`)
const address = /^(?:.*<)?[^\s@<>()[\],;:\\"]+@[^\s@<>()[\],;:\\"]+>?$/
const durationUnits =
  /^(?:ns|nano|us|µs|micro|ms|milli|s|sec|m|min|h|hr|hour|d|day|w|wk|week)$|^(?:nano|micro|milli)?(?:sec|second)s?$|^(?:min|minute|hour|hr|day|week|wk|milli|micro|nano|sec)s?$/

function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (match === null) return false
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate()
  return month >= 1 && month <= 12 && day >= 1 && day <= days
}

function isDateTime(text: string): boolean {
  const [date = '', time = ''] = text.toLowerCase().split('t')
  const match = isDate(date) ? dateTime.exec(time) : null
  return match !== null && (match[1] ?? '') <= '23' && (match[2] ?? '') <= '59' && (match[3] ?? '') <= '59'
}

/** As Go's time.ParseDuration, or numbers with units in words. */
function isDuration(text: string): boolean {
  if (/^[+-]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.test(text)) return true
  const parts = [...text.matchAll(/(\d+)\s*([A-Za-zµ]+)/g)]
  return parts.length > 0 && parts.every(([, , unit = '']) => durationUnits.test(unit.toLowerCase()))
}

function isIpv6(text: string): boolean {
  if (!text.includes(':')) return false
  const tail = text.slice(text.lastIndexOf(':') + 1)
  const hexOnly = ipv4.test(tail) ? `${text.slice(0, -tail.length)}0:0` : text
  const [head = '', rest, ...more] = hexOnly.split('::')
  if (more.length > 0) return false
  const groups = (part: string): readonly string[] => (part === '' ? [] : part.split(':'))
  const all = [...groups(head), ...groups(rest ?? '')]
  const fits = rest === undefined ? all.length === 8 : all.length <= 7
  return fits && all.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))
}

function isCidr(text: string): boolean {
  const [ip = '', bits = '', ...more] = text.split('/')
  if (more.length > 0 || !/^\d{1,3}$/.test(bits)) return false
  return ipv4.test(ip) ? Number(bits) <= 32 : isIpv6(ip) && Number(bits) <= 128
}

function isUri(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: Go refuses control characters in URIs.
  if (text === '' || /[\u0000-\u001f\u007f ]/.test(text) || /%(?![0-9a-fA-F]{2})/.test(text)) return false
  return text.startsWith('/') || text === '*' || /^[a-zA-Z][a-zA-Z0-9+.-]*:./.test(text)
}

function digits(text: string): string {
  return text.replace(/[\s-]+/g, '')
}

function isIsbn10(text: string): boolean {
  const code = digits(text)
  if (!/^(?:[0-9]{9}X|[0-9]{10})$/.test(code)) return false
  let sum = 0
  for (let at = 0; at < 9; at++) sum += (at + 1) * Number(code[at])
  return (sum + 10 * (code[9] === 'X' ? 10 : Number(code[9]))) % 11 === 0
}

function isIsbn13(text: string): boolean {
  const code = digits(text)
  if (!/^[0-9]{13}$/.test(code)) return false
  let sum = 0
  for (let at = 0; at < 12; at++) sum += (at % 2 === 0 ? 1 : 3) * Number(code[at])
  return (10 - (sum % 10)) % 10 === Number(code[12])
}

function isCreditCard(text: string): boolean {
  const code = text.replace(/[^0-9]+/g, '')
  if (!creditCard.test(code)) return false
  let sum = 0
  for (let at = code.length - 1, twice = false; at >= 0; at--, twice = !twice) {
    const digit = Number(code[at])
    sum += twice ? (digit * 2 >= 10 ? ((digit * 2) % 10) + 1 : digit * 2) : digit
  }
  return sum % 10 === 0
}

function isHostname(text: string): boolean {
  const bytes = new TextEncoder().encode(text).length
  return hostname.test(text) && bytes <= 255 && text.split('.').every((part) => part.length <= 63)
}

/** By name without dashes. */
const formats: Readonly<Record<string, (text: string) => boolean>> = {
  bsonobjectid: (text) => /^[0-9a-fA-F]{24}$/.test(text),
  byte: (text) => base64.test(text),
  cidr: isCidr,
  creditcard: isCreditCard,
  date: isDate,
  datetime: isDateTime,
  duration: isDuration,
  email: (text) => address.test(text),
  hexcolor: (text) => /^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/.test(text),
  hostname: isHostname,
  ipv4: (text) => ipv4.test(text),
  ipv6: isIpv6,
  isbn: (text) => isIsbn10(text) || isIsbn13(text),
  isbn10: isIsbn10,
  isbn13: isIsbn13,
  k8slongname: (text) => text.length <= 253 && longName.test(text),
  k8sshortname: (text) => text.length <= 63 && shortName.test(text),
  mac: (text) => [14, 17, 19, 23, 29, 59].includes(text.length) && macs.some((pattern) => pattern.test(text)),
  password: () => true,
  rgbcolor: (text) => rgb.test(text),
  ssn: (text) => /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text),
  uri: isUri,
  uuid: (text) => uuidOf(hexDigits, hexDigits).test(text),
  uuid3: (text) => uuidOf('3', hexDigits).test(text),
  uuid4: (text) => uuidOf('4', '[89abAB]').test(text),
  uuid5: (text) => uuidOf('5', '[89abAB]').test(text),
}

export function stringFormat(name: string): ((text: string) => boolean) | undefined {
  const normal = name.replaceAll('-', '')
  return Object.hasOwn(formats, normal) ? formats[normal] : undefined
}

/** A format that is not known for a type is ignored. */
export function isKnownFormat(type: string, format: string): boolean {
  if (type === '' || type === 'string') return stringFormat(format) !== undefined
  if (type === 'integer') return format === 'int32' || format === 'int64'
  return type === 'number' && (format === 'float' || format === 'double')
}
