import { decodeBase64 } from '../../api/base64.ts'
import type { Secret } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'

/** By which a node first joins: a Secret of kube-system. */
export type BootstrapToken = Readonly<{
  id: string
  secret: string
  /** Undefined: it never expires. */
  endMs: number | undefined
  maySign: boolean
}>

const decoder = new TextDecoder()

export function isBootstrapToken({ type, metadata }: Stored<Secret>): boolean {
  return type === 'bootstrap.kubernetes.io/token' && metadata.namespace === 'kube-system'
}

/** What is no time counts as long past. */
export function readBootstrapToken(secret: Stored<Secret>): BootstrapToken {
  const read = (key: string): string => decoder.decode(decodeBase64(secret.data?.[key] ?? ''))
  const expiration = read('expiration')
  const endMs = Date.parse(expiration)
  const id = read('token-id')
  const isNamed = secret.metadata.name === `bootstrap-token-${id}` && /^[a-z0-9]{6}$/.test(id)
  const tokenSecret = read('token-secret')
  return {
    id,
    secret: tokenSecret,
    endMs: expiration === '' ? undefined : Number.isNaN(endMs) ? 0 : endMs,
    maySign: isNamed && tokenSecret !== '' && read('usage-bootstrap-signing') === 'true',
  }
}
