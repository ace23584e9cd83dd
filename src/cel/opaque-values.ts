import { compareQuantities, formatQuantity, type Quantity } from '../api/quantity.ts'
import { formatIp } from '../api/validation/ip.ts'
import { type CelType, opaqueType, structType } from './type.ts'
import type { ParsedUrl } from './url.ts'
import type { CelObject, Value } from './value.ts'

/** The values of Kubernetes' own types. */

export class CelQuantity implements CelObject {
  readonly celType: CelType = structType('kubernetes.Quantity')
  readonly quantity: Quantity
  constructor(quantity: Quantity) {
    this.quantity = quantity
  }
  equals(other: Value): boolean {
    return other instanceof CelQuantity && compareQuantities(this.quantity, other.quantity) === 0
  }
  toString(): string {
    return formatQuantity(this.quantity)
  }
}

/** An address of 4 or 16 bytes. */
export class CelIp implements CelObject {
  readonly celType: CelType = opaqueType('net.IP')
  readonly bytes: readonly number[]
  readonly costSize: number
  constructor(bytes: readonly number[]) {
    this.bytes = bytes
    this.costSize = bytes.length
  }
  equals(other: Value): boolean {
    return other instanceof CelIp && sameBytes(this.bytes, other.bytes)
  }
  toString(): string {
    return formatIp(this.bytes)
  }
}

export class CelCidr implements CelObject {
  readonly celType: CelType = opaqueType('net.CIDR')
  readonly bytes: readonly number[]
  readonly prefix: number
  readonly costSize: number
  constructor(bytes: readonly number[], prefix: number) {
    this.bytes = bytes
    this.prefix = prefix
    this.costSize = Math.ceil(prefix / 8)
  }
  equals(other: Value): boolean {
    return other instanceof CelCidr && sameBytes(this.bytes, other.bytes) && this.prefix === other.prefix
  }
  toString(): string {
    return `${formatIp(this.bytes)}/${this.prefix}`
  }
}

function sameBytes(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at])
}

export class CelUrl implements CelObject {
  readonly celType: CelType = structType('kubernetes.URL')
  readonly url: ParsedUrl
  constructor(url: ParsedUrl) {
    this.url = url
  }
  equals(other: Value): boolean {
    return other instanceof CelUrl && this.url.text === other.url.text
  }
  toString(): string {
    return this.url.text
  }
}

/** What a format says of a text; empty when nothing is wrong. */
export type NamedFormat = Readonly<{ name: string; errors: (text: string) => readonly string[]; maxRegexpSize: number }>

export class CelFormat implements CelObject {
  readonly celType: CelType = structType('kubernetes.NamedFormat')
  readonly format: NamedFormat
  readonly costSize: number
  constructor(format: NamedFormat) {
    this.format = format
    this.costSize = format.name.length
  }
  equals(other: Value): boolean {
    return other instanceof CelFormat && this.format.name === other.format.name
  }
}

export type Semver = Readonly<{ core: readonly [bigint, bigint, bigint]; pre: readonly string[] }>

export class CelSemver implements CelObject {
  readonly celType: CelType = structType('kubernetes.Semver')
  readonly version: Semver
  readonly compareWith: (other: Semver) => number
  constructor(version: Semver, compareWith: (other: Semver) => number) {
    this.version = version
    this.compareWith = compareWith
  }
  equals(other: Value): boolean {
    return other instanceof CelSemver && this.compareWith(other.version) === 0
  }
}
