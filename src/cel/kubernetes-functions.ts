import {
  addQuantities,
  compareQuantities,
  parseQuantity,
  type Quantity,
  quantityNumber,
  quantityOfUnits,
  subtractQuantities,
} from '../api/quantity.ts'
import type { Result } from '../api/result.ts'
import { type Implementation, type Implementations, noSuchOverload, text } from './implementation.ts'
import { checkedInt, intOf, isInt } from './int.ts'
import { namedFormats } from './named-formats.ts'
import {
  type AddressSort,
  containsCidr,
  containsIp,
  isOfSort,
  masked,
  parseCidr,
  parseIpAddress,
} from './net-address.ts'
import { CelCidr, CelFormat, CelIp, CelQuantity, CelSemver, CelUrl, type Semver } from './opaque-values.ts'
import { compareSemver, parseSemver } from './semver.ts'
import { hostnameOf, parseRequestUrl, portOf, queryValues } from './url.ts'
import { CelDouble, CelError, CelOptional, listFrom, mapFrom, type Outcome, optionalNone, type Value } from './value.ts'

/** Kubernetes' libraries of URLs, addresses, quantities, versions and formats. */

function orError(result: Result<Value, string>, prefix = ''): Outcome {
  return result.ok ? result.value : new CelError(`${prefix}${result.error}`)
}

function mapped<T>(result: Result<T, string>, to: (value: T) => Value, prefix = ''): Outcome {
  return result.ok ? to(result.value) : new CelError(`${prefix}${result.error}`)
}

function on<T extends object>(
  type: new (...args: never[]) => T,
  run: (it: T, other: Value) => Outcome,
): Implementation {
  return (it, other = null) => (it instanceof type ? run(it, other) : noSuchOverload)
}

const conversion = 'URL parse error during conversion from string: '

const urlFunctions: Implementations = {
  string_to_url: (s) => mapped(parseRequestUrl(text(s)), (url) => new CelUrl(url), conversion),
  is_url_string: (s) => parseRequestUrl(text(s)).ok,
  url_get_scheme: on(CelUrl, ({ url }) => url.scheme),
  url_get_host: on(CelUrl, ({ url }) => url.host),
  url_get_hostname: on(CelUrl, ({ url }) => hostnameOf(url)),
  url_get_port: on(CelUrl, ({ url }) => portOf(url)),
  url_get_escaped_path: on(CelUrl, ({ url }) => url.escapedPath),
  url_get_query: on(CelUrl, ({ url }) =>
    mapFrom([...queryValues(url)].map(([name, values]) => [name, listFrom(values)] as const)),
  ),
}

function sorted(sort: AddressSort): Implementation {
  return on(CelIp, (ip) => isOfSort(ip, sort))
}

const addressFunctions: Implementations = {
  string_to_ip: (s) => orError(parseIpAddress(text(s))),
  is_ip: (s) => parseIpAddress(text(s)).ok,
  ip_to_string: on(CelIp, String),
  ip_family: on(CelIp, ({ bytes }) => (bytes.length === 4 ? 4 : 6)),
  ip_is_canonical: (s) => mapped(parseIpAddress(text(s)), (ip) => String(ip) === s),
  ip_is_unspecified: sorted('unspecified'),
  ip_is_loopback: sorted('loopback'),
  ip_is_link_local_multicast: sorted('linkLocalMulticast'),
  ip_is_link_local_unicast: sorted('linkLocalUnicast'),
  ip_is_global_unicast: sorted('globalUnicast'),
  string_to_cidr: (s) => orError(parseCidr(text(s)), 'network address parse error during conversion from string: '),
  is_cidr: (s) => parseCidr(text(s)).ok,
  cidr_to_string: on(CelCidr, String),
  cidr_ip: on(CelCidr, ({ bytes }) => new CelIp(bytes)),
  cidr_prefix_length: on(CelCidr, ({ prefix }) => prefix),
  cidr_masked: on(CelCidr, masked),
  cidr_contains_ip_ip: on(CelCidr, (cidr, ip) => (ip instanceof CelIp ? containsIp(cidr, ip) : noSuchOverload)),
  cidr_contains_cidr: on(CelCidr, (cidr, other) =>
    other instanceof CelCidr ? containsCidr(cidr, other) : noSuchOverload,
  ),
  // A text that is no address is no argument of the function at all.
  cidr_contains_ip_string: on(CelCidr, (cidr, s) => {
    const ip = parseIpAddress(text(s))
    return ip.ok ? containsIp(cidr, ip.value) : noSuchOverload
  }),
  cidr_contains_cidr_string: on(CelCidr, (cidr, s) => {
    const other = parseCidr(text(s))
    return other.ok
      ? containsCidr(cidr, other.value)
      : new CelError(`network address parse error during conversion from string: ${other.error}`)
  }),
}

function withQuantity(run: (a: Quantity, b: Quantity) => Value): Implementation {
  return on(CelQuantity, ({ quantity }, other) => {
    if (other instanceof CelQuantity) return run(quantity, other.quantity)
    return isInt(other) ? run(quantity, quantityOfUnits(other, 'DecimalExponent')) : noSuchOverload
  })
}

const one = 10n ** 9n

/** The whole number of units; undefined where there is a rest or it needs more than 64 bits. */
function wholeUnits({ nano }: Quantity): bigint | undefined {
  const units = nano / one
  return nano % one === 0n && !(checkedInt(units) instanceof CelError) ? units : undefined
}

const sum = withQuantity((a, b) => new CelQuantity(addQuantities(a, b)))
const difference = withQuantity((a, b) => new CelQuantity(subtractQuantities(a, b)))

const quantityFunctions: Implementations = {
  string_to_quantity: (s) => mapped(parseQuantity(text(s)), (quantity) => new CelQuantity(quantity)),
  is_quantity_string: (s) => parseQuantity(text(s)).ok,
  quantity_sign: on(CelQuantity, ({ quantity: { nano } }) => (nano < 0n ? -1 : nano > 0n ? 1 : 0)),
  quantity_is_greater_than: withQuantity((a, b) => compareQuantities(a, b) > 0),
  quantity_is_less_than: withQuantity((a, b) => compareQuantities(a, b) < 0),
  quantity_compare_to: withQuantity(compareQuantities),
  quantity_get_float: on(CelQuantity, ({ quantity }) => new CelDouble(quantityNumber(quantity))),
  quantity_is_integer: on(CelQuantity, ({ quantity }) => wholeUnits(quantity) !== undefined),
  quantity_get_int: on(CelQuantity, ({ quantity }) => {
    const units = wholeUnits(quantity)
    return units === undefined ? new CelError('cannot convert value to integer') : intOf(units)
  }),
  quantity_add: sum,
  quantity_add_int: sum,
  quantity_sub: difference,
  quantity_sub_int: difference,
}

function toSemver(s: Value | undefined, normalize: boolean): Outcome {
  return mapped(
    parseSemver(text(s), normalize),
    (version) => new CelSemver(version, (other) => compareSemver(version, other)),
  )
}

function withSemver(run: (order: number) => Value): Implementation {
  return on(CelSemver, (it, other) =>
    other instanceof CelSemver ? run(it.compareWith(other.version)) : noSuchOverload,
  )
}

function semverPart(part: keyof Semver['core'] & (0 | 1 | 2)): Implementation {
  return on(CelSemver, ({ version }) => intOf(BigInt.asIntN(64, version.core[part])))
}

const semverFunctions: Implementations = {
  string_to_semver: (s) => toSemver(s, false),
  string_bool_to_semver: (s, normalize) => toSemver(s, normalize === true),
  is_semver_string: (s) => parseSemver(text(s), false).ok,
  is_semver_string_bool: (s, normalize) => parseSemver(text(s), normalize === true).ok,
  semver_is_greater_than: withSemver((order) => order > 0),
  semver_is_less_than: withSemver((order) => order < 0),
  semver_compare_to: withSemver((order) => order),
  semver_major: semverPart(0),
  semver_minor: semverPart(1),
  semver_patch: semverPart(2),
}

const formatFunctions: Implementations = {
  'format-named': (name) => {
    const format = namedFormats.get(text(name))
    return format === undefined ? optionalNone() : new CelOptional(new CelFormat(format))
  },
  'format-validate': on(CelFormat, ({ format }, s) => {
    const errors = format.errors(text(s))
    return errors.length === 0 ? optionalNone() : new CelOptional(listFrom(errors))
  }),
  ...Object.fromEntries([...namedFormats].map(([name, format]) => [`format.${name}`, () => new CelFormat(format)])),
}

export const kubernetesLibrary: Implementations = {
  ...urlFunctions,
  ...addressFunctions,
  ...quantityFunctions,
  ...semverFunctions,
  ...formatFunctions,
  string_jsonpatch_escapeKey_string: (s) => text(s).replace(/[~/]/g, (point) => (point === '~' ? '~0' : '~1')),
}
