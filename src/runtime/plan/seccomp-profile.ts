import { allowedAlways, allowedByCapability, architectures } from './seccomp-syscalls.ts'

const errno = { permission: 1, notImplemented: 38 } as const
const allow = 'SCMP_ACT_ALLOW'
/** CLONE_NEW*: user, mount, pid, net, ipc, uts and cgroup namespaces. */
const newNamespaceFlags = 0x7e02_0000
const afVsock = 40
/** linux/personality.h: what programs are known to ask for, and 0xffffffff, which only asks. */
const personalities = [0x0, 0x8, 0x20000, 0x20008, 0xffff_ffff]

type Condition = Readonly<{ index: number; value: number; valueTwo?: number; op: string }>
type Rule = Readonly<{ names: readonly string[]; action: string; errnoRet?: number; args?: readonly Condition[] }>

/**
 * The profile RuntimeDefault: everything is refused but what programs are known to need; what belongs to a capability comes with it.
 * In effect that of docker and containerd.
 */
export function seccompProfile(capabilities: readonly string[], architecture: 'amd64' | 'arm64'): unknown {
  const held = new Set(capabilities)
  const rules: Rule[] = [
    { names: allowedAlways, action: allow },
    ...personalities.map((value) => ({ names: ['personality'], action: allow, args: [equal(0, value)] })),
    ...socketRules(),
    ...(architecture === 'amd64' ? [{ names: ['arch_prctl', 'modify_ldt'], action: allow }] : []),
    ...Object.entries(allowedByCapability).flatMap(([capability, names]) =>
      held.has(capability) ? [{ names, action: allow }] : [],
    ),
  ]
  if (!held.has('CAP_SYS_ADMIN')) rules.push(...cloneRules())
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: errno.permission,
    architectures: architectures[architecture],
    syscalls: rules,
  }
}

function equal(index: number, value: number): Condition {
  return { index, value, op: 'SCMP_CMP_EQ' }
}

/** Virtual machine sockets reach the host beside every network namespace. */
function socketRules(): readonly Rule[] {
  return [{ names: ['socket'], action: allow, args: [{ index: 0, value: afVsock, op: 'SCMP_CMP_NE' }] }]
}

/** Threads and processes, but no namespaces. The flags of clone3 lie in memory, where a filter cannot look: programs fall back. */
function cloneRules(): readonly Rule[] {
  const withoutNamespaces = { index: 0, value: newNamespaceFlags, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }
  return [
    { names: ['clone'], action: allow, args: [withoutNamespaces] },
    { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: errno.notImplemented },
  ]
}
