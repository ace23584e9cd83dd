import type { LinuxSecurity } from './pod-runtime.ts'

/** Of a container of which nobody has asked anything: as docker and a pod without securityContext under the default seccomp profile run it. */
export const plainSecurity: LinuxSecurity = {
  supplementalGroups: [],
  privileged: false,
  readOnlyRootFilesystem: false,
  allowPrivilegeEscalation: true,
  addCapabilities: [],
  dropCapabilities: [],
  seccomp: 'RuntimeDefault',
  unmasked: false,
}
