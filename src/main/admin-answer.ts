import type { HttpRequest, HttpResponse } from '../ports/http.ts'

export function json(status: number, content: object): HttpResponse {
  return {
    type: 'whole',
    status,
    headers: { 'content-type': 'application/json' },
    body: new TextEncoder().encode(JSON.stringify(content)),
  }
}

/** Before an answer that needs none of it, or not all: whoever is still sending when the connection ends sees it break, and not the answer. */
export async function readToEnd({ body }: HttpRequest): Promise<void> {
  for await (const _ of body.chunks());
}
