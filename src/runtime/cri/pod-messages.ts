import type { mount, namespaceOption } from '../../api/rpc/cri.generated.ts'
import type { Sent } from '../../api/rpc/message.ts'
import type { IdRange } from '../../ports/namespaces.ts'
import type { ImageMount, Mount, SandboxSpec } from '../pod-runtime.ts'

/** What both sides of the CRI say in its words: a client of what it wants, a server of what there is. */
export const sandboxStates = { ready: 'SANDBOX_READY', 'not-ready': 'SANDBOX_NOTREADY' } as const

export const containerStates = {
  created: 'CONTAINER_CREATED',
  running: 'CONTAINER_RUNNING',
  exited: 'CONTAINER_EXITED',
  unknown: 'CONTAINER_UNKNOWN',
} as const

const propagations = {
  private: 'PROPAGATION_PRIVATE',
  'host-to-container': 'PROPAGATION_HOST_TO_CONTAINER',
  bidirectional: 'PROPAGATION_BIDIRECTIONAL',
} as const

export function mountMessage(mounted: Mount, users?: IdRange): Sent<typeof mount> {
  const { hostPath, containerPath, readOnly, propagation, recursiveReadOnly = false } = mounted
  return {
    ...{ hostPath, containerPath, readonly: readOnly, propagation: propagations[propagation], recursiveReadOnly },
    ...(users === undefined ? {} : { uidMappings: idMappings(users), gidMappings: idMappings(users) }),
  }
}

export function imageMountMessage({ image, containerPath, subPath }: ImageMount): Sent<typeof mount> {
  return { containerPath, readonly: true, image: { image, userSpecifiedImage: image }, imageSubPath: subPath }
}

function idMappings({ firstId, count }: IdRange) {
  return [{ hostId: firstId, containerId: 0, length: count }]
}

/** What the containers of a sandbox share with each other and with the node. */
export function namespaceOptions({ hostNetwork, hostIpc = false, processes, users }: SandboxSpec) {
  return {
    network: hostNetwork ? 'NODE' : 'POD',
    ipc: hostIpc ? 'NODE' : 'POD',
    pid: processes === 'node' ? 'NODE' : processes === 'pod' ? 'POD' : 'CONTAINER',
    ...(users === undefined
      ? {}
      : { usernsOptions: { mode: 'POD', uids: idMappings(users), gids: idMappings(users) } }),
  } as const satisfies Sent<typeof namespaceOption>
}
