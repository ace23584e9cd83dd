import type { Http } from '../../ports/http.ts'
import { request, upgrade } from './http-request.ts'
import { listen } from './http-server.ts'

export function linuxHttp(): Http {
  return { listen, request, upgrade }
}
