/** JSONPath as Kubernetes' columns use it: client-go/util/jsonpath, what of it a single path can hold. */
import { equalJson, isJsonList, isJsonObject } from '../json-value.ts'

/** All values at the path; none where something on the way is missing. */
export type JsonPath = (value: unknown) => readonly unknown[]

type Step = (values: readonly unknown[]) => readonly unknown[]

/** undefined: the text is no path that we understand. */
export function parseJsonPath(text: string): JsonPath | undefined {
  const steps: Step[] = []
  let rest = text.trim()
  while (rest !== '' && rest !== '.') {
    const step = nextStep(rest)
    if (step === undefined) return undefined
    steps.push(step.step)
    rest = rest.slice(step.length)
  }
  return (value) => steps.reduce<readonly unknown[]>((values, step) => step(values), [value])
}

type Parsed = Readonly<{ step: Step; length: number }>

function nextStep(text: string): Parsed | undefined {
  const recursive = /^\.\.([\w-]+|\*)?/.exec(text)
  if (recursive !== null) {
    const [whole, name] = recursive
    return { step: (values) => everywhere(values, name), length: whole.length }
  }
  const field = /^\.?((?:\\.|[^.[\]*'"\s\\])+)/.exec(text)
  if (field !== null && !text.startsWith('[')) {
    const name = (field[1] ?? '').replace(/\\(.)/g, '$1')
    return { step: (values) => values.flatMap((value) => fieldOf(value, name)), length: field[0].length }
  }
  const wildcard = /^(?:\.\*|\[\*\])/.exec(text)
  if (wildcard !== null) return { step: (values) => values.flatMap(childrenOf), length: wildcard[0].length }
  const quoted = /^\[\s*(?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)")\s*\]/.exec(text)
  if (quoted !== null) {
    const name = (quoted[1] ?? quoted[2] ?? '').replace(/\\(.)/g, '$1')
    return { step: (values) => values.flatMap((value) => fieldOf(value, name)), length: quoted[0].length }
  }
  const filter = /^\[\?\(\s*(.*?)\s*\)\]/.exec(text)
  if (filter !== null) return filterStep(filter[1] ?? '', filter[0].length)
  return arrayStep(text)
}

function fieldOf(value: unknown, name: string): readonly unknown[] {
  return isJsonObject(value) && Object.hasOwn(value, name) ? [value[name]] : []
}

function childrenOf(value: unknown): readonly unknown[] {
  if (isJsonList(value)) return value
  return isJsonObject(value) ? Object.values(value) : []
}

function everywhere(values: readonly unknown[], name: string | undefined): readonly unknown[] {
  return values.flatMap((value) => {
    const own = name === undefined ? [value] : name === '*' ? childrenOf(value) : fieldOf(value, name)
    return [...own, ...everywhere(childrenOf(value), name)]
  })
}

function arrayStep(text: string): Parsed | undefined {
  const match = /^\[\s*(-?\d*)\s*(?:(:)\s*(-?\d*)\s*(?::\s*(\d*))?)?\s*\]/.exec(text)
  if (match === null) return undefined
  const [whole, from = '', colon, to = '', by = ''] = match
  if (colon === undefined && from === '') return undefined
  const step: Step = (values) =>
    values.flatMap((value) => {
      if (!isJsonList(value)) return []
      if (colon === undefined) return value.slice(Number(from)).slice(0, 1)
      const part = value.slice(from === '' ? 0 : Number(from), to === '' ? undefined : Number(to))
      return by === '' || by === '1' ? part : part.filter((_, at) => at % Number(by) === 0)
    })
  return { step, length: whole.length }
}

const comparisons: Readonly<Record<string, (a: unknown, b: unknown) => boolean>> = {
  '==': equalJson,
  '!=': (a, b) => !equalJson(a, b),
  '<': (a, b) => isLess(a, b),
  '>': (a, b) => isLess(b, a),
  '<=': (a, b) => !isLess(b, a),
  '>=': (a, b) => !isLess(a, b),
}

function isLess(a: unknown, b: unknown): boolean {
  return typeof a === 'number' && typeof b === 'number' ? a < b : String(a) < String(b)
}

function filterStep(expression: string, length: number): Parsed | undefined {
  const match = /^@(.*?)(?:\s*(==|!=|<=|>=|<|>)\s*(.+))?$/.exec(expression)
  const path = match === null ? undefined : parseJsonPath(match[1] ?? '')
  if (match === null || path === undefined) return undefined
  const [, , operator, literal = ''] = match
  const keeps = (item: unknown): boolean => {
    const [found] = path(item)
    if (operator === undefined) return path(item).length > 0
    return path(item).length > 0 && (comparisons[operator]?.(found, literalOf(literal.trim())) ?? false)
  }
  return { step: (values) => values.flatMap((value) => childrenOf(value).filter(keeps)), length }
}

function literalOf(text: string): unknown {
  const quoted = /^'(.*)'$|^"(.*)"$/.exec(text)
  if (quoted !== null) return quoted[1] ?? quoted[2]
  if (text === 'true' || text === 'false') return text === 'true'
  const number = Number(text)
  return text !== '' && !Number.isNaN(number) ? number : text
}
