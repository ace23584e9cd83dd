import type { Lease } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { microTimestampOf } from '../../client/timestamp.ts'
import type { Timer } from '../../ports/clock.ts'
import type { KubeletDeps } from '../kubelet-config.ts'

const leaseNamespace = 'kube-node-lease'
/** Kubernetes: a lease of 40 s, renewed every quarter of it. */
const leaseSeconds = 40
const renewMs = 10_000
const retryMs = 2_000

/** Renews the node's lease: the sign of life that the node lifecycle controller looks for. */
export function startNodeLease(
  { client, clock, log, config }: Pick<KubeletDeps, 'client' | 'clock' | 'log' | 'config'>,
  nodeUid: () => string | undefined,
): Readonly<{ stop(): void }> {
  let stopped = false
  let timer: Timer | undefined
  let held: Stored<Lease> | undefined
  const beat = async (): Promise<void> => {
    const renewed = await renew()
    if (stopped) return
    timer = clock.after(renewed ? renewMs : retryMs, () => void beat())
  }
  const renew = async (): Promise<boolean> => {
    const { nodeName } = config
    const spec = {
      holderIdentity: nodeName,
      leaseDurationSeconds: leaseSeconds,
      renewTime: microTimestampOf(clock.nowMs()),
    }
    const uid = nodeUid()
    const ownerReferences =
      uid === undefined ? {} : { ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: nodeName, uid }] }
    const known = held ?? (await client.get(kinds.leases, nodeName, leaseNamespace))
    const present = 'metadata' in known ? known : known.ok ? known.value : undefined
    const metadata = { name: nodeName, namespace: leaseNamespace, ...ownerReferences }
    const answer =
      present === undefined
        ? await client.create(kinds.leases, { metadata, spec })
        : await client.update(kinds.leases, { ...present, metadata: { ...present.metadata, ...ownerReferences }, spec })
    held = answer.ok ? answer.value : undefined
    if (!answer.ok) log.warn('the node lease could not be renewed', { message: answer.error.message })
    return answer.ok
  }
  void beat()
  return {
    stop() {
      stopped = true
      timer?.cancel()
    },
  }
}
