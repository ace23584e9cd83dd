import type { IdRange } from '../../ports/namespaces.ts'
import type { ContainerSpec, Mount } from '../pod-runtime.ts'

export type OciMount = Readonly<{
  destination: string
  type: string
  source: string
  options: readonly string[]
  uidMappings?: readonly OciIds[]
  gidMappings?: readonly OciIds[]
}>

export type OciIds = Readonly<{ containerID: number; hostID: number; size: number }>

export function ociIds({ firstId, count }: IdRange): readonly OciIds[] {
  return [{ containerID: 0, hostID: firstId, size: count }]
}

const sealed = ['nosuid', 'noexec', 'nodev']

/** The file systems every container has, then the pod's own, which win over those at the same place. Parents before children. */
export function planMounts(
  spec: ContainerSpec,
  {
    shmPath,
    files = {},
    users,
  }: Readonly<{ shmPath: string; files?: Readonly<Record<string, string>>; users?: IdRange }>,
  imagePaths: readonly string[] = [],
  further: readonly OciMount[] = [],
): readonly OciMount[] {
  const images = (spec.imageMounts ?? []).map(({ containerPath }, at) =>
    imageMount(containerPath, imagePaths[at] ?? ''),
  )
  const bound = spec.mounts.map((mount) => ownedAs(users, bindMount(mount)))
  const own = [...bound, ...images, ...further]
  const taken = new Set(own.map(({ destination }) => destination))
  const shared = Object.entries(files).map(([name, path]) =>
    ownedAs(users, sharedFile(name, path, spec.security.readOnlyRootFilesystem)),
  )
  const basic = standardMounts(spec.security.privileged).concat(ownedAs(users, sharedMemory(shmPath)))
  const standard = [...basic, ...shared].filter(({ destination }) => !taken.has(destination))
  const depth = ({ destination }: OciMount): number => destination.split('/').filter((part) => part !== '').length
  return [...standard, ...own].sort((a, b) => depth(a) - depth(b))
}

/** What users of their own write belongs, outside, to those of the same number: a volume is as if it were the node's users' (Kubernetes). */
function ownedAs(users: IdRange | undefined, mount: OciMount): OciMount {
  if (users === undefined) return mount
  const ids = ociIds(users)
  return { ...mount, options: [...mount.options, 'idmap'], uidMappings: ids, gidMappings: ids }
}

function standardMounts(privileged: boolean): readonly OciMount[] {
  const access = privileged ? 'rw' : 'ro'
  return [
    { destination: '/proc', type: 'proc', source: 'proc', options: sealed },
    {
      destination: '/dev',
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
    },
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
    },
    { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: sealed },
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...sealed, access] },
    { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: [...sealed, 'relatime', access] },
  ]
}

function sharedMemory(source: string): OciMount {
  return { destination: '/dev/shm', type: 'bind', source, options: ['rbind', 'rprivate', ...sealed, 'rw'] }
}

/** Of the whole sandbox; as writable as the container's root. */
function sharedFile(name: string, source: string, readOnly: boolean): OciMount {
  const options = ['rbind', 'rprivate', readOnly ? 'ro' : 'rw']
  return { destination: `/etc/${name}`, type: 'bind', source, options }
}

const propagations = { private: 'rprivate', 'host-to-container': 'rslave', bidirectional: 'rshared' } as const

/** As containerd shows it: nobody can write there, but its programs run. */
function imageMount(containerPath: string, source: string): OciMount {
  const options = ['rbind', 'rprivate', 'ro', 'nosuid', 'nodev']
  return { destination: cleanPath(containerPath), type: 'bind', source, options }
}

function bindMount({ hostPath, containerPath, readOnly, propagation, recursiveReadOnly }: Mount): OciMount {
  return {
    destination: cleanPath(containerPath),
    type: 'bind',
    source: hostPath,
    options: ['rbind', propagations[propagation], readOnly ? (recursiveReadOnly ? 'rro' : 'ro') : 'rw'],
  }
}

function cleanPath(path: string): string {
  return `/${path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')}`
}

/** What the root's propagation must be for the mounts to propagate at all. */
export function rootPropagation({ mounts }: ContainerSpec): string {
  if (mounts.some(({ propagation }) => propagation === 'bidirectional')) return 'rshared'
  return mounts.some(({ propagation }) => propagation === 'host-to-container') ? 'rslave' : 'rprivate'
}
