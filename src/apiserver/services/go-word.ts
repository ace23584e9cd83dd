import type { RequestError } from '../../ports/http.ts'

/** As Go's net and crypto/x509 word what commonly goes wrong. */
export function goWordOf({ code, message }: RequestError): string {
  if (code === 'TimedOut') return 'context deadline exceeded'
  const refused = /^connect ECONNREFUSED (\S+)$/.exec(message)
  if (refused !== null) return `dial tcp ${refused[1]}: connect: connection refused`
  const lost = /^getaddrinfo E(?:NOTFOUND|AI_AGAIN) (\S+)$/.exec(message)
  if (lost !== null) return `dial tcp: lookup ${lost[1]}: no such host`
  if (code !== 'Tls') return message
  return /self.signed|unable to (?:verify|get)/i.test(message)
    ? 'tls: failed to verify certificate: x509: certificate signed by unknown authority'
    : `tls: failed to verify certificate: x509: ${message}`
}
