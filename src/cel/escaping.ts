/** Names of fields as expressions write them: what is no identifier, or a word of the language, is spelled out. */

import { celReservedWords } from '../api/cel-words.ts'

export function isReservedName(name: string): boolean {
  return celReservedWords.has(name)
}

const spelled: Readonly<Record<string, string>> = {
  __: '__underscores__',
  '.': '__dot__',
  '-': '__dash__',
  '/': '__slash__',
}

/** 'a.b' → 'a__dot__b'; undefined for a name that cannot be written: such a field is not there for expressions. */
export function escapeName(name: string): string | undefined {
  if (!/^[A-Za-z_./-][A-Za-z0-9_./-]*$/.test(name)) return undefined
  if (celReservedWords.has(name)) return `__${name}__`
  return name.replace(/__|[-./]/g, (found) => spelled[found] ?? found)
}
