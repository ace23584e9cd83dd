/** Structs that server-side apply takes as one value, by package. */
export const atomics: Readonly<Record<string, string>> = {
  'admissionregistration.v1': 'MatchResources NamedRuleWithOperations ParamKind ParamRef Variable',
  'admissionregistration.v1alpha1': 'MatchResources NamedRuleWithOperations ParamKind ParamRef',
  'admissionregistration.v1beta1': 'MatchResources NamedRuleWithOperations ParamKind ParamRef Variable',
  'autoscaling.v1': 'CrossVersionObjectReference',
  'core.v1':
    'ConfigMapKeySelector EndpointAddress EndpointPort FileKeySelector LocalObjectReference NodeSelector NodeSelectorTerm ObjectFieldSelector ObjectReference ResourceFieldSelector ScopeSelector SecretKeySelector SecretReference TopologySelectorTerm TypedLocalObjectReference',
  'discovery.v1': 'EndpointPort',
  'networking.v1': 'ServiceBackendPort',
  'rbac.v1': 'RoleRef Subject',
  'meta.v1': 'LabelSelector OwnerReference',
}
