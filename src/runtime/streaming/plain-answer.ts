import type { HttpResponse } from '../../ports/http.ts'

type WholeAnswer = Extract<HttpResponse, { type: 'whole' }>

export function textAnswer(status: number, text: string): WholeAnswer {
  return {
    type: 'whole',
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: new TextEncoder().encode(text),
  }
}

export function jsonAnswer(value: unknown): WholeAnswer {
  return {
    type: 'whole',
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: new TextEncoder().encode(JSON.stringify(value)),
  }
}
