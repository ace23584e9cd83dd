import type { LinuxSecurity } from '../pod-runtime.ts'

/** What docker and containerd give a container by default. */
const defaults = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FSETID',
  'CAP_FOWNER',
  'CAP_MKNOD',
  'CAP_NET_RAW',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETFCAP',
  'CAP_SETPCAP',
  'CAP_NET_BIND_SERVICE',
  'CAP_SYS_CHROOT',
  'CAP_KILL',
  'CAP_AUDIT_WRITE',
]

export type CapabilityPlan = Readonly<{
  granted: readonly string[]
  /** Asked for, but beyond what this machine has to give. */
  missing: readonly string[]
}>

/**
 * Capabilities of a container: the defaults, with what is added and without what is dropped. ALL means every one there is; dropping ALL
 * leaves what is added by name (containerd's order: ALL first, then names).
 */
export function planCapabilities(security: LinuxSecurity, available: readonly string[]): CapabilityPlan {
  if (security.privileged) return { granted: [...available], missing: [] }
  const add = security.addCapabilities.map(fullName)
  const drop = security.dropCapabilities.map(fullName)
  let wanted = add.includes('CAP_ALL') ? [...available] : drop.includes('CAP_ALL') ? [] : [...defaults]
  wanted = [...new Set([...wanted, ...add.filter((name) => name !== 'CAP_ALL')])]
  wanted = wanted.filter((name) => !drop.includes(name))
  return {
    granted: wanted.filter((name) => available.includes(name)),
    missing: add.filter((name) => name !== 'CAP_ALL' && wanted.includes(name) && !available.includes(name)),
  }
}

/** Kubernetes writes them without the prefix. */
function fullName(name: string): string {
  const upper = name.toUpperCase()
  return upper.startsWith('CAP_') ? upper : `CAP_${upper}`
}
