import type { podSandbox, podSandboxFilter, podSandboxMetadata, podSandboxStatus } from '../../api/rpc/cri.generated.ts'
import type { Received, Sent } from '../../api/rpc/message.ts'
import { namespaceOptions, sandboxStates } from '../cri/pod-messages.ts'
import type { SandboxRecord } from '../engine/engine-record.ts'
import { nanoseconds } from './cri-context.ts'

export function podMetadata({ spec: { pod, attempt } }: SandboxRecord): Sent<typeof podSandboxMetadata> {
  return { name: pod.name, namespace: pod.namespace, uid: pod.uid, attempt }
}

export function sandboxMessage(record: SandboxRecord): Sent<typeof podSandbox> {
  const { id, spec, state, createdAtMs } = record
  return {
    id,
    metadata: podMetadata(record),
    state: sandboxStates[state],
    createdAt: nanoseconds(createdAtMs),
    labels: spec.labels,
    annotations: spec.annotations,
    runtimeHandler: spec.handler,
  }
}

export function sandboxStatusMessage(record: SandboxRecord): Sent<typeof podSandboxStatus> {
  const { spec, ips, state } = record
  const [ip = '', ...more] = spec.hostNetwork || state !== 'ready' ? [] : ips
  return {
    ...sandboxMessage(record),
    network: { ip, additionalIps: more.map((address) => ({ ip: address })) },
    linux: { namespaces: { options: namespaceOptions(spec) } },
  }
}

export function sandboxPasses(
  filter: Received<typeof podSandboxFilter> | undefined,
  { id, state, spec }: SandboxRecord,
): boolean {
  if (filter === undefined) return true
  return (
    id.startsWith(filter.id) &&
    (filter.state === undefined || filter.state.state === sandboxStates[state]) &&
    labelsPass(filter.labelSelector, spec.labels)
  )
}

export function labelsPass(
  wanted: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>> = {},
): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value)
}
