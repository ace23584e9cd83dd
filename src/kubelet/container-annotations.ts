import type { Container } from '../api/kinds.generated.ts'
import type { KubeletPod } from './pod-containers.ts'

/**
 * What a runtime, and whoever looks at it, is told of a container (the original's newContainerAnnotations). What plugins say stands behind
 * it.
 */
export function containerAnnotations(
  { metadata, spec }: KubeletPod,
  { lifecycle, ports = [], terminationMessagePath = '', terminationMessagePolicy = '' }: Container,
  attempt: number,
  fromPlugins: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const { deletionGracePeriodSeconds } = metadata
  const { terminationGracePeriodSeconds } = spec
  const { preStop } = lifecycle ?? {}
  return {
    ...fromPlugins,
    'io.kubernetes.container.restartCount': String(attempt),
    'io.kubernetes.container.terminationMessagePath': terminationMessagePath,
    'io.kubernetes.container.terminationMessagePolicy': terminationMessagePolicy,
    ...(deletionGracePeriodSeconds !== undefined && {
      'io.kubernetes.pod.deletionGracePeriod': String(deletionGracePeriodSeconds),
    }),
    ...(terminationGracePeriodSeconds !== undefined && {
      'io.kubernetes.pod.terminationGracePeriod': String(terminationGracePeriodSeconds),
    }),
    ...(preStop && { 'io.kubernetes.container.preStopHandler': JSON.stringify(preStop) }),
    ...(ports.length > 0 && { 'io.kubernetes.container.ports': JSON.stringify(ports) }),
  }
}
