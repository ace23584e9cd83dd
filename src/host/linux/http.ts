import type { Http } from '../../ports/http.ts'
import { request } from './http-request.ts'
import { listen } from './http-server.ts'

export function linuxHttp(): Http {
  return { listen, request }
}
