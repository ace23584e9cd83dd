import type { BodyType } from '../../api/decode.ts'

function type(group: string, version: string, kind: string, path: string): BodyType {
  return { group, version, kind, typeName: `io.k8s.api.${path}.${version}.${kind}` }
}

const authentication = 'authentication.k8s.io'
const authorization = 'authorization.k8s.io'

/** Bodies that are sent and answered but never stored. */
export const bodyTypes = {
  binding: type('', 'v1', 'Binding', 'core'),
  componentStatus: type('', 'v1', 'ComponentStatus', 'core'),
  eviction: type('policy', 'v1', 'Eviction', 'policy'),
  scale: type('autoscaling', 'v1', 'Scale', 'autoscaling'),
  tokenRequest: type(authentication, 'v1', 'TokenRequest', 'authentication'),
  tokenReview: type(authentication, 'v1', 'TokenReview', 'authentication'),
  selfSubjectReview: type(authentication, 'v1', 'SelfSubjectReview', 'authentication'),
  subjectAccessReview: type(authorization, 'v1', 'SubjectAccessReview', 'authorization'),
  localSubjectAccessReview: type(authorization, 'v1', 'LocalSubjectAccessReview', 'authorization'),
  selfSubjectAccessReview: type(authorization, 'v1', 'SelfSubjectAccessReview', 'authorization'),
  selfSubjectRulesReview: type(authorization, 'v1', 'SelfSubjectRulesReview', 'authorization'),
  podExecOptions: type('', 'v1', 'PodExecOptions', 'core'),
  podAttachOptions: type('', 'v1', 'PodAttachOptions', 'core'),
  podPortForwardOptions: type('', 'v1', 'PodPortForwardOptions', 'core'),
  podProxyOptions: type('', 'v1', 'PodProxyOptions', 'core'),
  serviceProxyOptions: type('', 'v1', 'ServiceProxyOptions', 'core'),
  nodeProxyOptions: type('', 'v1', 'NodeProxyOptions', 'core'),
} as const satisfies Readonly<Record<string, BodyType>>
