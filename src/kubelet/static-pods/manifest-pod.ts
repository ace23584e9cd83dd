import { decodeObject } from '../../api/decode.ts'
import { applyDefaults } from '../../api/defaults/apply-defaults.ts'
import { asNewObject } from '../../api/defaults/new-object.ts'
import type { Pod, Toleration } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import { referredKind } from '../../api/pod-references.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { statusOf } from '../../api/status.ts'
import { validatePod } from '../../api/validation/pod.ts'
import { timestampOf } from '../../api/wire-time.ts'
import type { KubeletPod } from '../pod-containers.ts'
import { fnv128a } from './fnv-hash.ts'

/** Where a manifest comes from. */
export type ManifestSource = Readonly<{ file: string; nodeName: string; nowMs: number }>

/**
 * The static pod of a manifest, as the original's kubelet makes it (pkg/kubelet/config): named after the node, known by the hash of its
 * manifest, bearing the node's taints. It can need nothing of the API server.
 */
export function podOfManifest(text: Uint8Array, source: ManifestSource): Result<KubeletPod, string> {
  const decoded = decodeObject(kinds.pods, text, { format: 'yaml' })
  if (!decoded.ok)
    return fail(`${source.file}: couldn't parse as pod(${statusOf(decoded.error).message}), please check config file`)
  const named = decoded.value.object
  if ((named.metadata.name ?? '') === '') return fail('invalid pod: name is needed for the pod')
  const pod = applyDefaults(kinds.pods, named) as Pod
  const staticPod = withIdentity(asNewObject(kinds.pods, pod as never) as Pod, source)
  const errors = validatePod(staticPod)
  if (errors.length > 0)
    return fail(`invalid pod: [${errors.map(({ field, message }) => `${field}: ${message}`).join(', ')}]`)
  const referred = referredKind(staticPod)
  return referred === undefined ? ok(staticPod) : fail(`static pods may not reference ${referred}`)
}

function withIdentity(pod: Pod, { file, nodeName, nowMs }: ManifestSource): KubeletPod {
  const { metadata = {}, spec, status } = pod
  const uid = metadata.uid || fnv128a(`${JSON.stringify({ metadata, spec })}host:${nodeName}file:${file}`)
  const seen = timestampOf(nowMs)
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata,
      name: `${metadata.name}-${nodeName.toLowerCase()}`,
      namespace: metadata.namespace || 'default',
      uid,
      resourceVersion: '',
      creationTimestamp: seen,
      annotations: {
        ...metadata.annotations,
        'kubernetes.io/config.hash': uid,
        'kubernetes.io/config.seen': seen,
        'kubernetes.io/config.source': 'file',
      },
    },
    spec: { containers: [], ...spec, nodeName, tolerations: tolerating(spec?.tolerations ?? []) },
    status: status ?? { phase: 'Pending' },
  }
}

/** A static pod is not evicted for the node's taints. */
function tolerating(tolerations: readonly Toleration[]): readonly Toleration[] {
  const others = tolerations.filter(
    ({ key = '', operator, effect }) => !(key === '' && operator === 'Exists' && effect === 'NoExecute'),
  )
  return [...others, { operator: 'Exists', effect: 'NoExecute' }]
}
