import { define } from './define-kind.ts'
import type * as k from './kinds.generated.ts'

const admission = 'admissionregistration.k8s.io/v1'
const flowControl = 'flowcontrol.apiserver.k8s.io/v1'
const extending = { categories: ['api-extensions'] }

/** Kinds by which the API itself is extended, guarded and shared: admission, aggregation, certificates, flow control. */
export const extensionKinds = {
  certificateSigningRequests: define<k.CertificateSigningRequest>(
    'certificates.k8s.io/v1',
    'CertificateSigningRequest',
    'certificatesigningrequests',
    'Cluster',
    { shortNames: ['csr'], status: true },
  ),
  customResourceDefinitions: define<k.CustomResourceDefinition>(
    'apiextensions.k8s.io/v1',
    'CustomResourceDefinition',
    'customresourcedefinitions',
    'Cluster',
    { ...extending, shortNames: ['crd', 'crds'], status: true, generation: true },
  ),
  apiServices: define<k.APIService>('apiregistration.k8s.io/v1', 'APIService', 'apiservices', 'Cluster', {
    ...extending,
    status: true,
  }),
  mutatingAdmissionPolicies: define<k.MutatingAdmissionPolicy>(
    admission,
    'MutatingAdmissionPolicy',
    'mutatingadmissionpolicies',
    'Cluster',
    { ...extending, generation: true },
  ),
  mutatingAdmissionPolicyBindings: define<k.MutatingAdmissionPolicyBinding>(
    admission,
    'MutatingAdmissionPolicyBinding',
    'mutatingadmissionpolicybindings',
    'Cluster',
    { ...extending, generation: true },
  ),
  mutatingWebhookConfigurations: define<k.MutatingWebhookConfiguration>(
    admission,
    'MutatingWebhookConfiguration',
    'mutatingwebhookconfigurations',
    'Cluster',
    { ...extending, generation: true },
  ),
  validatingAdmissionPolicies: define<k.ValidatingAdmissionPolicy>(
    admission,
    'ValidatingAdmissionPolicy',
    'validatingadmissionpolicies',
    'Cluster',
    { ...extending, status: true, generation: true },
  ),
  validatingAdmissionPolicyBindings: define<k.ValidatingAdmissionPolicyBinding>(
    admission,
    'ValidatingAdmissionPolicyBinding',
    'validatingadmissionpolicybindings',
    'Cluster',
    { ...extending, generation: true },
  ),
  validatingWebhookConfigurations: define<k.ValidatingWebhookConfiguration>(
    admission,
    'ValidatingWebhookConfiguration',
    'validatingwebhookconfigurations',
    'Cluster',
    { ...extending, generation: true },
  ),
  flowSchemas: define<k.FlowSchema>(flowControl, 'FlowSchema', 'flowschemas', 'Cluster', {
    status: true,
    generation: true,
  }),
  priorityLevelConfigurations: define<k.PriorityLevelConfiguration>(
    flowControl,
    'PriorityLevelConfiguration',
    'prioritylevelconfigurations',
    'Cluster',
    { status: true, generation: true },
  ),
} as const
