import type { JSONSchemaProps } from '../../api/kinds.generated.ts'
import { child, keyed } from '../../api/validation/field-error.ts'
import { additionalOf } from '../decl-type.ts'

const escapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  "'": "'",
  '\\': '\\',
}

/** A fieldPath (".spec['a.b']") as errors show it; undefined where the schema has no such field. */
export function rulePath(path: string, schema: JSONSchemaProps): string | undefined {
  let rest = path
  let shown = ''
  let at: JSONSchemaProps | undefined = schema
  while (rest !== '') {
    const step = /^(?:\.([^.[\]]+)|\['((?:[^'\\]|\\.)*)'\])/.exec(rest)
    const name = step === null ? undefined : (step[1] ?? unescaped(step[2] ?? ''))
    if (step === null || name === undefined || at === undefined) return undefined
    const values = additionalOf(at)
    if (at.properties !== undefined) {
      shown = child(shown, name)
      at = Object.hasOwn(at.properties, name) ? at.properties[name] : undefined
      if (at === undefined) return undefined
    } else {
      if (values === undefined) return undefined
      shown = keyed(shown, name)
      at = values
    }
    rest = rest.slice(step[0].length)
  }
  return shown
}

function unescaped(text: string): string | undefined {
  let wrong = false
  const plain = text.replace(/\\(.)/g, (_, letter: string) => {
    const found = escapes[letter]
    wrong ||= found === undefined
    return found ?? ''
  })
  return wrong ? undefined : plain
}
