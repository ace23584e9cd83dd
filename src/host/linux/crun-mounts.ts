import type { OciConfig } from '../../ports/containers.ts'

type IdMapping = Readonly<{ containerID: number; hostID: number; size: number }>
type Mount = Readonly<{
  options?: readonly string[]
  uidMappings?: readonly IdMapping[]
  gidMappings?: readonly IdMapping[]
}>

/**
 * Mounts whose owners are mapped, as crun wants them told: within the option. By itself it takes the container's own user namespace, and
 * fails where the container joins a process namespace, for it looks at a process that has yet to enter (1.8).
 */
export function crunMounts(config: OciConfig): OciConfig {
  const mounts = config.mounts as readonly Mount[] | undefined
  return mounts === undefined ? config : { ...config, mounts: mounts.map(crunMount) }
}

function crunMount({ uidMappings, gidMappings, ...mount }: Mount): Mount {
  if (uidMappings === undefined || gidMappings === undefined) return mount
  const told = `idmap=uids=${triplets(uidMappings)};gids=${triplets(gidMappings)}`
  return { ...mount, options: (mount.options ?? []).map((option) => (option === 'idmap' ? told : option)) }
}

function triplets(mappings: readonly IdMapping[]): string {
  return mappings.map(({ containerID, hostID, size }) => `${containerID}-${hostID}-${size}`).join('#')
}
