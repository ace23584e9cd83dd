type Labels = Readonly<Record<string, string>> | null | undefined

/** What a kubelet says of its own node (kubelet/pkg/apis IsKubeletLabel). */
const kubeletLabels = new Set([
  'kubernetes.io/hostname',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
])
const kubeletNamespaces = ['kubelet.kubernetes.io', 'node.kubernetes.io']
const restricted = 'node-restriction.kubernetes.io'

/** Keys that were added, removed or given another value. */
export function modifiedLabels(after: Labels, before: Labels): readonly string[] {
  const [now, then] = [after ?? {}, before ?? {}]
  return [...new Set([...Object.keys(now), ...Object.keys(then)])].filter((key) => now[key] !== then[key])
}

/** Those of the keys that a node must not touch, sorted: workloads trust them. */
export function reservedLabels(keys: readonly string[]): readonly string[] {
  return keys.filter((key) => isRestricted(key) || (isKubernetes(key) && !isKubelets(key))).sort()
}

function isRestricted(key: string): boolean {
  return isWithin(namespaceOf(key), restricted)
}

function isKubernetes(key: string): boolean {
  return isWithin(namespaceOf(key), 'kubernetes.io') || isWithin(namespaceOf(key), 'k8s.io')
}

function isKubelets(key: string): boolean {
  return kubeletLabels.has(key) || kubeletNamespaces.some((namespace) => isWithin(namespaceOf(key), namespace))
}

function isWithin(namespace: string, domain: string): boolean {
  return namespace === domain || namespace.endsWith(`.${domain}`)
}

function namespaceOf(key: string): string {
  return key.includes('/') ? key.slice(0, key.indexOf('/')) : ''
}
