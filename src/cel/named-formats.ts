import { base64 } from '../api/custom/formats.ts'
import { labelKeyErrors, labelValueErrors } from '../api/label-syntax.ts'
import { asPrefix, dns1035LabelErrors, dnsLabelErrors, dnsSubdomainErrors } from '../api/validation/names.ts'
import { parseTimestamp } from './moment.ts'
import type { NamedFormat } from './opaque-values.ts'
import { parseRequestUrl } from './url.ts'

const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i

function when(valid: (text: string) => boolean, complaint: string): (text: string) => readonly string[] {
  return (text) => (valid(text) ? [] : [complaint])
}

function uriErrors(text: string): readonly string[] {
  const parsed = parseRequestUrl(text)
  return parsed.ok ? [] : [parsed.error]
}

function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && parseTimestamp(`${text}T00:00:00Z`) !== undefined
}

/** Date and time as OpenAPI means them: the time may be written with small letters, and a space for the T. */
function isDateTime(text: string): boolean {
  return text.length >= 4 && parseTimestamp(text.toUpperCase().replace(/^(\d{4}-\d{2}-\d{2}) /, '$1T')) !== undefined
}

/** What format.named() finds: each with the size of its expression, which its costs are reckoned by. */
export const namedFormats: ReadonlyMap<string, NamedFormat> = new Map<string, NamedFormat>([
  ['dns1123Label', { name: 'DNS1123Label', errors: dnsLabelErrors, maxRegexpSize: 30 }],
  ['dns1123Subdomain', { name: 'DNS1123Subdomain', errors: dnsSubdomainErrors, maxRegexpSize: 60 }],
  ['dns1035Label', { name: 'DNS1035Label', errors: dns1035LabelErrors, maxRegexpSize: 30 }],
  ['qualifiedName', { name: 'QualifiedName', errors: qualifiedNameErrors, maxRegexpSize: 60 }],
  ['dns1123LabelPrefix', { name: 'DNS1123LabelPrefix', errors: (t) => dnsLabelErrors(asPrefix(t)), maxRegexpSize: 30 }],
  [
    'dns1123SubdomainPrefix',
    { name: 'DNS1123SubdomainPrefix', errors: (t) => dnsSubdomainErrors(asPrefix(t)), maxRegexpSize: 60 },
  ],
  [
    'dns1035LabelPrefix',
    { name: 'DNS1035LabelPrefix', errors: (t) => dns1035LabelErrors(asPrefix(t)), maxRegexpSize: 30 },
  ],
  ['labelValue', { name: 'LabelValue', errors: labelValueErrors, maxRegexpSize: 40 }],
  ['uri', { name: 'URI', errors: uriErrors, maxRegexpSize: 1103 }],
  ['uuid', { name: 'uuid', errors: when((t) => uuid.test(t), 'does not match the UUID format'), maxRegexpSize: 70 }],
  ['byte', { name: 'byte', errors: when((t) => base64.test(t), 'invalid base64'), maxRegexpSize: 84 }],
  ['date', { name: 'date', errors: when(isDate, 'invalid date'), maxRegexpSize: 71 }],
  ['datetime', { name: 'datetime', errors: when(isDateTime, 'invalid datetime'), maxRegexpSize: 71 }],
])

/** A label key is a qualified name; only the word for it differs. */
function qualifiedNameErrors(text: string): readonly string[] {
  return labelKeyErrors(text).map((error) => error.replace(/^a valid label key must/, 'a qualified name must'))
}
