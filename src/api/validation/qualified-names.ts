import { type Errors, invalid, invalidEach, required } from './field-error.ts'
import { dnsLabelErrors, dnsSubdomainErrors, wrong } from './names.ts'

/** Names that begin with, or are, a DNS domain: apimachinery's pkg/util/validation. */

export const httpPath = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+"

/** 'acme.io/foo': what follows the first slash is any HTTP path. */
export function validateDomainPrefixedPath(field: string, value: string): Errors {
  if (value === '') return [required(field)]
  const { host, rest } = split(value)
  if (host === '' || rest === '') {
    return [invalid(field, value, 'must be a domain-prefixed path (such as "acme.io/foo")')]
  }
  return [
    ...invalidEach(field, host, dnsSubdomainErrors(host)),
    ...(new RegExp(`^${httpPath}$`).test(rest) ? [] : [invalid(field, rest, wrong('Invalid path', httpPath))]),
  ]
}

function split(value: string): Readonly<{ host: string; rest: string }> {
  const slash = value.indexOf('/')
  return slash < 0 ? { host: value, rest: '' } : { host: value.slice(0, slash), rest: value.slice(slash + 1) }
}

/** A domain of two labels at least; the dot at the end may be there. */
export function validateFullyQualifiedName(field: string, name: string): Errors {
  if (name === '') return [required(field)]
  const bare = name.replace(/\.$/, '')
  const errors = dnsSubdomainErrors(bare)
  if (errors.length > 0) return [invalid(field, bare, errors.join(','))]
  const labels = bare.split('.')
  if (labels.length < 2)
    return [invalid(field, bare, 'should be a domain with at least two segments separated by dots')]
  const wrongLabel = labels.find((label) => dnsLabelErrors(label).length > 0)
  return wrongLabel === undefined ? [] : [invalid(field, wrongLabel, dnsLabelErrors(wrongLabel).join(','))]
}
