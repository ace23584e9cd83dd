import { decodeBase64 } from '../api/base64.ts'
import type { Secret } from '../api/kinds.generated.ts'
import { type AuthEntries, credentialsFor } from '../runtime/images/docker-config.ts'
import { parseImageReference } from '../runtime/images/image-reference.ts'
import type { RegistryAuth } from '../runtime/pod-runtime.ts'

/** Credentials of a pod's pull secrets that fit the image's registry, those for the longest matching path first. */
export function pullCredentials(image: string, secrets: readonly Secret[]): readonly RegistryAuth[] {
  const reference = parseImageReference(image)
  return reference.ok ? credentialsFor(reference.value, secrets.map(entriesOf)) : []
}

function entriesOf({ type, data = {} }: Secret): AuthEntries {
  const modern = type === 'kubernetes.io/dockerconfigjson'
  const text = data[modern ? '.dockerconfigjson' : '.dockercfg']
  if (text === undefined) return {}
  try {
    const parsed = JSON.parse(new TextDecoder().decode(decodeBase64(text))) as Record<string, unknown>
    return ((modern ? parsed.auths : parsed) ?? {}) as AuthEntries
  } catch {
    // A secret that cannot be read is as one without credentials: the pull tells.
    return {}
  }
}
