import type { ConfigMap, Secret, Volume, VolumeProjection } from '../../api/kinds.generated.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { PodFacts } from '../downward-field.ts'
import type { ObjectError, ObjectSource } from '../env.ts'
import { allContainers, type KubeletPod } from '../pod-containers.ts'
import { configMapPayload, downwardPayload, type Payload, type ProjectedFile, secretPayload } from './payload.ts'
import type { TokenSource } from './service-account-token.ts'

export type PayloadParts = Readonly<{ objects: ObjectSource; tokens: TokenSource; facts: PodFacts }>

const defaultFileMode = 0o644
const emptyObject = {}

/** The files of a configMap, secret, downwardAPI or projected volume; undefined for the other sorts. */
export async function volumePayload(
  { objects, tokens, facts }: PayloadParts,
  pod: KubeletPod,
  { configMap, secret, downwardAPI, projected }: Volume,
): Promise<Result<Payload, string> | undefined> {
  const parts = { objects, tokens, facts }
  const defaultMode = (configMap ?? secret ?? downwardAPI ?? projected)?.defaultMode ?? defaultFileMode
  if (configMap !== undefined) return ofSource(parts, pod, { configMap }, defaultMode)
  if (secret !== undefined) {
    const { secretName: name = '', ...rest } = secret
    return ofSource(parts, pod, { secret: { name, ...rest } }, defaultMode)
  }
  if (downwardAPI !== undefined) return ofSource(parts, pod, { downwardAPI }, defaultMode)
  if (projected === undefined) return undefined
  const all = new Map<string, ProjectedFile>()
  for (const source of projected.sources ?? []) {
    const payload = await ofSource(parts, pod, source, defaultMode)
    if (!payload.ok) return payload
    for (const [path, file] of payload.value) all.set(path, file)
  }
  return ok(all)
}

async function ofSource(
  parts: PayloadParts,
  pod: KubeletPod,
  source: VolumeProjection,
  defaultMode: number,
): Promise<Result<Payload, string>> {
  const { configMap, secret, downwardAPI, serviceAccountToken } = source
  const namespace = pod.metadata.namespace ?? ''
  if (configMap !== undefined) {
    const { name = '', optional = false } = configMap
    const found = orEmpty<ConfigMap>(await parts.objects.configMap(namespace, name), optional)
    return found.ok ? configMapPayload(found.value, { ...configMap, optional, defaultMode }) : found
  }
  if (secret !== undefined) {
    const { name = '', optional = false } = secret
    const found = orEmpty<Secret>(await parts.objects.secret(namespace, name), optional)
    return found.ok ? secretPayload(found.value, { ...secret, optional, defaultMode }) : found
  }
  if (downwardAPI !== undefined) return downwardPayload(pod, downwardAPI.items ?? [], defaultMode, parts.facts)
  if (serviceAccountToken === undefined) return fail('this kind of projection is not supported')
  const token = await parts.tokens.token(pod, serviceAccountToken)
  if (!token.ok) return token
  const content = new TextEncoder().encode(token.value)
  return ok(new Map([[serviceAccountToken.path, { content, ...tokenAccess(pod, defaultMode) }]]))
}

function orEmpty<T extends object>(found: Result<T, ObjectError>, optional: boolean): Result<T, string> {
  if (found.ok) return found
  return found.error.notFound && optional ? ok(emptyObject as T) : fail(found.error.message)
}

/** Where all containers run as one user, a token is that user's alone; with an fsGroup the group gets it too. */
function tokenAccess(pod: KubeletPod, defaultMode: number): Readonly<{ mode: number; uid?: number }> {
  const { securityContext = {} } = pod.spec
  const users = new Set(allContainers(pod).map((c) => c.securityContext?.runAsUser ?? securityContext.runAsUser))
  const [user] = users
  const uid = users.size === 1 && user !== undefined ? { uid: user } : {}
  const own = 'uid' in uid || securityContext.fsGroup !== undefined
  return { mode: own ? 0o600 : defaultMode, ...uid }
}
