import type { Node } from '../kinds.generated.ts'
import { humanAge } from './human-duration.ts'
import { ageColumn, column, nameColumn, orNone, tableSpec, wideColumn } from './table-spec.ts'

export const nodeTable = tableSpec<Node>(
  [
    nameColumn,
    column('Status', 'Whether the node is ready and takes pods.'),
    column('Roles', 'Roles of the node.'),
    ageColumn,
    column('Version', 'Version of its kubelet.'),
    wideColumn('Internal-IP', 'Address within the cluster.'),
    wideColumn('External-IP', 'Address from outside.'),
    wideColumn('OS-Image', 'Operating system.'),
    wideColumn('Kernel-Version', 'Kernel and architecture.'),
    wideColumn('Container-Runtime', 'Container runtime and its version.'),
  ],
  (node, nowMs) => {
    const info = node.status?.nodeInfo
    const architecture = info?.architecture ? ` (${info.architecture})` : ''
    return [
      node.metadata?.name ?? '',
      statusOf(node),
      orNone(rolesOf(node.metadata?.labels ?? {}).join(',')),
      humanAge(node.metadata?.creationTimestamp, nowMs),
      info?.kubeletVersion ?? '',
      addressOf(node, 'InternalIP'),
      addressOf(node, 'ExternalIP'),
      info?.osImage || '<unknown>',
      `${info?.kernelVersion || '<unknown>'}${architecture}`,
      info?.containerRuntimeVersion || '<unknown>',
    ]
  },
)

function statusOf({ spec, status }: Node): string {
  const ready = status?.conditions?.findLast(({ type }) => type === 'Ready')
  const word = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'
  return spec?.unschedulable === true ? `${word},SchedulingDisabled` : word
}

const rolePrefix = 'node-role.kubernetes.io/'

function rolesOf(labels: Readonly<Record<string, string>>): readonly string[] {
  const roles = Object.entries(labels).map(([key, value]) =>
    key.startsWith(rolePrefix) ? key.slice(rolePrefix.length) : key === 'kubernetes.io/role' ? value : '',
  )
  return [...new Set(roles.filter((role) => role !== ''))].sort()
}

function addressOf({ status }: Node, type: string): string {
  return status?.addresses?.find((address) => address.type === type)?.address ?? '<none>'
}
