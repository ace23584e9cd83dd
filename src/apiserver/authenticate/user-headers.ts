import type { HttpHeaders } from '../../ports/http.ts'

/** Values of a header that may stand several times. */
export function headerList(header: string | undefined): readonly string[] {
  return header === undefined ? [] : header.split(',').map((value) => value.trim())
}

/** What headers with a prefix say of a user: the rest of their names, percent-encoded, are the keys. */
export function extraOf(headers: HttpHeaders, prefix: string): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    Object.keys(headers)
      .filter((header) => header.startsWith(prefix))
      .map((header) => [decoded(header.slice(prefix.length)), headerList(headers[header])]),
  )
}

function decoded(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    return key
  }
}
