/**
 * One step of a path in FieldsV1: 'f:name' a field, 'k:{"name":"c"}' the item of a list with these key fields, 'v:"x"' an item of a
 * set, 'i:0' an index. As text, elements are equal exactly when their text is: keys are written in name order.
 */
export type PathElement = string

/** '.' marks the node itself as a member of the set. */
export const selfMark = '.'

export function fieldElement(name: string): PathElement {
  return `f:${name}`
}

export function valueElement(value: unknown): PathElement {
  return `v:${goJson(value)}`
}

/** `fields`: the key fields of a list item, in name order. */
export function keyElement(fields: readonly (readonly [name: string, value: unknown])[]): PathElement {
  return `k:{${fields.map(([name, value]) => `${goJson(name)}:${goJson(value)}`).join(',')}}`
}

const goEscapes: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
}

/** JSON as Go's encoder writes it: safe within HTML. */
function goJson(value: unknown): string {
  const text = JSON.stringify(value)
  return /[<>&\u2028\u2029]/.test(text) ? text.replace(/[<>&\u2028\u2029]/g, (char) => goEscapes[char] ?? char) : text
}

/** The element in its one form; undefined for a type of element that we (and the original) do not know. Throws for malformed ones. */
export function normalElement(text: string): PathElement | undefined {
  const content = text.slice(2)
  if (text.length < 2) throw new SyntaxError('key must be 2 characters long:')
  if (text.charAt(1) !== ':') throw new SyntaxError(`missing colon: ${text}`)
  switch (text.charAt(0)) {
    case 'f':
      return text
    case 'v':
      return valueElement(JSON.parse(content))
    case 'k':
      return keyElement(keyFields(content))
    case 'i':
      if (!/^-?[0-9]+$/.test(content))
        throw new SyntaxError(`strconv.Atoi: parsing ${JSON.stringify(content)}: invalid syntax`)
      return `i:${Number(content)}`
    default:
      return undefined
  }
}

function keyFields(content: string): [string, unknown][] {
  const parsed: unknown = JSON.parse(content)
  if (typeof parsed !== 'object' || parsed === null) throw new SyntaxError(`expected an object: ${content}`)
  return Object.entries(parsed).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

/** The order in which FieldsV1 is written: fields, keys, values, indexes; each by its content. */
export function compareElements(a: PathElement, b: PathElement): number {
  if (a === b) return 0
  const kindA = a.charCodeAt(0)
  const kindB = b.charCodeAt(0)
  if (kindA !== kindB) return rank(kindA) - rank(kindB)
  if (kindA === fieldCode) return a < b ? -1 : 1
  const contentA = a.slice(2)
  const contentB = b.slice(2)
  if (kindA === keyCode) return compareKeys(keyFields(contentA), keyFields(contentB))
  return compareScalars(JSON.parse(contentA), JSON.parse(contentB))
}

const fieldCode = 'f'.charCodeAt(0)
const keyCode = 'k'.charCodeAt(0)

function rank(code: number): number {
  return 'fkvi'.indexOf(String.fromCharCode(code))
}

function compareKeys(a: readonly [string, unknown][], b: readonly [string, unknown][]): number {
  for (let at = 0; ; at += 1) {
    const left = a[at]
    const right = b[at]
    if (left === undefined || right === undefined) return a.length - b.length
    if (left[0] !== right[0]) return left[0] < right[0] ? -1 : 1
    const order = compareScalars(left[1], right[1])
    if (order !== 0) return order
  }
}

const scalarRanks: Readonly<Record<string, number>> = { number: 0, string: 1, boolean: 2 }

function compareScalars(a: unknown, b: unknown): number {
  if (a === b) return 0
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : 1
  if (typeof a === 'boolean' && typeof b === 'boolean') return a ? 1 : -1
  return (scalarRanks[typeof a] ?? 3) - (scalarRanks[typeof b] ?? 3)
}

/** '.name', '[name="c"]', '[="x"]', '[0]': how conflicts name a path. */
export function elementText(element: PathElement): string {
  const content = element.slice(2)
  switch (element.charAt(0)) {
    case 'f':
      return `.${content}`
    case 'v':
      return `[=${scalarText(JSON.parse(content))}]`
    case 'k':
      return `[${keyFields(content)
        .map(([name, value]) => `${name}=${scalarText(value)}`)
        .join(',')}]`
    default:
      return `[${content}]`
  }
}

function scalarText(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}
