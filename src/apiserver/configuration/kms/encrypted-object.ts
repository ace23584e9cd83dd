import { encodeBase64 } from '../../../api/base64.ts'
import { fail, type Result } from '../../../api/result.ts'
import { decodeRpc } from '../../../api/rpc/decode.ts'
import { encodeRpc } from '../../../api/rpc/encode.ts'
import { enumOf, map, message, type Received, type Sent } from '../../../api/rpc/message.ts'

/** What stands on disk behind the provider's name: apiserver's kmsv2/v2/api.proto. */
const encryptedObject = message('EncryptedObject', {
  encryptedData: [1, 'bytes'],
  keyID: [2, 'string'],
  encryptedDEKSource: [3, 'bytes'],
  annotations: [4, map('bytes')],
  encryptedDEKSourceType: [5, enumOf('AES_GCM_KEY', 'HKDF_SHA256_XNONCE_AES_GCM_SEED')],
})

export type EncryptedObject = Received<typeof encryptedObject>
/** The key that data is sealed with, as only the plugin can read it. */
export type EncryptedSource = Omit<EncryptedObject, 'encryptedData'>

const mostKeyIdBytes = 1024
const mostSourceBytes = 1024
const mostAnnotationBytes = 32 * 1024

export function encodeEncryptedObject(object: Sent<typeof encryptedObject>): Uint8Array {
  return encodeRpc(encryptedObject, object)
}

export function decodeEncryptedObject(bytes: Uint8Array): Result<EncryptedObject, string> {
  const decoded = decodeRpc(encryptedObject, bytes)
  if (!decoded.ok) return decoded
  const wrong = decoded.value.encryptedData.length === 0 ? 'encrypted data is empty' : sourceProblem(decoded.value)
  return wrong === undefined ? decoded : fail(wrong)
}

/** What tells one source from another. */
export function sourceKey({ keyID, encryptedDEKSource, annotations, encryptedDEKSourceType }: EncryptedSource): string {
  const bytes = encodeRpc(encryptedObject, { keyID, encryptedDEKSource, annotations, encryptedDEKSourceType })
  return encodeBase64(bytes)
}

/** Why a source of a plugin cannot be kept, in the original's words. */
export function sourceProblem({ encryptedDEKSource, keyID, annotations }: EncryptedSource): string | undefined {
  const about = 'failed to validate encrypted DEK source: encrypted DEK source is'
  const { length } = encryptedDEKSource
  if (length === 0) return `${about} empty`
  if (length > mostSourceBytes) return `${about} ${length} bytes, which exceeds the max size of ${mostSourceBytes}`
  const wrong = keyIdProblem(keyID)
  if (wrong !== undefined) return `failed to validate key id: ${wrong}`
  return annotationsProblem(annotations)
}

export function keyIdProblem(keyId: string): string | undefined {
  const { length } = new TextEncoder().encode(keyId)
  if (length === 0) return 'keyID is empty'
  return length > mostKeyIdBytes
    ? `keyID is ${length} bytes, which exceeds the max size of ${mostKeyIdBytes}`
    : undefined
}

const domainName = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+$/

function annotationsProblem(annotations: Readonly<Record<string, Uint8Array>>): string | undefined {
  const entries = Object.entries(annotations)
  const unnamed = entries.find(([name]) => !domainName.test(name))
  const about = 'failed to validate annotations:'
  if (unnamed !== undefined) return `${about} ${JSON.stringify(unnamed[0])} is no fully qualified domain name`
  const size = entries.reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  if (size <= mostAnnotationBytes) return undefined
  return `${about} total size of annotations is ${size}, which exceeds the max size of ${mostAnnotationBytes}`
}

export function sourceOf({ encryptedData: _, ...source }: EncryptedObject): EncryptedSource {
  return source
}

/** Of sealed bytes; '' where they are none. */
export function sourceKeyOf(sealed: Uint8Array): string {
  const object = decodeEncryptedObject(sealed)
  return object.ok ? sourceKey(sourceOf(object.value)) : ''
}
