/** As samples.ts: the kinds of networking, storage, admission, certificates, flow control and devices. */

const deployments = [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['deployments'] }]
const devices = { requests: [{ name: 'r', exactly: { deviceClassName: 'c' } }] }

/** Nobody asks for what it waits for. */
const webhook = {
  name: 'hook.diff.test',
  clientConfig: { url: 'https://127.0.0.1:1/' },
  rules: [{ apiGroups: ['none.diff.test'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['nothings'] }],
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
}

/** A group of its own for each case. */
export const definitionGroup = '{{ns}}.diff.test'

/** Of a CustomResourceDefinition `name.definitionGroup`. */
export function definition(name: string): object {
  return {
    spec: {
      group: definitionGroup,
      scope: 'Namespaced',
      names: { plural: name, singular: name, kind: `K${name}`, listKind: `K${name}List` },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: { spec: { type: 'object', properties: { size: { type: 'integer', minimum: 1 } } } },
            },
          },
        },
      ],
    },
  }
}

/** PKCS#10 of system:node:n1 in system:nodes, with a P-256 key. */
export const certificateRequest = [
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIc01JR1NBZ0VBTURBeEZUQVRCZ05WQkFvTURITjVjM1JsYlRw',
  'dWIyUmxjekVYTUJVR0ExVUVBd3dPYzNsegpkR1Z0T201dlpHVTZiakV3V1RBVEJnY3Foa2pPUFFJQkJnZ3Foa2pPUFFNQkJ3TkNB',
  'QVJYMHBiakpnSEdmZzFDCkhNS1R3eFNndm9IUWhiUGMzNjlmY1o4ZzBhMG5LSGJLVU5zdFMwM3ZiQ0tkSThjQVV0RkdRcVpYVWNV',
  'L1E2akMKR0hoOWpnc2xvQUF3Q2dZSUtvWkl6ajBFQXdJRFNRQXdSZ0loQUp3VGV0ckdWY2FwQWdDaTc5RkdXbHFCek90UwpMeGVV',
  'TkhiQjNremJUaWNGQWlFQTBtNVptKzRzUUkvREhWcmtqOUlxT0R1VStIUmdwcTM2Y05oS3padFhEbmc9Ci0tLS0tRU5EIENFUlRJ',
  'RklDQVRFIFJFUVVFU1QtLS0tLQo=',
].join('')

export const extensionFields: Readonly<Record<string, object>> = {
  Ingress: {
    spec: {
      rules: [
        {
          host: 'a.test',
          http: {
            paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 's', port: { number: 80 } } } }],
          },
        },
      ],
    },
  },
  IngressClass: { spec: { controller: 'example.com/c' } },
  NetworkPolicy: { spec: { podSelector: { matchLabels: { app: 'x' } } } },
  StorageClass: { provisioner: 'example.com/p' },
  CSIDriver: { spec: {} },
  CSINode: { spec: { drivers: [{ name: 'd', nodeID: 'n' }] } },
  CSIStorageCapacity: { storageClassName: 'c', capacity: '1Gi' },
  VolumeAttachment: {
    spec: { attacher: 'example.com', nodeName: 'n', source: { persistentVolumeName: 'pv' } },
  },
  VolumeAttributesClass: { driverName: 'example.com', parameters: { a: 'b' } },
  ValidatingAdmissionPolicy: {
    spec: {
      matchConstraints: { resourceRules: deployments },
      validations: [{ expression: 'object.spec.replicas <= 5' }],
    },
  },
  ValidatingAdmissionPolicyBinding: { spec: { policyName: 'p', validationActions: ['Deny'] } },
  MutatingAdmissionPolicy: {
    spec: {
      matchConstraints: { resourceRules: deployments },
      reinvocationPolicy: 'Never',
      mutations: [
        { patchType: 'JSONPatch', jsonPatch: { expression: '[JSONPatch{op: "test", path: "/spec", value: "x"}]' } },
      ],
    },
  },
  MutatingAdmissionPolicyBinding: { spec: { policyName: 'p' } },
  ValidatingWebhookConfiguration: { webhooks: [webhook] },
  MutatingWebhookConfiguration: { webhooks: [webhook] },
  CertificateSigningRequest: {
    spec: { request: certificateRequest, signerName: 'example.com/s', usages: ['client auth', 'digital signature'] },
  },
  FlowSchema: {
    spec: {
      priorityLevelConfiguration: { name: 'workload-low' },
      matchingPrecedence: 9000,
      distinguisherMethod: { type: 'ByUser' },
      rules: [
        {
          subjects: [{ kind: 'User', user: { name: 'diff-nobody' } }],
          resourceRules: [{ verbs: ['get'], apiGroups: ['*'], resources: ['pods'], namespaces: ['*'] }],
        },
      ],
    },
  },
  PriorityLevelConfiguration: {
    spec: { type: 'Limited', limited: { nominalConcurrencyShares: 1, limitResponse: { type: 'Reject' } } },
  },
  DeviceClass: { spec: { selectors: [{ cel: { expression: "device.driver == 'd.example.com'" } }] } },
  ResourceClaim: { spec: { devices } },
  ResourceClaimTemplate: { spec: { spec: { devices } } },
  ResourceSlice: {
    spec: {
      driver: 'd.example.com',
      nodeName: 'n',
      pool: { name: '{{ns}}', generation: 1, resourceSliceCount: 1 },
      devices: [{ name: 'dev' }],
    },
  },
}
