import type { HttpResponse } from '../ports/http.ts'

export function json(status: number, content: object): HttpResponse {
  return {
    type: 'whole',
    status,
    headers: { 'content-type': 'application/json' },
    body: new TextEncoder().encode(JSON.stringify(content)),
  }
}
