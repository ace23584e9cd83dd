import type { FieldError } from '../refusal.ts'
import { child, invalid, notSupported, required, tooLong, tooMany } from '../validation/field-error.ts'
import { goJson } from './go-json.ts'

/** One rule that a value breaks. `text` is kube-openapi's message, `name` the field's path in it. */
export type Problem = Readonly<{
  /** How it is told: composite and bare ones name no field. */
  code: 'type' | 'enum' | 'required' | 'tooLong' | 'tooMany' | 'other' | 'composite' | 'bare'
  name: string
  value: unknown
  text: string
  limit?: number
  allowed?: readonly unknown[]
}>

/** How a path that is none is written. */
export const noPath = '<nil>'

/** As apiextensions-apiserver's kubeOpenAPIResultToFieldErrors. */
export function fieldErrorOf({ code, name, value, text, limit = -1, allowed = [] }: Problem, root: string): FieldError {
  const shown = name === '.' ? '' : name.replace(/^\./, '')
  const named = code === 'composite' || code === 'bare' ? root : child(root, shown)
  const field = named === '' ? noPath : named
  switch (code) {
    case 'required':
      return required(field)
    case 'enum':
      return notSupported(
        field,
        value ?? null,
        allowed.map((one) => (typeof one === 'string' ? one : goJson(one))),
      )
    case 'tooLong':
      return tooLong(field, limit)
    case 'tooMany':
      return tooMany(field, Number(value), limit)
    case 'type':
      return { ...invalid(field, value, text), reason: 'FieldValueTypeInvalid' }
    case 'other':
      return invalid(field, plainly(value ?? ''), text)
    case 'composite':
    case 'bare':
      return invalid(field, '', text)
  }
}

/** With keys in the order in which Go writes them. */
function plainly(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? JSON.parse(goJson(value)) : value
}
