import { celExpressions } from '../apiserver/configuration/cel-expression.ts'
import { loadSecurity, type Security, type SecurityFiles } from '../apiserver/configuration/security.ts'
import type { Host } from './host.ts'

export const serviceAccountIssuer = 'https://kubernetes.default.svc.cluster.local'

/** Throws one message for the first file that is wrong. */
export function securityOf(host: Host, files: SecurityFiles): Promise<Security> {
  return loadSecurity({ ...host, expressions: celExpressions, ownIssuer: serviceAccountIssuer }, files)
}
