// Written by tools/generate-kinds.ts from @kubernetes/client-node. Do not edit.

export type AdmissionregistrationV1ServiceReference = Readonly<{
  name: string
  namespace: string
  path?: string
  port?: number
}>

export type AdmissionregistrationV1WebhookClientConfig = Readonly<{
  caBundle?: string
  service?: AdmissionregistrationV1ServiceReference
  url?: string
}>

export type ApiextensionsV1ServiceReference = Readonly<{
  name: string
  namespace: string
  path?: string
  port?: number
}>

export type ApiextensionsV1WebhookClientConfig = Readonly<{
  caBundle?: string
  service?: ApiextensionsV1ServiceReference
  url?: string
}>

export type ApiregistrationV1ServiceReference = Readonly<{
  name?: string
  namespace?: string
  port?: number
}>

export type AuthenticationV1TokenRequest = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: TokenRequestSpec
  status?: TokenRequestStatus
}>

export type EndpointPort = Readonly<{
  appProtocol?: string
  name?: string
  port: number
  protocol?: string
}>

export type Event = Readonly<{
  action?: string
  apiVersion?: string
  count?: number
  eventTime?: string
  firstTimestamp?: string
  involvedObject: ObjectReference
  kind?: string
  lastTimestamp?: string
  message?: string
  metadata: ObjectMeta
  reason?: string
  related?: ObjectReference
  reportingComponent?: string
  reportingInstance?: string
  series?: CoreV1EventSeries
  source?: EventSource
  type?: string
}>

export type EventList = Readonly<{
  apiVersion?: string
  items: readonly Event[]
  kind?: string
  metadata?: ListMeta
}>

export type CoreV1EventSeries = Readonly<{
  count?: number
  lastObservedTime?: string
}>

export type CoreV1ResourceClaim = Readonly<{
  name: string
  request?: string
}>

export type DiscoveryV1EndpointPort = Readonly<{
  appProtocol?: string
  name?: string
  port?: number
  protocol?: string
}>

export type EventsV1Event = Readonly<{
  action?: string
  apiVersion?: string
  deprecatedCount?: number
  deprecatedFirstTimestamp?: string
  deprecatedLastTimestamp?: string
  deprecatedSource?: EventSource
  eventTime: string
  kind?: string
  metadata?: ObjectMeta
  note?: string
  reason?: string
  regarding?: ObjectReference
  related?: ObjectReference
  reportingController?: string
  reportingInstance?: string
  series?: EventsV1EventSeries
  type?: string
}>

export type EventsV1EventList = Readonly<{
  apiVersion?: string
  items: readonly EventsV1Event[]
  kind?: string
  metadata?: ListMeta
}>

export type EventsV1EventSeries = Readonly<{
  count: number
  lastObservedTime: string
}>

export type FlowcontrolV1Subject = Readonly<{
  group?: GroupSubject
  kind: string
  serviceAccount?: ServiceAccountSubject
  user?: UserSubject
}>

export type RbacV1Subject = Readonly<{
  apiGroup?: string
  kind: string
  name: string
  namespace?: string
}>

export type ResourceV1ResourceClaim = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: ResourceClaimSpec
  status?: ResourceClaimStatus
}>

export type StorageV1TokenRequest = Readonly<{
  audience: string
  expirationSeconds?: number
}>

export type APIGroup = Readonly<{
  apiVersion?: string
  kind?: string
  name: string
  preferredVersion?: GroupVersionForDiscovery
  serverAddressByClientCIDRs?: readonly ServerAddressByClientCIDR[]
  versions: readonly GroupVersionForDiscovery[]
}>

export type APIGroupList = Readonly<{
  apiVersion?: string
  groups: readonly APIGroup[]
  kind?: string
}>

export type APIResource = Readonly<{
  categories?: readonly string[]
  group?: string
  kind: string
  name: string
  namespaced: boolean
  shortNames?: readonly string[]
  singularName: string
  storageVersionHash?: string
  verbs: readonly string[]
  version?: string
}>

export type APIResourceList = Readonly<{
  apiVersion?: string
  groupVersion: string
  kind?: string
  resources: readonly APIResource[]
}>

export type APIService = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: APIServiceSpec
  status?: APIServiceStatus
}>

export type APIServiceCondition = Readonly<{
  lastTransitionTime?: string
  message?: string
  reason?: string
  status: string
  type: string
}>

export type APIServiceList = Readonly<{
  apiVersion?: string
  items: readonly APIService[]
  kind?: string
  metadata?: ListMeta
}>

export type APIServiceSpec = Readonly<{
  caBundle?: string
  group?: string
  groupPriorityMinimum: number
  insecureSkipTLSVerify?: boolean
  service?: ApiregistrationV1ServiceReference
  version?: string
  versionPriority: number
}>

export type APIServiceStatus = Readonly<{
  conditions?: readonly APIServiceCondition[]
}>

export type APIVersions = Readonly<{
  apiVersion?: string
  kind?: string
  serverAddressByClientCIDRs: readonly ServerAddressByClientCIDR[]
  versions: readonly string[]
}>

export type AWSElasticBlockStoreVolumeSource = Readonly<{
  fsType?: string
  partition?: number
  readOnly?: boolean
  volumeID: string
}>

export type Affinity = Readonly<{
  nodeAffinity?: NodeAffinity
  podAffinity?: PodAffinity
  podAntiAffinity?: PodAntiAffinity
}>

export type AggregationRule = Readonly<{
  clusterRoleSelectors?: readonly LabelSelector[]
}>

export type AllocatedDeviceStatus = Readonly<{
  conditions?: readonly Condition[]
  data?: unknown
  device: string
  driver: string
  networkData?: NetworkDeviceData
  pool: string
  shareID?: string
}>

export type AllocationResult = Readonly<{
  allocationTimestamp?: string
  devices?: DeviceAllocationResult
  nodeSelector?: NodeSelector
}>

export type AppArmorProfile = Readonly<{
  localhostProfile?: string
  type: string
}>

export type ApplyConfiguration = Readonly<{
  expression?: string
}>

export type AttachedVolume = Readonly<{
  devicePath: string
  name: string
}>

export type AuditAnnotation = Readonly<{
  key: string
  valueExpression: string
}>

export type AzureDiskVolumeSource = Readonly<{
  cachingMode?: string
  diskName: string
  diskURI: string
  fsType?: string
  kind?: string
  readOnly?: boolean
}>

export type AzureFilePersistentVolumeSource = Readonly<{
  readOnly?: boolean
  secretName: string
  secretNamespace?: string
  shareName: string
}>

export type AzureFileVolumeSource = Readonly<{
  readOnly?: boolean
  secretName: string
  shareName: string
}>

export type Binding = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  target: ObjectReference
}>

export type BoundObjectReference = Readonly<{
  apiVersion?: string
  kind?: string
  name?: string
  uid?: string
}>

export type CELDeviceSelector = Readonly<{
  expression: string
}>

export type CSIDriver = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: CSIDriverSpec
}>

export type CSIDriverList = Readonly<{
  apiVersion?: string
  items: readonly CSIDriver[]
  kind?: string
  metadata?: ListMeta
}>

export type CSIDriverSpec = Readonly<{
  attachRequired?: boolean
  fsGroupPolicy?: string
  nodeAllocatableUpdatePeriodSeconds?: number
  podInfoOnMount?: boolean
  preventPodSchedulingIfMissing?: boolean
  requiresRepublish?: boolean
  seLinuxMount?: boolean
  serviceAccountTokenInSecrets?: boolean
  storageCapacity?: boolean
  tokenRequests?: readonly StorageV1TokenRequest[]
  volumeLifecycleModes?: readonly string[]
}>

export type CSINode = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: CSINodeSpec
}>

export type CSINodeDriver = Readonly<{
  allocatable?: VolumeNodeResources
  name: string
  nodeID: string
  topologyKeys?: readonly string[]
}>

export type CSINodeList = Readonly<{
  apiVersion?: string
  items: readonly CSINode[]
  kind?: string
  metadata?: ListMeta
}>

export type CSINodeSpec = Readonly<{
  drivers: readonly CSINodeDriver[]
}>

export type CSIPersistentVolumeSource = Readonly<{
  controllerExpandSecretRef?: SecretReference
  controllerPublishSecretRef?: SecretReference
  driver: string
  fsType?: string
  nodeExpandSecretRef?: SecretReference
  nodePublishSecretRef?: SecretReference
  nodeStageSecretRef?: SecretReference
  readOnly?: boolean
  volumeAttributes?: Readonly<Record<string, string>>
  volumeHandle: string
}>

export type CSIStorageCapacity = Readonly<{
  apiVersion?: string
  capacity?: string
  kind?: string
  maximumVolumeSize?: string
  metadata?: ObjectMeta
  nodeTopology?: LabelSelector
  storageClassName: string
}>

export type CSIStorageCapacityList = Readonly<{
  apiVersion?: string
  items: readonly CSIStorageCapacity[]
  kind?: string
  metadata?: ListMeta
}>

export type CSIVolumeSource = Readonly<{
  driver: string
  fsType?: string
  nodePublishSecretRef?: LocalObjectReference
  readOnly?: boolean
  volumeAttributes?: Readonly<Record<string, string>>
}>

export type Capabilities = Readonly<{
  add?: readonly string[]
  drop?: readonly string[]
}>

export type CapacityRequestPolicy = Readonly<{
  default?: string
  validRange?: CapacityRequestPolicyRange
  validValues?: readonly string[]
}>

export type CapacityRequestPolicyRange = Readonly<{
  max?: string
  min: string
  step?: string
}>

export type CapacityRequirements = Readonly<{
  requests?: Readonly<Record<string, string>>
}>

export type CephFSPersistentVolumeSource = Readonly<{
  monitors: readonly string[]
  path?: string
  readOnly?: boolean
  secretFile?: string
  secretRef?: SecretReference
  user?: string
}>

export type CephFSVolumeSource = Readonly<{
  monitors: readonly string[]
  path?: string
  readOnly?: boolean
  secretFile?: string
  secretRef?: LocalObjectReference
  user?: string
}>

export type CertificateSigningRequest = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: CertificateSigningRequestSpec
  status?: CertificateSigningRequestStatus
}>

export type CertificateSigningRequestCondition = Readonly<{
  lastTransitionTime?: string
  lastUpdateTime?: string
  message?: string
  reason?: string
  status: string
  type: string
}>

export type CertificateSigningRequestList = Readonly<{
  apiVersion?: string
  items: readonly CertificateSigningRequest[]
  kind?: string
  metadata?: ListMeta
}>

export type CertificateSigningRequestSpec = Readonly<{
  expirationSeconds?: number
  extra?: Readonly<Record<string, readonly string[]>>
  groups?: readonly string[]
  request: string
  signerName: string
  uid?: string
  usages?: readonly string[]
  username?: string
}>

export type CertificateSigningRequestStatus = Readonly<{
  certificate?: string
  conditions?: readonly CertificateSigningRequestCondition[]
}>

export type CinderPersistentVolumeSource = Readonly<{
  fsType?: string
  readOnly?: boolean
  secretRef?: SecretReference
  volumeID: string
}>

export type CinderVolumeSource = Readonly<{
  fsType?: string
  readOnly?: boolean
  secretRef?: LocalObjectReference
  volumeID: string
}>

export type ClaimSource = Readonly<{
  resourceClaimName?: string
  resourceClaimTemplateName?: string
}>

export type ClientIPConfig = Readonly<{
  timeoutSeconds?: number
}>

export type ClusterRole = Readonly<{
  aggregationRule?: AggregationRule
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  rules?: readonly PolicyRule[]
}>

export type ClusterRoleBinding = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  roleRef: RoleRef
  subjects?: readonly RbacV1Subject[]
}>

export type ClusterRoleBindingList = Readonly<{
  apiVersion?: string
  items: readonly ClusterRoleBinding[]
  kind?: string
  metadata?: ListMeta
}>

export type ClusterRoleList = Readonly<{
  apiVersion?: string
  items: readonly ClusterRole[]
  kind?: string
  metadata?: ListMeta
}>

export type ClusterTrustBundleProjection = Readonly<{
  labelSelector?: LabelSelector
  name?: string
  optional?: boolean
  path: string
  signerName?: string
}>

export type ComponentCondition = Readonly<{
  error?: string
  message?: string
  status: string
  type: string
}>

export type ComponentStatus = Readonly<{
  apiVersion?: string
  conditions?: readonly ComponentCondition[]
  kind?: string
  metadata?: ObjectMeta
}>

export type ComponentStatusList = Readonly<{
  apiVersion?: string
  items: readonly ComponentStatus[]
  kind?: string
  metadata?: ListMeta
}>

export type Condition = Readonly<{
  lastTransitionTime: string
  message: string
  observedGeneration?: number
  reason: string
  status: string
  type: string
}>

export type ConfigMap = Readonly<{
  apiVersion?: string
  binaryData?: Readonly<Record<string, string>>
  data?: Readonly<Record<string, string>>
  immutable?: boolean
  kind?: string
  metadata?: ObjectMeta
}>

export type ConfigMapEnvSource = Readonly<{
  name?: string
  optional?: boolean
}>

export type ConfigMapKeySelector = Readonly<{
  key: string
  name?: string
  optional?: boolean
}>

export type ConfigMapList = Readonly<{
  apiVersion?: string
  items: readonly ConfigMap[]
  kind?: string
  metadata?: ListMeta
}>

export type ConfigMapNodeConfigSource = Readonly<{
  kubeletConfigKey: string
  name: string
  namespace: string
  resourceVersion?: string
  uid?: string
}>

export type ConfigMapProjection = Readonly<{
  items?: readonly KeyToPath[]
  name?: string
  optional?: boolean
}>

export type ConfigMapVolumeSource = Readonly<{
  defaultMode?: number
  items?: readonly KeyToPath[]
  name?: string
  optional?: boolean
}>

export type Container = Readonly<{
  args?: readonly string[]
  command?: readonly string[]
  env?: readonly EnvVar[]
  envFrom?: readonly EnvFromSource[]
  image?: string
  imagePullPolicy?: string
  lifecycle?: Lifecycle
  livenessProbe?: Probe
  name: string
  ports?: readonly ContainerPort[]
  readinessProbe?: Probe
  resizePolicy?: readonly ContainerResizePolicy[]
  resources?: ResourceRequirements
  restartPolicy?: string
  restartPolicyRules?: readonly ContainerRestartRule[]
  securityContext?: SecurityContext
  startupProbe?: Probe
  stdin?: boolean
  stdinOnce?: boolean
  terminationMessagePath?: string
  terminationMessagePolicy?: string
  tty?: boolean
  volumeDevices?: readonly VolumeDevice[]
  volumeMounts?: readonly VolumeMount[]
  workingDir?: string
}>

export type ContainerExtendedResourceRequest = Readonly<{
  containerName: string
  requestName: string
  resourceName: string
}>

export type ContainerImage = Readonly<{
  names?: readonly string[]
  sizeBytes?: number
}>

export type ContainerPort = Readonly<{
  containerPort: number
  hostIP?: string
  hostPort?: number
  name?: string
  protocol?: string
}>

export type ContainerResizePolicy = Readonly<{
  resourceName: string
  restartPolicy: string
}>

export type ContainerRestartRule = Readonly<{
  action: string
  exitCodes?: ContainerRestartRuleOnExitCodes
}>

export type ContainerRestartRuleOnExitCodes = Readonly<{
  operator: string
  values?: readonly number[]
}>

export type ContainerState = Readonly<{
  running?: ContainerStateRunning
  terminated?: ContainerStateTerminated
  waiting?: ContainerStateWaiting
}>

export type ContainerStateRunning = Readonly<{
  startedAt?: string
}>

export type ContainerStateTerminated = Readonly<{
  containerID?: string
  exitCode: number
  finishedAt?: string
  message?: string
  reason?: string
  signal?: number
  startedAt?: string
}>

export type ContainerStateWaiting = Readonly<{
  message?: string
  reason?: string
}>

export type ContainerStatus = Readonly<{
  allocatedResources?: Readonly<Record<string, string>>
  allocatedResourcesStatus?: readonly ResourceStatus[]
  containerID?: string
  image: string
  imageID: string
  lastState?: ContainerState
  name: string
  ready: boolean
  resources?: ResourceRequirements
  restartCount: number
  started?: boolean
  state?: ContainerState
  stopSignal?: string
  user?: ContainerUser
  volumeMounts?: readonly VolumeMountStatus[]
}>

export type ContainerUser = Readonly<{
  linux?: LinuxContainerUser
}>

export type ControllerRevision = Readonly<{
  apiVersion?: string
  data?: unknown
  kind?: string
  metadata?: ObjectMeta
  revision: number
}>

export type ControllerRevisionList = Readonly<{
  apiVersion?: string
  items: readonly ControllerRevision[]
  kind?: string
  metadata?: ListMeta
}>

export type Counter = Readonly<{
  value: string
}>

export type CounterSet = Readonly<{
  counters: Readonly<Record<string, Counter>>
  name: string
}>

export type CronJob = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: CronJobSpec
  status?: CronJobStatus
}>

export type CronJobList = Readonly<{
  apiVersion?: string
  items: readonly CronJob[]
  kind?: string
  metadata?: ListMeta
}>

export type CronJobSpec = Readonly<{
  concurrencyPolicy?: string
  failedJobsHistoryLimit?: number
  jobTemplate: JobTemplateSpec
  schedule: string
  startingDeadlineSeconds?: number
  successfulJobsHistoryLimit?: number
  suspend?: boolean
  timeZone?: string
}>

export type CronJobStatus = Readonly<{
  active?: readonly ObjectReference[]
  lastScheduleTime?: string
  lastSuccessfulTime?: string
}>

export type CrossVersionObjectReference = Readonly<{
  apiVersion?: string
  kind: string
  name: string
}>

export type CustomResourceColumnDefinition = Readonly<{
  description?: string
  format?: string
  jsonPath: string
  name: string
  priority?: number
  type: string
}>

export type CustomResourceConversion = Readonly<{
  strategy: string
  webhook?: WebhookConversion
}>

export type CustomResourceDefinition = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: CustomResourceDefinitionSpec
  status?: CustomResourceDefinitionStatus
}>

export type CustomResourceDefinitionCondition = Readonly<{
  lastTransitionTime?: string
  message?: string
  observedGeneration?: number
  reason?: string
  status: string
  type: string
}>

export type CustomResourceDefinitionList = Readonly<{
  apiVersion?: string
  items: readonly CustomResourceDefinition[]
  kind?: string
  metadata?: ListMeta
}>

export type CustomResourceDefinitionNames = Readonly<{
  categories?: readonly string[]
  kind: string
  listKind?: string
  plural: string
  shortNames?: readonly string[]
  singular?: string
}>

export type CustomResourceDefinitionSpec = Readonly<{
  conversion?: CustomResourceConversion
  group: string
  names: CustomResourceDefinitionNames
  preserveUnknownFields?: boolean
  scope: string
  versions: readonly CustomResourceDefinitionVersion[]
}>

export type CustomResourceDefinitionStatus = Readonly<{
  acceptedNames?: CustomResourceDefinitionNames
  conditions?: readonly CustomResourceDefinitionCondition[]
  observedGeneration?: number
  storedVersions?: readonly string[]
}>

export type CustomResourceDefinitionVersion = Readonly<{
  additionalPrinterColumns?: readonly CustomResourceColumnDefinition[]
  deprecated?: boolean
  deprecationWarning?: string
  name: string
  schema?: CustomResourceValidation
  selectableFields?: readonly SelectableField[]
  served: boolean
  storage: boolean
  subresources?: CustomResourceSubresources
}>

export type CustomResourceSubresourceScale = Readonly<{
  labelSelectorPath?: string
  specReplicasPath: string
  statusReplicasPath: string
}>

export type CustomResourceSubresources = Readonly<{
  scale?: CustomResourceSubresourceScale
  status?: unknown
}>

export type CustomResourceValidation = Readonly<{
  openAPIV3Schema?: JSONSchemaProps
}>

export type DaemonEndpoint = Readonly<{
  Port: number
}>

export type DaemonSet = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: DaemonSetSpec
  status?: DaemonSetStatus
}>

export type DaemonSetCondition = Readonly<{
  lastTransitionTime?: string
  message?: string
  reason?: string
  status: string
  type: string
}>

export type DaemonSetList = Readonly<{
  apiVersion?: string
  items: readonly DaemonSet[]
  kind?: string
  metadata?: ListMeta
}>

export type DaemonSetSpec = Readonly<{
  minReadySeconds?: number
  revisionHistoryLimit?: number
  selector: LabelSelector
  template: PodTemplateSpec
  updateStrategy?: DaemonSetUpdateStrategy
}>

export type DaemonSetStatus = Readonly<{
  collisionCount?: number
  conditions?: readonly DaemonSetCondition[]
  currentNumberScheduled: number
  desiredNumberScheduled: number
  numberAvailable?: number
  numberMisscheduled: number
  numberReady: number
  numberUnavailable?: number
  observedGeneration?: number
  updatedNumberScheduled?: number
}>

export type DaemonSetUpdateStrategy = Readonly<{
  rollingUpdate?: RollingUpdateDaemonSet
  type?: string
}>

export type DeleteOptions = Readonly<{
  apiVersion?: string
  dryRun?: readonly string[]
  gracePeriodSeconds?: number
  ignoreStoreReadErrorWithClusterBreakingPotential?: boolean
  kind?: string
  orphanDependents?: boolean
  preconditions?: Preconditions
  propagationPolicy?: string
}>

export type Deployment = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: DeploymentSpec
  status?: DeploymentStatus
}>

export type DeploymentCondition = Readonly<{
  lastTransitionTime?: string
  lastUpdateTime?: string
  message?: string
  reason?: string
  status: string
  type: string
}>

export type DeploymentList = Readonly<{
  apiVersion?: string
  items: readonly Deployment[]
  kind?: string
  metadata?: ListMeta
}>

export type DeploymentSpec = Readonly<{
  minReadySeconds?: number
  paused?: boolean
  progressDeadlineSeconds?: number
  replicas?: number
  revisionHistoryLimit?: number
  selector: LabelSelector
  strategy?: DeploymentStrategy
  template: PodTemplateSpec
}>

export type DeploymentStatus = Readonly<{
  availableReplicas?: number
  collisionCount?: number
  conditions?: readonly DeploymentCondition[]
  observedGeneration?: number
  readyReplicas?: number
  replicas?: number
  terminatingReplicas?: number
  unavailableReplicas?: number
  updatedReplicas?: number
}>

export type DeploymentStrategy = Readonly<{
  rollingUpdate?: RollingUpdateDeployment
  type?: string
}>

export type Device = Readonly<{
  allNodes?: boolean
  allowMultipleAllocations?: boolean
  attributes?: Readonly<Record<string, DeviceAttribute>>
  bindingConditions?: readonly string[]
  bindingFailureConditions?: readonly string[]
  bindsToNode?: boolean
  capacity?: Readonly<Record<string, DeviceCapacity>>
  consumesCounters?: readonly DeviceCounterConsumption[]
  name: string
  nodeAllocatableResourceMappings?: Readonly<Record<string, NodeAllocatableResourceMapping>>
  nodeName?: string
  nodeSelector?: NodeSelector
  taints?: readonly DeviceTaint[]
}>

export type DeviceAllocationConfiguration = Readonly<{
  opaque?: OpaqueDeviceConfiguration
  requests?: readonly string[]
  source: string
}>

export type DeviceAllocationResult = Readonly<{
  config?: readonly DeviceAllocationConfiguration[]
  results?: readonly DeviceRequestAllocationResult[]
}>

export type DeviceAttribute = Readonly<{
  bool?: boolean
  bools?: readonly boolean[]
  int?: number
  ints?: readonly number[]
  string?: string
  strings?: readonly string[]
  version?: string
  versions?: readonly string[]
}>

export type DeviceCapacity = Readonly<{
  requestPolicy?: CapacityRequestPolicy
  value: string
}>

export type DeviceClaim = Readonly<{
  config?: readonly DeviceClaimConfiguration[]
  constraints?: readonly DeviceConstraint[]
  requests?: readonly DeviceRequest[]
}>

export type DeviceClaimConfiguration = Readonly<{
  opaque?: OpaqueDeviceConfiguration
  requests?: readonly string[]
}>

export type DeviceClass = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: DeviceClassSpec
}>

export type DeviceClassConfiguration = Readonly<{
  opaque?: OpaqueDeviceConfiguration
}>

export type DeviceClassList = Readonly<{
  apiVersion?: string
  items: readonly DeviceClass[]
  kind?: string
  metadata?: ListMeta
}>

export type DeviceClassSpec = Readonly<{
  config?: readonly DeviceClassConfiguration[]
  extendedResourceName?: string
  selectors?: readonly DeviceSelector[]
}>

export type DeviceConstraint = Readonly<{
  distinctAttribute?: string
  matchAttribute?: string
  requests?: readonly string[]
}>

export type DeviceCounterConsumption = Readonly<{
  counterSet: string
  counters: Readonly<Record<string, Counter>>
}>

export type DeviceRequest = Readonly<{
  exactly?: ExactDeviceRequest
  firstAvailable?: readonly DeviceSubRequest[]
  name: string
}>

export type DeviceRequestAllocationResult = Readonly<{
  adminAccess?: boolean
  bindingConditions?: readonly string[]
  bindingFailureConditions?: readonly string[]
  consumedCapacity?: Readonly<Record<string, string>>
  device: string
  driver: string
  pool: string
  request: string
  shareID?: string
  tolerations?: readonly DeviceToleration[]
}>

export type DeviceSelector = Readonly<{
  cel?: CELDeviceSelector
}>

export type DeviceSubRequest = Readonly<{
  allocationMode?: string
  capacity?: CapacityRequirements
  count?: number
  deviceClassName: string
  name: string
  selectors?: readonly DeviceSelector[]
  tolerations?: readonly DeviceToleration[]
}>

export type DeviceTaint = Readonly<{
  effect: string
  key: string
  timeAdded?: string
  value?: string
}>

export type DeviceToleration = Readonly<{
  effect?: string
  key?: string
  operator?: string
  tolerationSeconds?: number
  value?: string
}>

export type DownwardAPIProjection = Readonly<{
  items?: readonly DownwardAPIVolumeFile[]
}>

export type DownwardAPIVolumeFile = Readonly<{
  fieldRef?: ObjectFieldSelector
  mode?: number
  path: string
  resourceFieldRef?: ResourceFieldSelector
}>

export type DownwardAPIVolumeSource = Readonly<{
  defaultMode?: number
  items?: readonly DownwardAPIVolumeFile[]
}>

export type EmptyDirVolumeSource = Readonly<{
  medium?: string
  sizeLimit?: string
}>

export type Endpoint = Readonly<{
  addresses: readonly string[]
  conditions?: EndpointConditions
  deprecatedTopology?: Readonly<Record<string, string>>
  hints?: EndpointHints
  hostname?: string
  nodeName?: string
  targetRef?: ObjectReference
  zone?: string
}>

export type EndpointAddress = Readonly<{
  hostname?: string
  ip: string
  nodeName?: string
  targetRef?: ObjectReference
}>

export type EndpointConditions = Readonly<{
  ready?: boolean
  serving?: boolean
  terminating?: boolean
}>

export type EndpointHints = Readonly<{
  forNodes?: readonly ForNode[]
  forZones?: readonly ForZone[]
}>

export type EndpointSlice = Readonly<{
  addressType: string
  apiVersion?: string
  endpoints?: readonly Endpoint[]
  kind?: string
  metadata?: ObjectMeta
  ports?: readonly DiscoveryV1EndpointPort[]
}>

export type EndpointSliceList = Readonly<{
  apiVersion?: string
  items: readonly EndpointSlice[]
  kind?: string
  metadata?: ListMeta
}>

export type EndpointSubset = Readonly<{
  addresses?: readonly EndpointAddress[]
  notReadyAddresses?: readonly EndpointAddress[]
  ports?: readonly EndpointPort[]
}>

export type Endpoints = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  subsets?: readonly EndpointSubset[]
}>

export type EndpointsList = Readonly<{
  apiVersion?: string
  items: readonly Endpoints[]
  kind?: string
  metadata?: ListMeta
}>

export type EnvFromSource = Readonly<{
  configMapRef?: ConfigMapEnvSource
  prefix?: string
  secretRef?: SecretEnvSource
}>

export type EnvVar = Readonly<{
  name: string
  value?: string
  valueFrom?: EnvVarSource
}>

export type EnvVarSource = Readonly<{
  configMapKeyRef?: ConfigMapKeySelector
  fieldRef?: ObjectFieldSelector
  fileKeyRef?: FileKeySelector
  resourceFieldRef?: ResourceFieldSelector
  secretKeyRef?: SecretKeySelector
}>

export type EphemeralContainer = Readonly<{
  args?: readonly string[]
  command?: readonly string[]
  env?: readonly EnvVar[]
  envFrom?: readonly EnvFromSource[]
  image?: string
  imagePullPolicy?: string
  lifecycle?: Lifecycle
  livenessProbe?: Probe
  name: string
  ports?: readonly ContainerPort[]
  readinessProbe?: Probe
  resizePolicy?: readonly ContainerResizePolicy[]
  resources?: ResourceRequirements
  restartPolicy?: string
  restartPolicyRules?: readonly ContainerRestartRule[]
  securityContext?: SecurityContext
  startupProbe?: Probe
  stdin?: boolean
  stdinOnce?: boolean
  targetContainerName?: string
  terminationMessagePath?: string
  terminationMessagePolicy?: string
  tty?: boolean
  volumeDevices?: readonly VolumeDevice[]
  volumeMounts?: readonly VolumeMount[]
  workingDir?: string
}>

export type EphemeralVolumeSource = Readonly<{
  volumeClaimTemplate?: PersistentVolumeClaimTemplate
}>

export type EventSource = Readonly<{
  component?: string
  host?: string
}>

export type Eviction = Readonly<{
  apiVersion?: string
  deleteOptions?: DeleteOptions
  kind?: string
  metadata?: ObjectMeta
}>

export type ExactDeviceRequest = Readonly<{
  adminAccess?: boolean
  allocationMode?: string
  capacity?: CapacityRequirements
  count?: number
  deviceClassName: string
  selectors?: readonly DeviceSelector[]
  tolerations?: readonly DeviceToleration[]
}>

export type ExecAction = Readonly<{
  command?: readonly string[]
}>

export type ExemptPriorityLevelConfiguration = Readonly<{
  lendablePercent?: number
  nominalConcurrencyShares?: number
}>

export type ExpressionWarning = Readonly<{
  fieldRef: string
  warning: string
}>

export type ExternalDocumentation = Readonly<{
  description?: string
  url?: string
}>

export type FCVolumeSource = Readonly<{
  fsType?: string
  lun?: number
  readOnly?: boolean
  targetWWNs?: readonly string[]
  wwids?: readonly string[]
}>

export type FieldSelectorAttributes = Readonly<{
  rawSelector?: string
  requirements?: readonly FieldSelectorRequirement[]
}>

export type FieldSelectorRequirement = Readonly<{
  key: string
  operator: string
  values?: readonly string[]
}>

export type FileKeySelector = Readonly<{
  key: string
  optional?: boolean
  path: string
  volumeName: string
}>

export type FlexPersistentVolumeSource = Readonly<{
  driver: string
  fsType?: string
  options?: Readonly<Record<string, string>>
  readOnly?: boolean
  secretRef?: SecretReference
}>

export type FlexVolumeSource = Readonly<{
  driver: string
  fsType?: string
  options?: Readonly<Record<string, string>>
  readOnly?: boolean
  secretRef?: LocalObjectReference
}>

export type FlockerVolumeSource = Readonly<{
  datasetName?: string
  datasetUUID?: string
}>

export type FlowDistinguisherMethod = Readonly<{
  type: string
}>

export type FlowSchema = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: FlowSchemaSpec
  status?: FlowSchemaStatus
}>

export type FlowSchemaCondition = Readonly<{
  lastTransitionTime?: string
  message?: string
  reason?: string
  status?: string
  type?: string
}>

export type FlowSchemaList = Readonly<{
  apiVersion?: string
  items: readonly FlowSchema[]
  kind?: string
  metadata?: ListMeta
}>

export type FlowSchemaSpec = Readonly<{
  distinguisherMethod?: FlowDistinguisherMethod
  matchingPrecedence?: number
  priorityLevelConfiguration: PriorityLevelConfigurationReference
  rules?: readonly PolicyRulesWithSubjects[]
}>

export type FlowSchemaStatus = Readonly<{
  conditions?: readonly FlowSchemaCondition[]
}>

export type ForNode = Readonly<{
  name: string
}>

export type ForZone = Readonly<{
  name: string
}>

export type GCEPersistentDiskVolumeSource = Readonly<{
  fsType?: string
  partition?: number
  pdName: string
  readOnly?: boolean
}>

export type GRPCAction = Readonly<{
  port: number
  service?: string
}>

export type GitRepoVolumeSource = Readonly<{
  directory?: string
  repository: string
  revision?: string
}>

export type GlusterfsPersistentVolumeSource = Readonly<{
  endpoints: string
  endpointsNamespace?: string
  path: string
  readOnly?: boolean
}>

export type GlusterfsVolumeSource = Readonly<{
  endpoints: string
  path: string
  readOnly?: boolean
}>

export type GroupResource = Readonly<{
  group: string
  resource: string
}>

export type GroupSubject = Readonly<{
  name: string
}>

export type GroupVersionForDiscovery = Readonly<{
  groupVersion: string
  version: string
}>

export type HTTPGetAction = Readonly<{
  host?: string
  httpHeaders?: readonly HTTPHeader[]
  path?: string
  port: number | string
  scheme?: string
}>

export type HTTPHeader = Readonly<{
  name: string
  value: string
}>

export type HTTPIngressPath = Readonly<{
  backend: IngressBackend
  path?: string
  pathType: string
}>

export type HTTPIngressRuleValue = Readonly<{
  paths: readonly HTTPIngressPath[]
}>

export type HorizontalPodAutoscaler = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: HorizontalPodAutoscalerSpec
  status?: HorizontalPodAutoscalerStatus
}>

export type HorizontalPodAutoscalerList = Readonly<{
  apiVersion?: string
  items: readonly HorizontalPodAutoscaler[]
  kind?: string
  metadata?: ListMeta
}>

export type HorizontalPodAutoscalerSpec = Readonly<{
  maxReplicas: number
  minReplicas?: number
  scaleTargetRef: CrossVersionObjectReference
  targetCPUUtilizationPercentage?: number
}>

export type HorizontalPodAutoscalerStatus = Readonly<{
  currentCPUUtilizationPercentage?: number
  currentReplicas: number
  desiredReplicas: number
  lastScaleTime?: string
  observedGeneration?: number
}>

export type HostAlias = Readonly<{
  hostnames?: readonly string[]
  ip: string
}>

export type HostIP = Readonly<{
  ip: string
}>

export type HostPathVolumeSource = Readonly<{
  path: string
  type?: string
}>

export type IPAddress = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: IPAddressSpec
}>

export type IPAddressList = Readonly<{
  apiVersion?: string
  items: readonly IPAddress[]
  kind?: string
  metadata?: ListMeta
}>

export type IPAddressSpec = Readonly<{
  parentRef: ParentReference
}>

export type IPBlock = Readonly<{
  cidr: string
  except?: readonly string[]
}>

export type ISCSIPersistentVolumeSource = Readonly<{
  chapAuthDiscovery?: boolean
  chapAuthSession?: boolean
  fsType?: string
  initiatorName?: string
  iqn: string
  iscsiInterface?: string
  lun: number
  portals?: readonly string[]
  readOnly?: boolean
  secretRef?: SecretReference
  targetPortal: string
}>

export type ISCSIVolumeSource = Readonly<{
  chapAuthDiscovery?: boolean
  chapAuthSession?: boolean
  fsType?: string
  initiatorName?: string
  iqn: string
  iscsiInterface?: string
  lun: number
  portals?: readonly string[]
  readOnly?: boolean
  secretRef?: LocalObjectReference
  targetPortal: string
}>

export type ImageVolumeSource = Readonly<{
  pullPolicy?: string
  reference?: string
}>

export type ImageVolumeStatus = Readonly<{
  imageRef: string
}>

export type Ingress = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: IngressSpec
  status?: IngressStatus
}>

export type IngressBackend = Readonly<{
  resource?: TypedLocalObjectReference
  service?: IngressServiceBackend
}>

export type IngressClass = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: IngressClassSpec
}>

export type IngressClassList = Readonly<{
  apiVersion?: string
  items: readonly IngressClass[]
  kind?: string
  metadata?: ListMeta
}>

export type IngressClassParametersReference = Readonly<{
  apiGroup?: string
  kind: string
  name: string
  namespace?: string
  scope?: string
}>

export type IngressClassSpec = Readonly<{
  controller?: string
  parameters?: IngressClassParametersReference
}>

export type IngressList = Readonly<{
  apiVersion?: string
  items: readonly Ingress[]
  kind?: string
  metadata?: ListMeta
}>

export type IngressLoadBalancerIngress = Readonly<{
  hostname?: string
  ip?: string
  ports?: readonly IngressPortStatus[]
}>

export type IngressLoadBalancerStatus = Readonly<{
  ingress?: readonly IngressLoadBalancerIngress[]
}>

export type IngressPortStatus = Readonly<{
  error?: string
  port: number
  protocol: string
}>

export type IngressRule = Readonly<{
  host?: string
  http?: HTTPIngressRuleValue
}>

export type IngressServiceBackend = Readonly<{
  name: string
  port?: ServiceBackendPort
}>

export type IngressSpec = Readonly<{
  defaultBackend?: IngressBackend
  ingressClassName?: string
  rules?: readonly IngressRule[]
  tls?: readonly IngressTLS[]
}>

export type IngressStatus = Readonly<{
  loadBalancer?: IngressLoadBalancerStatus
}>

export type IngressTLS = Readonly<{
  hosts?: readonly string[]
  secretName?: string
}>

export type JSONPatch = Readonly<{
  expression?: string
}>

export type JSONSchemaProps = Readonly<{
  '$ref'?: string
  '$schema'?: string
  additionalItems?: unknown
  additionalProperties?: unknown
  allOf?: readonly JSONSchemaProps[]
  anyOf?: readonly JSONSchemaProps[]
  default?: unknown
  definitions?: Readonly<Record<string, JSONSchemaProps>>
  dependencies?: Readonly<Record<string, unknown>>
  description?: string
  enum?: readonly unknown[]
  example?: unknown
  exclusiveMaximum?: boolean
  exclusiveMinimum?: boolean
  externalDocs?: ExternalDocumentation
  format?: string
  id?: string
  items?: unknown
  maxItems?: number
  maxLength?: number
  maxProperties?: number
  maximum?: number
  minItems?: number
  minLength?: number
  minProperties?: number
  minimum?: number
  multipleOf?: number
  not?: JSONSchemaProps
  nullable?: boolean
  oneOf?: readonly JSONSchemaProps[]
  pattern?: string
  patternProperties?: Readonly<Record<string, JSONSchemaProps>>
  properties?: Readonly<Record<string, JSONSchemaProps>>
  required?: readonly string[]
  title?: string
  type?: string
  uniqueItems?: boolean
  'x-kubernetes-embedded-resource'?: boolean
  'x-kubernetes-int-or-string'?: boolean
  'x-kubernetes-list-map-keys'?: readonly string[]
  'x-kubernetes-list-type'?: string
  'x-kubernetes-map-type'?: string
  'x-kubernetes-preserve-unknown-fields'?: boolean
  'x-kubernetes-validations'?: readonly ValidationRule[]
}>

export type Job = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: JobSpec
  status?: JobStatus
}>

export type JobCondition = Readonly<{
  lastProbeTime?: string
  lastTransitionTime?: string
  message?: string
  reason?: string
  status: string
  type: string
}>

export type JobList = Readonly<{
  apiVersion?: string
  items: readonly Job[]
  kind?: string
  metadata?: ListMeta
}>

export type JobSpec = Readonly<{
  activeDeadlineSeconds?: number
  backoffLimit?: number
  backoffLimitPerIndex?: number
  completionMode?: string
  completions?: number
  managedBy?: string
  manualSelector?: boolean
  maxFailedIndexes?: number
  parallelism?: number
  podFailurePolicy?: PodFailurePolicy
  podReplacementPolicy?: string
  selector?: LabelSelector
  successPolicy?: SuccessPolicy
  suspend?: boolean
  template: PodTemplateSpec
  ttlSecondsAfterFinished?: number
}>

export type JobStatus = Readonly<{
  active?: number
  completedIndexes?: string
  completionTime?: string
  conditions?: readonly JobCondition[]
  failed?: number
  failedIndexes?: string
  ready?: number
  startTime?: string
  succeeded?: number
  terminating?: number
  uncountedTerminatedPods?: UncountedTerminatedPods
}>

export type JobTemplateSpec = Readonly<{
  metadata?: ObjectMeta
  spec?: JobSpec
}>

export type KeyToPath = Readonly<{
  key: string
  mode?: number
  path: string
}>

export type LabelSelector = Readonly<{
  matchExpressions?: readonly LabelSelectorRequirement[]
  matchLabels?: Readonly<Record<string, string>>
}>

export type LabelSelectorAttributes = Readonly<{
  rawSelector?: string
  requirements?: readonly LabelSelectorRequirement[]
}>

export type LabelSelectorRequirement = Readonly<{
  key: string
  operator: string
  values?: readonly string[]
}>

export type Lease = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: LeaseSpec
}>

export type LeaseList = Readonly<{
  apiVersion?: string
  items: readonly Lease[]
  kind?: string
  metadata?: ListMeta
}>

export type LeaseSpec = Readonly<{
  acquireTime?: string
  holderIdentity?: string
  leaseDurationSeconds?: number
  leaseTransitions?: number
  preferredHolder?: string
  renewTime?: string
  strategy?: string
}>

export type Lifecycle = Readonly<{
  postStart?: LifecycleHandler
  preStop?: LifecycleHandler
  stopSignal?: string
}>

export type LifecycleHandler = Readonly<{
  exec?: ExecAction
  httpGet?: HTTPGetAction
  sleep?: SleepAction
  tcpSocket?: TCPSocketAction
}>

export type LimitRange = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: LimitRangeSpec
}>

export type LimitRangeItem = Readonly<{
  default?: Readonly<Record<string, string>>
  defaultRequest?: Readonly<Record<string, string>>
  max?: Readonly<Record<string, string>>
  maxLimitRequestRatio?: Readonly<Record<string, string>>
  min?: Readonly<Record<string, string>>
  type: string
}>

export type LimitRangeList = Readonly<{
  apiVersion?: string
  items: readonly LimitRange[]
  kind?: string
  metadata?: ListMeta
}>

export type LimitRangeSpec = Readonly<{
  limits: readonly LimitRangeItem[]
}>

export type LimitResponse = Readonly<{
  queuing?: QueuingConfiguration
  type: string
}>

export type LimitedPriorityLevelConfiguration = Readonly<{
  borrowingLimitPercent?: number
  lendablePercent?: number
  limitResponse?: LimitResponse
  nominalConcurrencyShares?: number
}>

export type LinuxContainerUser = Readonly<{
  gid: number
  supplementalGroups?: readonly number[]
  uid: number
}>

export type ListMeta = Readonly<{
  continue?: string
  remainingItemCount?: number
  resourceVersion?: string
  selfLink?: string
  shardInfo?: ShardInfo
}>

export type LoadBalancerIngress = Readonly<{
  hostname?: string
  ip?: string
  ipMode?: string
  ports?: readonly PortStatus[]
}>

export type LoadBalancerStatus = Readonly<{
  ingress?: readonly LoadBalancerIngress[]
}>

export type LocalObjectReference = Readonly<{
  name?: string
}>

export type LocalSubjectAccessReview = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: SubjectAccessReviewSpec
  status?: SubjectAccessReviewStatus
}>

export type LocalVolumeSource = Readonly<{
  fsType?: string
  path: string
}>

export type ManagedFieldsEntry = Readonly<{
  apiVersion?: string
  fieldsType?: string
  fieldsV1?: unknown
  manager?: string
  operation?: string
  subresource?: string
  time?: string
}>

export type MatchCondition = Readonly<{
  expression: string
  name: string
}>

export type MatchResources = Readonly<{
  excludeResourceRules?: readonly NamedRuleWithOperations[]
  matchPolicy?: string
  namespaceSelector?: LabelSelector
  objectSelector?: LabelSelector
  resourceRules?: readonly NamedRuleWithOperations[]
}>

export type ModifyVolumeStatus = Readonly<{
  status: string
  targetVolumeAttributesClassName?: string
}>

export type MutatingAdmissionPolicy = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: MutatingAdmissionPolicySpec
}>

export type MutatingAdmissionPolicyBinding = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: MutatingAdmissionPolicyBindingSpec
}>

export type MutatingAdmissionPolicyBindingList = Readonly<{
  apiVersion?: string
  items: readonly MutatingAdmissionPolicyBinding[]
  kind?: string
  metadata?: ListMeta
}>

export type MutatingAdmissionPolicyBindingSpec = Readonly<{
  matchResources?: MatchResources
  paramRef?: ParamRef
  policyName?: string
}>

export type MutatingAdmissionPolicyList = Readonly<{
  apiVersion?: string
  items: readonly MutatingAdmissionPolicy[]
  kind?: string
  metadata?: ListMeta
}>

export type MutatingAdmissionPolicySpec = Readonly<{
  failurePolicy?: string
  matchConditions?: readonly MatchCondition[]
  matchConstraints?: MatchResources
  mutations?: readonly Mutation[]
  paramKind?: ParamKind
  reinvocationPolicy?: string
  variables?: readonly Variable[]
}>

export type MutatingWebhook = Readonly<{
  admissionReviewVersions: readonly string[]
  clientConfig: AdmissionregistrationV1WebhookClientConfig
  failurePolicy?: string
  matchConditions?: readonly MatchCondition[]
  matchPolicy?: string
  name: string
  namespaceSelector?: LabelSelector
  objectSelector?: LabelSelector
  reinvocationPolicy?: string
  rules?: readonly RuleWithOperations[]
  sideEffects: string
  timeoutSeconds?: number
}>

export type MutatingWebhookConfiguration = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  webhooks?: readonly MutatingWebhook[]
}>

export type MutatingWebhookConfigurationList = Readonly<{
  apiVersion?: string
  items: readonly MutatingWebhookConfiguration[]
  kind?: string
  metadata?: ListMeta
}>

export type Mutation = Readonly<{
  applyConfiguration?: ApplyConfiguration
  jsonPatch?: JSONPatch
  patchType: string
}>

export type NFSVolumeSource = Readonly<{
  path: string
  readOnly?: boolean
  server: string
}>

export type NamedRuleWithOperations = Readonly<{
  apiGroups?: readonly string[]
  apiVersions?: readonly string[]
  operations?: readonly string[]
  resourceNames?: readonly string[]
  resources?: readonly string[]
  scope?: string
}>

export type Namespace = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: NamespaceSpec
  status?: NamespaceStatus
}>

export type NamespaceCondition = Readonly<{
  lastTransitionTime?: string
  message?: string
  reason?: string
  status: string
  type: string
}>

export type NamespaceList = Readonly<{
  apiVersion?: string
  items: readonly Namespace[]
  kind?: string
  metadata?: ListMeta
}>

export type NamespaceSpec = Readonly<{
  finalizers?: readonly string[]
}>

export type NamespaceStatus = Readonly<{
  conditions?: readonly NamespaceCondition[]
  phase?: string
}>

export type NetworkDeviceData = Readonly<{
  hardwareAddress?: string
  interfaceName?: string
  ips?: readonly string[]
}>

export type NetworkPolicy = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: NetworkPolicySpec
}>

export type NetworkPolicyEgressRule = Readonly<{
  ports?: readonly NetworkPolicyPort[]
  to?: readonly NetworkPolicyPeer[]
}>

export type NetworkPolicyIngressRule = Readonly<{
  from?: readonly NetworkPolicyPeer[]
  ports?: readonly NetworkPolicyPort[]
}>

export type NetworkPolicyList = Readonly<{
  apiVersion?: string
  items: readonly NetworkPolicy[]
  kind?: string
  metadata?: ListMeta
}>

export type NetworkPolicyPeer = Readonly<{
  ipBlock?: IPBlock
  namespaceSelector?: LabelSelector
  podSelector?: LabelSelector
}>

export type NetworkPolicyPort = Readonly<{
  endPort?: number
  port?: number | string
  protocol?: string
}>

export type NetworkPolicySpec = Readonly<{
  egress?: readonly NetworkPolicyEgressRule[]
  ingress?: readonly NetworkPolicyIngressRule[]
  podSelector?: LabelSelector
  policyTypes?: readonly string[]
}>

export type Node = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: NodeSpec
  status?: NodeStatus
}>

export type NodeAddress = Readonly<{
  address: string
  type: string
}>

export type NodeAffinity = Readonly<{
  preferredDuringSchedulingIgnoredDuringExecution?: readonly PreferredSchedulingTerm[]
  requiredDuringSchedulingIgnoredDuringExecution?: NodeSelector
}>

export type NodeAllocatableResourceClaimStatus = Readonly<{
  containers?: readonly string[]
  resourceClaimName: string
  resources: Readonly<Record<string, string>>
}>

export type NodeAllocatableResourceMapping = Readonly<{
  allocationMultiplier?: string
  capacityKey?: string
}>

export type NodeCondition = Readonly<{
  lastHeartbeatTime?: string
  lastTransitionTime?: string
  message?: string
  reason?: string
  status: string
  type: string
}>

export type NodeConfigSource = Readonly<{
  configMap?: ConfigMapNodeConfigSource
}>

export type NodeConfigStatus = Readonly<{
  active?: NodeConfigSource
  assigned?: NodeConfigSource
  error?: string
  lastKnownGood?: NodeConfigSource
}>

export type NodeDaemonEndpoints = Readonly<{
  kubeletEndpoint?: DaemonEndpoint
}>

export type NodeFeatures = Readonly<{
  supplementalGroupsPolicy?: boolean
}>

export type NodeList = Readonly<{
  apiVersion?: string
  items: readonly Node[]
  kind?: string
  metadata?: ListMeta
}>

export type NodeRuntimeHandler = Readonly<{
  features?: NodeRuntimeHandlerFeatures
  name?: string
}>

export type NodeRuntimeHandlerFeatures = Readonly<{
  recursiveReadOnlyMounts?: boolean
  userNamespaces?: boolean
}>

export type NodeSelector = Readonly<{
  nodeSelectorTerms: readonly NodeSelectorTerm[]
}>

export type NodeSelectorRequirement = Readonly<{
  key: string
  operator: string
  values?: readonly string[]
}>

export type NodeSelectorTerm = Readonly<{
  matchExpressions?: readonly NodeSelectorRequirement[]
  matchFields?: readonly NodeSelectorRequirement[]
}>

export type NodeSpec = Readonly<{
  configSource?: NodeConfigSource
  externalID?: string
  podCIDR?: string
  podCIDRs?: readonly string[]
  providerID?: string
  taints?: readonly Taint[]
  unschedulable?: boolean
}>

export type NodeStatus = Readonly<{
  addresses?: readonly NodeAddress[]
  allocatable?: Readonly<Record<string, string>>
  capacity?: Readonly<Record<string, string>>
  conditions?: readonly NodeCondition[]
  config?: NodeConfigStatus
  daemonEndpoints?: NodeDaemonEndpoints
  declaredFeatures?: readonly string[]
  features?: NodeFeatures
  images?: readonly ContainerImage[]
  nodeInfo?: NodeSystemInfo
  phase?: string
  runtimeHandlers?: readonly NodeRuntimeHandler[]
  volumesAttached?: readonly AttachedVolume[]
  volumesInUse?: readonly string[]
}>

export type NodeSwapStatus = Readonly<{
  capacity?: number
}>

export type NodeSystemInfo = Readonly<{
  architecture: string
  bootID: string
  containerRuntimeVersion: string
  kernelVersion: string
  kubeProxyVersion: string
  kubeletVersion: string
  machineID: string
  operatingSystem: string
  osImage: string
  swap?: NodeSwapStatus
  systemUUID: string
}>

export type NonResourceAttributes = Readonly<{
  path?: string
  verb?: string
}>

export type NonResourcePolicyRule = Readonly<{
  nonResourceURLs: readonly string[]
  verbs: readonly string[]
}>

export type NonResourceRule = Readonly<{
  nonResourceURLs?: readonly string[]
  verbs: readonly string[]
}>

export type ObjectFieldSelector = Readonly<{
  apiVersion?: string
  fieldPath: string
}>

export type ObjectMeta = Readonly<{
  annotations?: Readonly<Record<string, string>>
  creationTimestamp?: string
  deletionGracePeriodSeconds?: number
  deletionTimestamp?: string
  finalizers?: readonly string[]
  generateName?: string
  generation?: number
  labels?: Readonly<Record<string, string>>
  managedFields?: readonly ManagedFieldsEntry[]
  name?: string
  namespace?: string
  ownerReferences?: readonly OwnerReference[]
  resourceVersion?: string
  selfLink?: string
  uid?: string
}>

export type ObjectReference = Readonly<{
  apiVersion?: string
  fieldPath?: string
  kind?: string
  name?: string
  namespace?: string
  resourceVersion?: string
  uid?: string
}>

export type OpaqueDeviceConfiguration = Readonly<{
  driver: string
  parameters: unknown
}>

export type Overhead = Readonly<{
  podFixed?: Readonly<Record<string, string>>
}>

export type OwnerReference = Readonly<{
  apiVersion: string
  blockOwnerDeletion?: boolean
  controller?: boolean
  kind: string
  name: string
  uid: string
}>

export type ParamKind = Readonly<{
  apiVersion?: string
  kind?: string
}>

export type ParamRef = Readonly<{
  name?: string
  namespace?: string
  parameterNotFoundAction?: string
  selector?: LabelSelector
}>

export type ParentReference = Readonly<{
  group?: string
  name: string
  namespace?: string
  resource: string
}>

export type PersistentVolume = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: PersistentVolumeSpec
  status?: PersistentVolumeStatus
}>

export type PersistentVolumeClaim = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: PersistentVolumeClaimSpec
  status?: PersistentVolumeClaimStatus
}>

export type PersistentVolumeClaimCondition = Readonly<{
  lastProbeTime?: string
  lastTransitionTime?: string
  message?: string
  reason?: string
  status: string
  type: string
}>

export type PersistentVolumeClaimList = Readonly<{
  apiVersion?: string
  items: readonly PersistentVolumeClaim[]
  kind?: string
  metadata?: ListMeta
}>

export type PersistentVolumeClaimSpec = Readonly<{
  accessModes?: readonly string[]
  dataSource?: TypedLocalObjectReference
  dataSourceRef?: TypedObjectReference
  resources?: VolumeResourceRequirements
  selector?: LabelSelector
  storageClassName?: string
  volumeAttributesClassName?: string
  volumeMode?: string
  volumeName?: string
}>

export type PersistentVolumeClaimStatus = Readonly<{
  accessModes?: readonly string[]
  allocatedResourceStatuses?: Readonly<Record<string, string>>
  allocatedResources?: Readonly<Record<string, string>>
  capacity?: Readonly<Record<string, string>>
  conditions?: readonly PersistentVolumeClaimCondition[]
  currentVolumeAttributesClassName?: string
  modifyVolumeStatus?: ModifyVolumeStatus
  phase?: string
}>

export type PersistentVolumeClaimTemplate = Readonly<{
  metadata?: ObjectMeta
  spec: PersistentVolumeClaimSpec
}>

export type PersistentVolumeClaimVolumeSource = Readonly<{
  claimName: string
  readOnly?: boolean
}>

export type PersistentVolumeList = Readonly<{
  apiVersion?: string
  items: readonly PersistentVolume[]
  kind?: string
  metadata?: ListMeta
}>

export type PersistentVolumeSpec = Readonly<{
  accessModes?: readonly string[]
  awsElasticBlockStore?: AWSElasticBlockStoreVolumeSource
  azureDisk?: AzureDiskVolumeSource
  azureFile?: AzureFilePersistentVolumeSource
  capacity?: Readonly<Record<string, string>>
  cephfs?: CephFSPersistentVolumeSource
  cinder?: CinderPersistentVolumeSource
  claimRef?: ObjectReference
  csi?: CSIPersistentVolumeSource
  fc?: FCVolumeSource
  flexVolume?: FlexPersistentVolumeSource
  flocker?: FlockerVolumeSource
  gcePersistentDisk?: GCEPersistentDiskVolumeSource
  glusterfs?: GlusterfsPersistentVolumeSource
  hostPath?: HostPathVolumeSource
  iscsi?: ISCSIPersistentVolumeSource
  local?: LocalVolumeSource
  mountOptions?: readonly string[]
  nfs?: NFSVolumeSource
  nodeAffinity?: VolumeNodeAffinity
  persistentVolumeReclaimPolicy?: string
  photonPersistentDisk?: PhotonPersistentDiskVolumeSource
  portworxVolume?: PortworxVolumeSource
  quobyte?: QuobyteVolumeSource
  rbd?: RBDPersistentVolumeSource
  scaleIO?: ScaleIOPersistentVolumeSource
  storageClassName?: string
  storageos?: StorageOSPersistentVolumeSource
  volumeAttributesClassName?: string
  volumeMode?: string
  vsphereVolume?: VsphereVirtualDiskVolumeSource
}>

export type PersistentVolumeStatus = Readonly<{
  lastPhaseTransitionTime?: string
  message?: string
  phase?: string
  reason?: string
}>

export type PhotonPersistentDiskVolumeSource = Readonly<{
  fsType?: string
  pdID: string
}>

export type Pod = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: PodSpec
  status?: PodStatus
}>

export type PodAffinity = Readonly<{
  preferredDuringSchedulingIgnoredDuringExecution?: readonly WeightedPodAffinityTerm[]
  requiredDuringSchedulingIgnoredDuringExecution?: readonly PodAffinityTerm[]
}>

export type PodAffinityTerm = Readonly<{
  labelSelector?: LabelSelector
  matchLabelKeys?: readonly string[]
  mismatchLabelKeys?: readonly string[]
  namespaceSelector?: LabelSelector
  namespaces?: readonly string[]
  topologyKey: string
}>

export type PodAntiAffinity = Readonly<{
  preferredDuringSchedulingIgnoredDuringExecution?: readonly WeightedPodAffinityTerm[]
  requiredDuringSchedulingIgnoredDuringExecution?: readonly PodAffinityTerm[]
}>

export type PodCertificateProjection = Readonly<{
  certificateChainPath?: string
  credentialBundlePath?: string
  keyPath?: string
  keyType: string
  maxExpirationSeconds?: number
  signerName: string
  userAnnotations?: Readonly<Record<string, string>>
}>

export type PodCondition = Readonly<{
  lastProbeTime?: string
  lastTransitionTime?: string
  message?: string
  observedGeneration?: number
  reason?: string
  status: string
  type: string
}>

export type PodDNSConfig = Readonly<{
  nameservers?: readonly string[]
  options?: readonly PodDNSConfigOption[]
  searches?: readonly string[]
}>

export type PodDNSConfigOption = Readonly<{
  name?: string
  value?: string
}>

export type PodDisruptionBudget = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: PodDisruptionBudgetSpec
  status?: PodDisruptionBudgetStatus
}>

export type PodDisruptionBudgetList = Readonly<{
  apiVersion?: string
  items: readonly PodDisruptionBudget[]
  kind?: string
  metadata?: ListMeta
}>

export type PodDisruptionBudgetSpec = Readonly<{
  maxUnavailable?: number | string
  minAvailable?: number | string
  selector?: LabelSelector
  unhealthyPodEvictionPolicy?: string
}>

export type PodDisruptionBudgetStatus = Readonly<{
  conditions?: readonly Condition[]
  currentHealthy?: number
  desiredHealthy?: number
  disruptedPods?: Readonly<Record<string, string>>
  disruptionsAllowed?: number
  expectedPods?: number
  observedGeneration?: number
}>

export type PodExtendedResourceClaimStatus = Readonly<{
  requestMappings: readonly ContainerExtendedResourceRequest[]
  resourceClaimName: string
}>

export type PodFailurePolicy = Readonly<{
  rules: readonly PodFailurePolicyRule[]
}>

export type PodFailurePolicyOnExitCodesRequirement = Readonly<{
  containerName?: string
  operator: string
  values: readonly number[]
}>

export type PodFailurePolicyOnPodConditionsPattern = Readonly<{
  status?: string
  type: string
}>

export type PodFailurePolicyRule = Readonly<{
  action: string
  onExitCodes?: PodFailurePolicyOnExitCodesRequirement
  onPodConditions?: readonly PodFailurePolicyOnPodConditionsPattern[]
}>

export type PodIP = Readonly<{
  ip: string
}>

export type PodList = Readonly<{
  apiVersion?: string
  items: readonly Pod[]
  kind?: string
  metadata?: ListMeta
}>

export type PodOS = Readonly<{
  name: string
}>

export type PodReadinessGate = Readonly<{
  conditionType: string
}>

export type PodResourceClaim = Readonly<{
  name: string
  resourceClaimName?: string
  resourceClaimTemplateName?: string
}>

export type PodResourceClaimStatus = Readonly<{
  name: string
  resourceClaimName?: string
}>

export type PodSchedulingGate = Readonly<{
  name: string
}>

export type PodSchedulingGroup = Readonly<{
  podGroupName?: string
}>

export type PodSecurityContext = Readonly<{
  appArmorProfile?: AppArmorProfile
  fsGroup?: number
  fsGroupChangePolicy?: string
  runAsGroup?: number
  runAsNonRoot?: boolean
  runAsUser?: number
  seLinuxChangePolicy?: string
  seLinuxOptions?: SELinuxOptions
  seccompProfile?: SeccompProfile
  supplementalGroups?: readonly number[]
  supplementalGroupsPolicy?: string
  sysctls?: readonly Sysctl[]
  windowsOptions?: WindowsSecurityContextOptions
}>

export type PodSpec = Readonly<{
  activeDeadlineSeconds?: number
  affinity?: Affinity
  automountServiceAccountToken?: boolean
  containers: readonly Container[]
  dnsConfig?: PodDNSConfig
  dnsPolicy?: string
  enableServiceLinks?: boolean
  ephemeralContainers?: readonly EphemeralContainer[]
  hostAliases?: readonly HostAlias[]
  hostIPC?: boolean
  hostNetwork?: boolean
  hostPID?: boolean
  hostUsers?: boolean
  hostname?: string
  hostnameOverride?: string
  imagePullSecrets?: readonly LocalObjectReference[]
  initContainers?: readonly Container[]
  nodeName?: string
  nodeSelector?: Readonly<Record<string, string>>
  os?: PodOS
  overhead?: Readonly<Record<string, string>>
  preemptionPolicy?: string
  priority?: number
  priorityClassName?: string
  readinessGates?: readonly PodReadinessGate[]
  resourceClaims?: readonly PodResourceClaim[]
  resources?: ResourceRequirements
  restartPolicy?: string
  runtimeClassName?: string
  schedulerName?: string
  schedulingGates?: readonly PodSchedulingGate[]
  schedulingGroup?: PodSchedulingGroup
  securityContext?: PodSecurityContext
  serviceAccount?: string
  serviceAccountName?: string
  setHostnameAsFQDN?: boolean
  shareProcessNamespace?: boolean
  subdomain?: string
  terminationGracePeriodSeconds?: number
  tolerations?: readonly Toleration[]
  topologySpreadConstraints?: readonly TopologySpreadConstraint[]
  volumes?: readonly Volume[]
}>

export type PodStatus = Readonly<{
  allocatedResources?: Readonly<Record<string, string>>
  conditions?: readonly PodCondition[]
  containerStatuses?: readonly ContainerStatus[]
  ephemeralContainerStatuses?: readonly ContainerStatus[]
  extendedResourceClaimStatus?: PodExtendedResourceClaimStatus
  hostIP?: string
  hostIPs?: readonly HostIP[]
  initContainerStatuses?: readonly ContainerStatus[]
  message?: string
  nodeAllocatableResourceClaimStatuses?: readonly NodeAllocatableResourceClaimStatus[]
  nominatedNodeName?: string
  observedGeneration?: number
  phase?: string
  podIP?: string
  podIPs?: readonly PodIP[]
  qosClass?: string
  reason?: string
  resize?: string
  resourceClaimStatuses?: readonly PodResourceClaimStatus[]
  resources?: ResourceRequirements
  startTime?: string
}>

export type PodTemplate = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  template?: PodTemplateSpec
}>

export type PodTemplateList = Readonly<{
  apiVersion?: string
  items: readonly PodTemplate[]
  kind?: string
  metadata?: ListMeta
}>

export type PodTemplateSpec = Readonly<{
  metadata?: ObjectMeta
  spec?: PodSpec
}>

export type PolicyRule = Readonly<{
  apiGroups?: readonly string[]
  nonResourceURLs?: readonly string[]
  resourceNames?: readonly string[]
  resources?: readonly string[]
  verbs: readonly string[]
}>

export type PolicyRulesWithSubjects = Readonly<{
  nonResourceRules?: readonly NonResourcePolicyRule[]
  resourceRules?: readonly ResourcePolicyRule[]
  subjects: readonly FlowcontrolV1Subject[]
}>

export type PortStatus = Readonly<{
  error?: string
  port: number
  protocol: string
}>

export type PortworxVolumeSource = Readonly<{
  fsType?: string
  readOnly?: boolean
  volumeID: string
}>

export type Preconditions = Readonly<{
  resourceVersion?: string
  uid?: string
}>

export type PreferredSchedulingTerm = Readonly<{
  preference: NodeSelectorTerm
  weight: number
}>

export type PriorityClass = Readonly<{
  apiVersion?: string
  description?: string
  globalDefault?: boolean
  kind?: string
  metadata?: ObjectMeta
  preemptionPolicy?: string
  value?: number
}>

export type PriorityClassList = Readonly<{
  apiVersion?: string
  items: readonly PriorityClass[]
  kind?: string
  metadata?: ListMeta
}>

export type PriorityLevelConfiguration = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: PriorityLevelConfigurationSpec
  status?: PriorityLevelConfigurationStatus
}>

export type PriorityLevelConfigurationCondition = Readonly<{
  lastTransitionTime?: string
  message?: string
  reason?: string
  status?: string
  type?: string
}>

export type PriorityLevelConfigurationList = Readonly<{
  apiVersion?: string
  items: readonly PriorityLevelConfiguration[]
  kind?: string
  metadata?: ListMeta
}>

export type PriorityLevelConfigurationReference = Readonly<{
  name: string
}>

export type PriorityLevelConfigurationSpec = Readonly<{
  exempt?: ExemptPriorityLevelConfiguration
  limited?: LimitedPriorityLevelConfiguration
  type: string
}>

export type PriorityLevelConfigurationStatus = Readonly<{
  conditions?: readonly PriorityLevelConfigurationCondition[]
}>

export type Probe = Readonly<{
  exec?: ExecAction
  failureThreshold?: number
  grpc?: GRPCAction
  httpGet?: HTTPGetAction
  initialDelaySeconds?: number
  periodSeconds?: number
  successThreshold?: number
  tcpSocket?: TCPSocketAction
  terminationGracePeriodSeconds?: number
  timeoutSeconds?: number
}>

export type ProjectedVolumeSource = Readonly<{
  defaultMode?: number
  sources?: readonly VolumeProjection[]
}>

export type QueuingConfiguration = Readonly<{
  handSize?: number
  queueLengthLimit?: number
  queues?: number
}>

export type QuobyteVolumeSource = Readonly<{
  group?: string
  readOnly?: boolean
  registry: string
  tenant?: string
  user?: string
  volume: string
}>

export type RBDPersistentVolumeSource = Readonly<{
  fsType?: string
  image: string
  keyring?: string
  monitors: readonly string[]
  pool?: string
  readOnly?: boolean
  secretRef?: SecretReference
  user?: string
}>

export type RBDVolumeSource = Readonly<{
  fsType?: string
  image: string
  keyring?: string
  monitors: readonly string[]
  pool?: string
  readOnly?: boolean
  secretRef?: LocalObjectReference
  user?: string
}>

export type ReplicaSet = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: ReplicaSetSpec
  status?: ReplicaSetStatus
}>

export type ReplicaSetCondition = Readonly<{
  lastTransitionTime?: string
  message?: string
  reason?: string
  status: string
  type: string
}>

export type ReplicaSetList = Readonly<{
  apiVersion?: string
  items: readonly ReplicaSet[]
  kind?: string
  metadata?: ListMeta
}>

export type ReplicaSetSpec = Readonly<{
  minReadySeconds?: number
  replicas?: number
  selector: LabelSelector
  template?: PodTemplateSpec
}>

export type ReplicaSetStatus = Readonly<{
  availableReplicas?: number
  conditions?: readonly ReplicaSetCondition[]
  fullyLabeledReplicas?: number
  observedGeneration?: number
  readyReplicas?: number
  replicas: number
  terminatingReplicas?: number
}>

export type ReplicationController = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: ReplicationControllerSpec
  status?: ReplicationControllerStatus
}>

export type ReplicationControllerCondition = Readonly<{
  lastTransitionTime?: string
  message?: string
  reason?: string
  status: string
  type: string
}>

export type ReplicationControllerList = Readonly<{
  apiVersion?: string
  items: readonly ReplicationController[]
  kind?: string
  metadata?: ListMeta
}>

export type ReplicationControllerSpec = Readonly<{
  minReadySeconds?: number
  replicas?: number
  selector?: Readonly<Record<string, string>>
  template?: PodTemplateSpec
}>

export type ReplicationControllerStatus = Readonly<{
  availableReplicas?: number
  conditions?: readonly ReplicationControllerCondition[]
  fullyLabeledReplicas?: number
  observedGeneration?: number
  readyReplicas?: number
  replicas: number
}>

export type ResourceAttributes = Readonly<{
  fieldSelector?: FieldSelectorAttributes
  group?: string
  labelSelector?: LabelSelectorAttributes
  name?: string
  namespace?: string
  resource?: string
  subresource?: string
  verb?: string
  version?: string
}>

export type ResourceClaim = Readonly<{
  name: string
  request?: string
}>

export type ResourceClaimConsumerReference = Readonly<{
  apiGroup?: string
  name: string
  resource: string
  uid: string
}>

export type ResourceClaimList = Readonly<{
  apiVersion?: string
  items: readonly ResourceV1ResourceClaim[]
  kind?: string
  metadata?: ListMeta
}>

export type ResourceClaimSpec = Readonly<{
  devices?: DeviceClaim
}>

export type ResourceClaimStatus = Readonly<{
  allocation?: AllocationResult
  devices?: readonly AllocatedDeviceStatus[]
  reservedFor?: readonly ResourceClaimConsumerReference[]
}>

export type ResourceClaimTemplate = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: ResourceClaimTemplateSpec
}>

export type ResourceClaimTemplateList = Readonly<{
  apiVersion?: string
  items: readonly ResourceClaimTemplate[]
  kind?: string
  metadata?: ListMeta
}>

export type ResourceClaimTemplateSpec = Readonly<{
  metadata?: ObjectMeta
  spec: ResourceClaimSpec
}>

export type ResourceFieldSelector = Readonly<{
  containerName?: string
  divisor?: string
  resource: string
}>

export type ResourceHealth = Readonly<{
  health?: string
  message?: string
  resourceID: string
}>

export type ResourcePolicyRule = Readonly<{
  apiGroups: readonly string[]
  clusterScope?: boolean
  namespaces?: readonly string[]
  resources: readonly string[]
  verbs: readonly string[]
}>

export type ResourcePool = Readonly<{
  generation: number
  name: string
  resourceSliceCount: number
}>

export type ResourceQuota = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: ResourceQuotaSpec
  status?: ResourceQuotaStatus
}>

export type ResourceQuotaList = Readonly<{
  apiVersion?: string
  items: readonly ResourceQuota[]
  kind?: string
  metadata?: ListMeta
}>

export type ResourceQuotaSpec = Readonly<{
  hard?: Readonly<Record<string, string>>
  scopeSelector?: ScopeSelector
  scopes?: readonly string[]
}>

export type ResourceQuotaStatus = Readonly<{
  hard?: Readonly<Record<string, string>>
  used?: Readonly<Record<string, string>>
}>

export type ResourceRequirements = Readonly<{
  claims?: readonly CoreV1ResourceClaim[]
  limits?: Readonly<Record<string, string>>
  requests?: Readonly<Record<string, string>>
}>

export type ResourceRule = Readonly<{
  apiGroups?: readonly string[]
  resourceNames?: readonly string[]
  resources?: readonly string[]
  verbs: readonly string[]
}>

export type ResourceSlice = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: ResourceSliceSpec
}>

export type ResourceSliceList = Readonly<{
  apiVersion?: string
  items: readonly ResourceSlice[]
  kind?: string
  metadata?: ListMeta
}>

export type ResourceSliceSpec = Readonly<{
  allNodes?: boolean
  devices?: readonly Device[]
  driver: string
  nodeName?: string
  nodeSelector?: NodeSelector
  perDeviceNodeSelection?: boolean
  pool: ResourcePool
  sharedCounters?: readonly CounterSet[]
}>

export type ResourceStatus = Readonly<{
  name: string
  resources?: readonly ResourceHealth[]
}>

export type Role = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  rules?: readonly PolicyRule[]
}>

export type RoleBinding = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  roleRef: RoleRef
  subjects?: readonly RbacV1Subject[]
}>

export type RoleBindingList = Readonly<{
  apiVersion?: string
  items: readonly RoleBinding[]
  kind?: string
  metadata?: ListMeta
}>

export type RoleList = Readonly<{
  apiVersion?: string
  items: readonly Role[]
  kind?: string
  metadata?: ListMeta
}>

export type RoleRef = Readonly<{
  apiGroup?: string
  kind: string
  name: string
}>

export type RollingUpdateDaemonSet = Readonly<{
  maxSurge?: number | string
  maxUnavailable?: number | string
}>

export type RollingUpdateDeployment = Readonly<{
  maxSurge?: number | string
  maxUnavailable?: number | string
}>

export type RollingUpdateStatefulSetStrategy = Readonly<{
  maxUnavailable?: number | string
  partition?: number
}>

export type RuleWithOperations = Readonly<{
  apiGroups?: readonly string[]
  apiVersions?: readonly string[]
  operations?: readonly string[]
  resources?: readonly string[]
  scope?: string
}>

export type RuntimeClass = Readonly<{
  apiVersion?: string
  handler: string
  kind?: string
  metadata?: ObjectMeta
  overhead?: Overhead
  scheduling?: Scheduling
}>

export type RuntimeClassList = Readonly<{
  apiVersion?: string
  items: readonly RuntimeClass[]
  kind?: string
  metadata?: ListMeta
}>

export type SELinuxOptions = Readonly<{
  level?: string
  role?: string
  type?: string
  user?: string
}>

export type Scale = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: ScaleSpec
  status?: ScaleStatus
}>

export type ScaleIOPersistentVolumeSource = Readonly<{
  fsType?: string
  gateway: string
  protectionDomain?: string
  readOnly?: boolean
  secretRef: SecretReference
  sslEnabled?: boolean
  storageMode?: string
  storagePool?: string
  system: string
  volumeName?: string
}>

export type ScaleIOVolumeSource = Readonly<{
  fsType?: string
  gateway: string
  protectionDomain?: string
  readOnly?: boolean
  secretRef: LocalObjectReference
  sslEnabled?: boolean
  storageMode?: string
  storagePool?: string
  system: string
  volumeName?: string
}>

export type ScaleSpec = Readonly<{
  replicas?: number
}>

export type ScaleStatus = Readonly<{
  replicas: number
  selector?: string
}>

export type Scheduling = Readonly<{
  nodeSelector?: Readonly<Record<string, string>>
  tolerations?: readonly Toleration[]
}>

export type ScopeSelector = Readonly<{
  matchExpressions?: readonly ScopedResourceSelectorRequirement[]
}>

export type ScopedResourceSelectorRequirement = Readonly<{
  operator: string
  scopeName: string
  values?: readonly string[]
}>

export type SeccompProfile = Readonly<{
  localhostProfile?: string
  type: string
}>

export type Secret = Readonly<{
  apiVersion?: string
  data?: Readonly<Record<string, string>>
  immutable?: boolean
  kind?: string
  metadata?: ObjectMeta
  stringData?: Readonly<Record<string, string>>
  type?: string
}>

export type SecretEnvSource = Readonly<{
  name?: string
  optional?: boolean
}>

export type SecretKeySelector = Readonly<{
  key: string
  name?: string
  optional?: boolean
}>

export type SecretList = Readonly<{
  apiVersion?: string
  items: readonly Secret[]
  kind?: string
  metadata?: ListMeta
}>

export type SecretProjection = Readonly<{
  items?: readonly KeyToPath[]
  name?: string
  optional?: boolean
}>

export type SecretReference = Readonly<{
  name?: string
  namespace?: string
}>

export type SecretVolumeSource = Readonly<{
  defaultMode?: number
  items?: readonly KeyToPath[]
  optional?: boolean
  secretName?: string
}>

export type SecurityContext = Readonly<{
  allowPrivilegeEscalation?: boolean
  appArmorProfile?: AppArmorProfile
  capabilities?: Capabilities
  privileged?: boolean
  procMount?: string
  readOnlyRootFilesystem?: boolean
  runAsGroup?: number
  runAsNonRoot?: boolean
  runAsUser?: number
  seLinuxOptions?: SELinuxOptions
  seccompProfile?: SeccompProfile
  windowsOptions?: WindowsSecurityContextOptions
}>

export type SelectableField = Readonly<{
  jsonPath: string
}>

export type SelfSubjectAccessReview = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: SelfSubjectAccessReviewSpec
  status?: SubjectAccessReviewStatus
}>

export type SelfSubjectAccessReviewSpec = Readonly<{
  nonResourceAttributes?: NonResourceAttributes
  resourceAttributes?: ResourceAttributes
}>

export type SelfSubjectReview = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  status?: SelfSubjectReviewStatus
}>

export type SelfSubjectReviewStatus = Readonly<{
  userInfo?: UserInfo
}>

export type SelfSubjectRulesReview = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: SelfSubjectRulesReviewSpec
  status?: SubjectRulesReviewStatus
}>

export type SelfSubjectRulesReviewSpec = Readonly<{
  namespace?: string
}>

export type ServerAddressByClientCIDR = Readonly<{
  clientCIDR: string
  serverAddress: string
}>

export type Service = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: ServiceSpec
  status?: ServiceStatus
}>

export type ServiceAccount = Readonly<{
  apiVersion?: string
  automountServiceAccountToken?: boolean
  imagePullSecrets?: readonly LocalObjectReference[]
  kind?: string
  metadata?: ObjectMeta
  secrets?: readonly ObjectReference[]
}>

export type ServiceAccountList = Readonly<{
  apiVersion?: string
  items: readonly ServiceAccount[]
  kind?: string
  metadata?: ListMeta
}>

export type ServiceAccountSubject = Readonly<{
  name: string
  namespace: string
}>

export type ServiceAccountTokenProjection = Readonly<{
  audience?: string
  expirationSeconds?: number
  path: string
}>

export type ServiceBackendPort = Readonly<{
  name?: string
  number?: number
}>

export type ServiceCIDR = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: ServiceCIDRSpec
  status?: ServiceCIDRStatus
}>

export type ServiceCIDRList = Readonly<{
  apiVersion?: string
  items: readonly ServiceCIDR[]
  kind?: string
  metadata?: ListMeta
}>

export type ServiceCIDRSpec = Readonly<{
  cidrs?: readonly string[]
}>

export type ServiceCIDRStatus = Readonly<{
  conditions?: readonly Condition[]
}>

export type ServiceList = Readonly<{
  apiVersion?: string
  items: readonly Service[]
  kind?: string
  metadata?: ListMeta
}>

export type ServicePort = Readonly<{
  appProtocol?: string
  name?: string
  nodePort?: number
  port: number
  protocol?: string
  targetPort?: number | string
}>

export type ServiceSpec = Readonly<{
  allocateLoadBalancerNodePorts?: boolean
  clusterIP?: string
  clusterIPs?: readonly string[]
  externalIPs?: readonly string[]
  externalName?: string
  externalTrafficPolicy?: string
  healthCheckNodePort?: number
  internalTrafficPolicy?: string
  ipFamilies?: readonly string[]
  ipFamilyPolicy?: string
  loadBalancerClass?: string
  loadBalancerIP?: string
  loadBalancerSourceRanges?: readonly string[]
  ports?: readonly ServicePort[]
  publishNotReadyAddresses?: boolean
  selector?: Readonly<Record<string, string>>
  sessionAffinity?: string
  sessionAffinityConfig?: SessionAffinityConfig
  trafficDistribution?: string
  type?: string
}>

export type ServiceStatus = Readonly<{
  conditions?: readonly Condition[]
  loadBalancer?: LoadBalancerStatus
}>

export type SessionAffinityConfig = Readonly<{
  clientIP?: ClientIPConfig
}>

export type ShardInfo = Readonly<{
  selector: string
}>

export type SleepAction = Readonly<{
  seconds: number
}>

export type StatefulSet = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: StatefulSetSpec
  status?: StatefulSetStatus
}>

export type StatefulSetCondition = Readonly<{
  lastTransitionTime?: string
  message?: string
  reason?: string
  status: string
  type: string
}>

export type StatefulSetList = Readonly<{
  apiVersion?: string
  items: readonly StatefulSet[]
  kind?: string
  metadata?: ListMeta
}>

export type StatefulSetOrdinals = Readonly<{
  start?: number
}>

export type StatefulSetPersistentVolumeClaimRetentionPolicy = Readonly<{
  whenDeleted?: string
  whenScaled?: string
}>

export type StatefulSetSpec = Readonly<{
  minReadySeconds?: number
  ordinals?: StatefulSetOrdinals
  persistentVolumeClaimRetentionPolicy?: StatefulSetPersistentVolumeClaimRetentionPolicy
  podManagementPolicy?: string
  replicas?: number
  revisionHistoryLimit?: number
  selector: LabelSelector
  serviceName?: string
  template: PodTemplateSpec
  updateStrategy?: StatefulSetUpdateStrategy
  volumeClaimTemplates?: readonly PersistentVolumeClaim[]
}>

export type StatefulSetStatus = Readonly<{
  availableReplicas?: number
  collisionCount?: number
  conditions?: readonly StatefulSetCondition[]
  currentReplicas?: number
  currentRevision?: string
  observedGeneration?: number
  readyReplicas?: number
  replicas: number
  updateRevision?: string
  updatedReplicas?: number
}>

export type StatefulSetUpdateStrategy = Readonly<{
  rollingUpdate?: RollingUpdateStatefulSetStrategy
  type?: string
}>

export type Status = Readonly<{
  apiVersion?: string
  code?: number
  details?: StatusDetails
  kind?: string
  message?: string
  metadata?: ListMeta
  reason?: string
  status?: string
}>

export type StatusCause = Readonly<{
  field?: string
  message?: string
  reason?: string
}>

export type StatusDetails = Readonly<{
  causes?: readonly StatusCause[]
  group?: string
  kind?: string
  name?: string
  retryAfterSeconds?: number
  uid?: string
}>

export type StorageClass = Readonly<{
  allowVolumeExpansion?: boolean
  allowedTopologies?: readonly TopologySelectorTerm[]
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  mountOptions?: readonly string[]
  parameters?: Readonly<Record<string, string>>
  provisioner: string
  reclaimPolicy?: string
  volumeBindingMode?: string
}>

export type StorageClassList = Readonly<{
  apiVersion?: string
  items: readonly StorageClass[]
  kind?: string
  metadata?: ListMeta
}>

export type StorageOSPersistentVolumeSource = Readonly<{
  fsType?: string
  readOnly?: boolean
  secretRef?: ObjectReference
  volumeName?: string
  volumeNamespace?: string
}>

export type StorageOSVolumeSource = Readonly<{
  fsType?: string
  readOnly?: boolean
  secretRef?: LocalObjectReference
  volumeName?: string
  volumeNamespace?: string
}>

export type SubjectAccessReview = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: SubjectAccessReviewSpec
  status?: SubjectAccessReviewStatus
}>

export type SubjectAccessReviewSpec = Readonly<{
  extra?: Readonly<Record<string, readonly string[]>>
  groups?: readonly string[]
  nonResourceAttributes?: NonResourceAttributes
  resourceAttributes?: ResourceAttributes
  uid?: string
  user?: string
}>

export type SubjectAccessReviewStatus = Readonly<{
  allowed: boolean
  denied?: boolean
  evaluationError?: string
  reason?: string
}>

export type SubjectRulesReviewStatus = Readonly<{
  evaluationError?: string
  incomplete: boolean
  nonResourceRules: readonly NonResourceRule[]
  resourceRules: readonly ResourceRule[]
}>

export type SuccessPolicy = Readonly<{
  rules: readonly SuccessPolicyRule[]
}>

export type SuccessPolicyRule = Readonly<{
  succeededCount?: number
  succeededIndexes?: string
}>

export type Sysctl = Readonly<{
  name: string
  value: string
}>

export type TCPSocketAction = Readonly<{
  host?: string
  port: number | string
}>

export type Taint = Readonly<{
  effect: string
  key: string
  timeAdded?: string
  value?: string
}>

export type TokenRequestSpec = Readonly<{
  audiences?: readonly string[]
  boundObjectRef?: BoundObjectReference
  expirationSeconds?: number
}>

export type TokenRequestStatus = Readonly<{
  expirationTimestamp?: string
  token?: string
}>

export type TokenReview = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: TokenReviewSpec
  status?: TokenReviewStatus
}>

export type TokenReviewSpec = Readonly<{
  audiences?: readonly string[]
  token: string
}>

export type TokenReviewStatus = Readonly<{
  audiences?: readonly string[]
  authenticated?: boolean
  error?: string
  user?: UserInfo
}>

export type Toleration = Readonly<{
  effect?: string
  key?: string
  operator?: string
  tolerationSeconds?: number
  value?: string
}>

export type TopologySelectorLabelRequirement = Readonly<{
  key: string
  values: readonly string[]
}>

export type TopologySelectorTerm = Readonly<{
  matchLabelExpressions?: readonly TopologySelectorLabelRequirement[]
}>

export type TopologySpreadConstraint = Readonly<{
  labelSelector?: LabelSelector
  matchLabelKeys?: readonly string[]
  maxSkew: number
  minDomains?: number
  nodeAffinityPolicy?: string
  nodeTaintsPolicy?: string
  topologyKey: string
  whenUnsatisfiable: string
}>

export type TypeChecking = Readonly<{
  expressionWarnings?: readonly ExpressionWarning[]
}>

export type TypedLocalObjectReference = Readonly<{
  apiGroup?: string
  kind: string
  name: string
}>

export type TypedObjectReference = Readonly<{
  apiGroup?: string
  kind: string
  name: string
  namespace?: string
}>

export type UncountedTerminatedPods = Readonly<{
  failed?: readonly string[]
  succeeded?: readonly string[]
}>

export type UserInfo = Readonly<{
  extra?: Readonly<Record<string, readonly string[]>>
  groups?: readonly string[]
  uid?: string
  username?: string
}>

export type UserSubject = Readonly<{
  name: string
}>

export type ValidatingAdmissionPolicy = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: ValidatingAdmissionPolicySpec
  status?: ValidatingAdmissionPolicyStatus
}>

export type ValidatingAdmissionPolicyBinding = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: ValidatingAdmissionPolicyBindingSpec
}>

export type ValidatingAdmissionPolicyBindingList = Readonly<{
  apiVersion?: string
  items: readonly ValidatingAdmissionPolicyBinding[]
  kind?: string
  metadata?: ListMeta
}>

export type ValidatingAdmissionPolicyBindingSpec = Readonly<{
  matchResources?: MatchResources
  paramRef?: ParamRef
  policyName: string
  validationActions: readonly string[]
}>

export type ValidatingAdmissionPolicyList = Readonly<{
  apiVersion?: string
  items: readonly ValidatingAdmissionPolicy[]
  kind?: string
  metadata?: ListMeta
}>

export type ValidatingAdmissionPolicySpec = Readonly<{
  auditAnnotations?: readonly AuditAnnotation[]
  failurePolicy?: string
  matchConditions?: readonly MatchCondition[]
  matchConstraints?: MatchResources
  paramKind?: ParamKind
  validations?: readonly Validation[]
  variables?: readonly Variable[]
}>

export type ValidatingAdmissionPolicyStatus = Readonly<{
  conditions?: readonly Condition[]
  observedGeneration?: number
  typeChecking?: TypeChecking
}>

export type ValidatingWebhook = Readonly<{
  admissionReviewVersions: readonly string[]
  clientConfig: AdmissionregistrationV1WebhookClientConfig
  failurePolicy?: string
  matchConditions?: readonly MatchCondition[]
  matchPolicy?: string
  name: string
  namespaceSelector?: LabelSelector
  objectSelector?: LabelSelector
  rules?: readonly RuleWithOperations[]
  sideEffects: string
  timeoutSeconds?: number
}>

export type ValidatingWebhookConfiguration = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  webhooks?: readonly ValidatingWebhook[]
}>

export type ValidatingWebhookConfigurationList = Readonly<{
  apiVersion?: string
  items: readonly ValidatingWebhookConfiguration[]
  kind?: string
  metadata?: ListMeta
}>

export type Validation = Readonly<{
  expression: string
  message?: string
  messageExpression?: string
  reason?: string
}>

export type ValidationRule = Readonly<{
  fieldPath?: string
  message?: string
  messageExpression?: string
  optionalOldSelf?: boolean
  reason?: string
  rule: string
}>

export type Variable = Readonly<{
  expression: string
  name: string
}>

export type Volume = Readonly<{
  awsElasticBlockStore?: AWSElasticBlockStoreVolumeSource
  azureDisk?: AzureDiskVolumeSource
  azureFile?: AzureFileVolumeSource
  cephfs?: CephFSVolumeSource
  cinder?: CinderVolumeSource
  configMap?: ConfigMapVolumeSource
  csi?: CSIVolumeSource
  downwardAPI?: DownwardAPIVolumeSource
  emptyDir?: EmptyDirVolumeSource
  ephemeral?: EphemeralVolumeSource
  fc?: FCVolumeSource
  flexVolume?: FlexVolumeSource
  flocker?: FlockerVolumeSource
  gcePersistentDisk?: GCEPersistentDiskVolumeSource
  gitRepo?: GitRepoVolumeSource
  glusterfs?: GlusterfsVolumeSource
  hostPath?: HostPathVolumeSource
  image?: ImageVolumeSource
  iscsi?: ISCSIVolumeSource
  name: string
  nfs?: NFSVolumeSource
  persistentVolumeClaim?: PersistentVolumeClaimVolumeSource
  photonPersistentDisk?: PhotonPersistentDiskVolumeSource
  portworxVolume?: PortworxVolumeSource
  projected?: ProjectedVolumeSource
  quobyte?: QuobyteVolumeSource
  rbd?: RBDVolumeSource
  scaleIO?: ScaleIOVolumeSource
  secret?: SecretVolumeSource
  storageos?: StorageOSVolumeSource
  vsphereVolume?: VsphereVirtualDiskVolumeSource
}>

export type VolumeAttachment = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: VolumeAttachmentSpec
  status?: VolumeAttachmentStatus
}>

export type VolumeAttachmentList = Readonly<{
  apiVersion?: string
  items: readonly VolumeAttachment[]
  kind?: string
  metadata?: ListMeta
}>

export type VolumeAttachmentSource = Readonly<{
  inlineVolumeSpec?: PersistentVolumeSpec
  persistentVolumeName?: string
}>

export type VolumeAttachmentSpec = Readonly<{
  attacher: string
  nodeName: string
  source: VolumeAttachmentSource
}>

export type VolumeAttachmentStatus = Readonly<{
  attachError?: VolumeError
  attached: boolean
  attachmentMetadata?: Readonly<Record<string, string>>
  detachError?: VolumeError
}>

export type VolumeAttributesClass = Readonly<{
  apiVersion?: string
  driverName: string
  kind?: string
  metadata?: ObjectMeta
  parameters?: Readonly<Record<string, string>>
}>

export type VolumeAttributesClassList = Readonly<{
  apiVersion?: string
  items: readonly VolumeAttributesClass[]
  kind?: string
  metadata?: ListMeta
}>

export type VolumeDevice = Readonly<{
  devicePath: string
  name: string
}>

export type VolumeError = Readonly<{
  errorCode?: number
  message?: string
  time?: string
}>

export type VolumeMount = Readonly<{
  mountPath: string
  mountPropagation?: string
  name: string
  readOnly?: boolean
  recursiveReadOnly?: string
  subPath?: string
  subPathExpr?: string
}>

export type VolumeMountStatus = Readonly<{
  mountPath: string
  name: string
  readOnly?: boolean
  recursiveReadOnly?: string
  volumeStatus?: VolumeStatus
}>

export type VolumeNodeAffinity = Readonly<{
  required?: NodeSelector
}>

export type VolumeNodeResources = Readonly<{
  count?: number
}>

export type VolumeProjection = Readonly<{
  clusterTrustBundle?: ClusterTrustBundleProjection
  configMap?: ConfigMapProjection
  downwardAPI?: DownwardAPIProjection
  podCertificate?: PodCertificateProjection
  secret?: SecretProjection
  serviceAccountToken?: ServiceAccountTokenProjection
}>

export type VolumeResourceRequirements = Readonly<{
  limits?: Readonly<Record<string, string>>
  requests?: Readonly<Record<string, string>>
}>

export type VolumeStatus = Readonly<{
  image?: ImageVolumeStatus
}>

export type VsphereVirtualDiskVolumeSource = Readonly<{
  fsType?: string
  storagePolicyID?: string
  storagePolicyName?: string
  volumePath: string
}>

export type WatchEvent = Readonly<{
  object: unknown
  type: string
}>

export type WebhookConversion = Readonly<{
  clientConfig?: ApiextensionsV1WebhookClientConfig
  conversionReviewVersions: readonly string[]
}>

export type WeightedPodAffinityTerm = Readonly<{
  podAffinityTerm: PodAffinityTerm
  weight: number
}>

export type WindowsSecurityContextOptions = Readonly<{
  gmsaCredentialSpec?: string
  gmsaCredentialSpecName?: string
  hostProcess?: boolean
  runAsUserName?: string
}>

export type WorkloadReference = Readonly<{
  name: string
  podGroup: string
  podGroupReplicaKey?: string
}>

export type V1alpha1ApplyConfiguration = Readonly<{
  expression?: string
}>

export type V1alpha1AuditAnnotation = Readonly<{
  key: string
  valueExpression: string
}>

export type V1alpha1ClusterTrustBundle = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: V1alpha1ClusterTrustBundleSpec
}>

export type V1alpha1ClusterTrustBundleList = Readonly<{
  apiVersion?: string
  items: readonly V1alpha1ClusterTrustBundle[]
  kind?: string
  metadata?: ListMeta
}>

export type V1alpha1ClusterTrustBundleSpec = Readonly<{
  signerName?: string
  trustBundle: string
}>

export type V1alpha1ExpressionWarning = Readonly<{
  fieldRef: string
  warning: string
}>

export type V1alpha1GangSchedulingPolicy = Readonly<{
  minCount: number
}>

export type V1alpha1GroupVersionResource = Readonly<{
  group?: string
  resource?: string
  version?: string
}>

export type V1alpha1IPAddress = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: V1alpha1IPAddressSpec
}>

export type V1alpha1IPAddressList = Readonly<{
  apiVersion?: string
  items: readonly V1alpha1IPAddress[]
  kind?: string
  metadata?: ListMeta
}>

export type V1alpha1IPAddressSpec = Readonly<{
  parentRef: V1alpha1ParentReference
}>

export type V1alpha1JSONPatch = Readonly<{
  expression?: string
}>

export type V1alpha1MatchCondition = Readonly<{
  expression: string
  name: string
}>

export type V1alpha1MatchResources = Readonly<{
  excludeResourceRules?: readonly V1alpha1NamedRuleWithOperations[]
  matchPolicy?: string
  namespaceSelector?: LabelSelector
  objectSelector?: LabelSelector
  resourceRules?: readonly V1alpha1NamedRuleWithOperations[]
}>

export type V1alpha1MigrationCondition = Readonly<{
  lastUpdateTime?: string
  message?: string
  reason?: string
  status: string
  type: string
}>

export type V1alpha1MutatingAdmissionPolicy = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: V1alpha1MutatingAdmissionPolicySpec
}>

export type V1alpha1MutatingAdmissionPolicyBinding = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: V1alpha1MutatingAdmissionPolicyBindingSpec
}>

export type V1alpha1MutatingAdmissionPolicyBindingList = Readonly<{
  apiVersion?: string
  items: readonly V1alpha1MutatingAdmissionPolicyBinding[]
  kind?: string
  metadata?: ListMeta
}>

export type V1alpha1MutatingAdmissionPolicyBindingSpec = Readonly<{
  matchResources?: V1alpha1MatchResources
  paramRef?: V1alpha1ParamRef
  policyName?: string
}>

export type V1alpha1MutatingAdmissionPolicyList = Readonly<{
  apiVersion?: string
  items: readonly V1alpha1MutatingAdmissionPolicy[]
  kind?: string
  metadata?: ListMeta
}>

export type V1alpha1MutatingAdmissionPolicySpec = Readonly<{
  failurePolicy?: string
  matchConditions?: readonly V1alpha1MatchCondition[]
  matchConstraints?: V1alpha1MatchResources
  mutations?: readonly V1alpha1Mutation[]
  paramKind?: V1alpha1ParamKind
  reinvocationPolicy?: string
  variables?: readonly V1alpha1Variable[]
}>

export type V1alpha1Mutation = Readonly<{
  applyConfiguration?: V1alpha1ApplyConfiguration
  jsonPatch?: V1alpha1JSONPatch
  patchType: string
}>

export type V1alpha1NamedRuleWithOperations = Readonly<{
  apiGroups?: readonly string[]
  apiVersions?: readonly string[]
  operations?: readonly string[]
  resourceNames?: readonly string[]
  resources?: readonly string[]
  scope?: string
}>

export type V1alpha1ParamKind = Readonly<{
  apiVersion?: string
  kind?: string
}>

export type V1alpha1ParamRef = Readonly<{
  name?: string
  namespace?: string
  parameterNotFoundAction?: string
  selector?: LabelSelector
}>

export type V1alpha1ParentReference = Readonly<{
  group?: string
  name: string
  namespace?: string
  resource: string
}>

export type V1alpha1PodCertificateRequest = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: V1alpha1PodCertificateRequestSpec
  status?: V1alpha1PodCertificateRequestStatus
}>

export type V1alpha1PodCertificateRequestList = Readonly<{
  apiVersion?: string
  items: readonly V1alpha1PodCertificateRequest[]
  kind?: string
  metadata?: ListMeta
}>

export type V1alpha1PodCertificateRequestSpec = Readonly<{
  maxExpirationSeconds?: number
  nodeName: string
  nodeUID: string
  pkixPublicKey: string
  podName: string
  podUID: string
  proofOfPossession: string
  serviceAccountName: string
  serviceAccountUID: string
  signerName: string
}>

export type V1alpha1PodCertificateRequestStatus = Readonly<{
  beginRefreshAt?: string
  certificateChain?: string
  conditions?: readonly Condition[]
  notAfter?: string
  notBefore?: string
}>

export type V1alpha1PodGroup = Readonly<{
  name: string
  policy: V1alpha1PodGroupPolicy
}>

export type V1alpha1PodGroupPolicy = Readonly<{
  basic?: unknown
  gang?: V1alpha1GangSchedulingPolicy
}>

export type V1alpha1SelfSubjectReview = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  status?: V1alpha1SelfSubjectReviewStatus
}>

export type V1alpha1SelfSubjectReviewStatus = Readonly<{
  userInfo?: UserInfo
}>

export type V1alpha1ServerStorageVersion = Readonly<{
  apiServerID: string
  decodableVersions: readonly string[]
  encodingVersion: string
  servedVersions?: readonly string[]
}>

export type V1alpha1ServiceCIDR = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: V1alpha1ServiceCIDRSpec
  status?: V1alpha1ServiceCIDRStatus
}>

export type V1alpha1ServiceCIDRList = Readonly<{
  apiVersion?: string
  items: readonly V1alpha1ServiceCIDR[]
  kind?: string
  metadata?: ListMeta
}>

export type V1alpha1ServiceCIDRSpec = Readonly<{
  cidrs?: readonly string[]
}>

export type V1alpha1ServiceCIDRStatus = Readonly<{
  conditions?: readonly Condition[]
}>

export type V1alpha1StorageVersion = Readonly<{
  apiVersion?: string
  kind?: string
  metadata: ObjectMeta
  spec?: unknown
  status?: V1alpha1StorageVersionStatus
}>

export type V1alpha1StorageVersionCondition = Readonly<{
  lastTransitionTime?: string
  message: string
  observedGeneration?: number
  reason: string
  status: string
  type: string
}>

export type V1alpha1StorageVersionList = Readonly<{
  apiVersion?: string
  items: readonly V1alpha1StorageVersion[]
  kind?: string
  metadata?: ListMeta
}>

export type V1alpha1StorageVersionMigration = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: V1alpha1StorageVersionMigrationSpec
  status?: V1alpha1StorageVersionMigrationStatus
}>

export type V1alpha1StorageVersionMigrationList = Readonly<{
  apiVersion?: string
  items: readonly V1alpha1StorageVersionMigration[]
  kind?: string
  metadata?: ListMeta
}>

export type V1alpha1StorageVersionMigrationSpec = Readonly<{
  continueToken?: string
  resource: V1alpha1GroupVersionResource
}>

export type V1alpha1StorageVersionMigrationStatus = Readonly<{
  conditions?: readonly V1alpha1MigrationCondition[]
  resourceVersion?: string
}>

export type V1alpha1StorageVersionStatus = Readonly<{
  commonEncodingVersion?: string
  conditions?: readonly V1alpha1StorageVersionCondition[]
  storageVersions?: readonly V1alpha1ServerStorageVersion[]
}>

export type V1alpha1TypeChecking = Readonly<{
  expressionWarnings?: readonly V1alpha1ExpressionWarning[]
}>

export type V1alpha1TypedLocalObjectReference = Readonly<{
  apiGroup?: string
  kind: string
  name: string
}>

export type V1alpha1ValidatingAdmissionPolicy = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: V1alpha1ValidatingAdmissionPolicySpec
  status?: V1alpha1ValidatingAdmissionPolicyStatus
}>

export type V1alpha1ValidatingAdmissionPolicyBinding = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: V1alpha1ValidatingAdmissionPolicyBindingSpec
}>

export type V1alpha1ValidatingAdmissionPolicyBindingList = Readonly<{
  apiVersion?: string
  items?: readonly V1alpha1ValidatingAdmissionPolicyBinding[]
  kind?: string
  metadata?: ListMeta
}>

export type V1alpha1ValidatingAdmissionPolicyBindingSpec = Readonly<{
  matchResources?: V1alpha1MatchResources
  paramRef?: V1alpha1ParamRef
  policyName?: string
  validationActions?: readonly string[]
}>

export type V1alpha1ValidatingAdmissionPolicyList = Readonly<{
  apiVersion?: string
  items?: readonly V1alpha1ValidatingAdmissionPolicy[]
  kind?: string
  metadata?: ListMeta
}>

export type V1alpha1ValidatingAdmissionPolicySpec = Readonly<{
  auditAnnotations?: readonly V1alpha1AuditAnnotation[]
  failurePolicy?: string
  matchConditions?: readonly V1alpha1MatchCondition[]
  matchConstraints?: V1alpha1MatchResources
  paramKind?: V1alpha1ParamKind
  validations?: readonly V1alpha1Validation[]
  variables?: readonly V1alpha1Variable[]
}>

export type V1alpha1ValidatingAdmissionPolicyStatus = Readonly<{
  conditions?: readonly Condition[]
  observedGeneration?: number
  typeChecking?: V1alpha1TypeChecking
}>

export type V1alpha1Validation = Readonly<{
  expression: string
  message?: string
  messageExpression?: string
  reason?: string
}>

export type V1alpha1Variable = Readonly<{
  expression: string
  name: string
}>

export type V1alpha1VolumeAttributesClass = Readonly<{
  apiVersion?: string
  driverName: string
  kind?: string
  metadata?: ObjectMeta
  parameters?: Readonly<Record<string, string>>
}>

export type V1alpha1VolumeAttributesClassList = Readonly<{
  apiVersion?: string
  items: readonly V1alpha1VolumeAttributesClass[]
  kind?: string
  metadata?: ListMeta
}>

export type V1alpha1Workload = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: V1alpha1WorkloadSpec
}>

export type V1alpha1WorkloadList = Readonly<{
  apiVersion?: string
  items: readonly V1alpha1Workload[]
  kind?: string
  metadata?: ListMeta
}>

export type V1alpha1WorkloadSpec = Readonly<{
  controllerRef?: V1alpha1TypedLocalObjectReference
  podGroups: readonly V1alpha1PodGroup[]
}>

export type V1alpha2AllocationResult = Readonly<{
  availableOnNodes?: NodeSelector
  resourceHandles?: readonly V1alpha2ResourceHandle[]
  shareable?: boolean
}>

export type V1alpha2DriverAllocationResult = Readonly<{
  namedResources?: V1alpha2NamedResourcesAllocationResult
  vendorRequestParameters?: unknown
}>

export type V1alpha2DriverRequests = Readonly<{
  driverName?: string
  requests?: readonly V1alpha2ResourceRequest[]
  vendorParameters?: unknown
}>

export type V1alpha2GangSchedulingPolicy = Readonly<{
  minCount: number
}>

export type V1alpha2LeaseCandidate = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: V1alpha2LeaseCandidateSpec
}>

export type V1alpha2LeaseCandidateList = Readonly<{
  apiVersion?: string
  items: readonly V1alpha2LeaseCandidate[]
  kind?: string
  metadata?: ListMeta
}>

export type V1alpha2LeaseCandidateSpec = Readonly<{
  binaryVersion: string
  emulationVersion?: string
  leaseName: string
  pingTime?: string
  renewTime?: string
  strategy: string
}>

export type V1alpha2NamedResourcesAllocationResult = Readonly<{
  name: string
}>

export type V1alpha2NamedResourcesAttribute = Readonly<{
  bool?: boolean
  int?: number
  intSlice?: V1alpha2NamedResourcesIntSlice
  name: string
  quantity?: string
  string?: string
  stringSlice?: V1alpha2NamedResourcesStringSlice
  version?: string
}>

export type V1alpha2NamedResourcesFilter = Readonly<{
  selector: string
}>

export type V1alpha2NamedResourcesInstance = Readonly<{
  attributes?: readonly V1alpha2NamedResourcesAttribute[]
  name: string
}>

export type V1alpha2NamedResourcesIntSlice = Readonly<{
  ints: readonly number[]
}>

export type V1alpha2NamedResourcesRequest = Readonly<{
  selector: string
}>

export type V1alpha2NamedResourcesResources = Readonly<{
  instances: readonly V1alpha2NamedResourcesInstance[]
}>

export type V1alpha2NamedResourcesStringSlice = Readonly<{
  strings: readonly string[]
}>

export type V1alpha2PodGroup = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: V1alpha2PodGroupSpec
  status?: V1alpha2PodGroupStatus
}>

export type V1alpha2PodGroupList = Readonly<{
  apiVersion?: string
  items: readonly V1alpha2PodGroup[]
  kind?: string
  metadata?: ListMeta
}>

export type V1alpha2PodGroupResourceClaim = Readonly<{
  name: string
  resourceClaimName?: string
  resourceClaimTemplateName?: string
}>

export type V1alpha2PodGroupResourceClaimStatus = Readonly<{
  name: string
  resourceClaimName?: string
}>

export type V1alpha2PodGroupSchedulingConstraints = Readonly<{
  topology?: readonly V1alpha2TopologyConstraint[]
}>

export type V1alpha2PodGroupSchedulingPolicy = Readonly<{
  basic?: unknown
  gang?: V1alpha2GangSchedulingPolicy
}>

export type V1alpha2PodGroupSpec = Readonly<{
  disruptionMode?: string
  podGroupTemplateRef?: V1alpha2PodGroupTemplateReference
  priority?: number
  priorityClassName?: string
  resourceClaims?: readonly V1alpha2PodGroupResourceClaim[]
  schedulingConstraints?: V1alpha2PodGroupSchedulingConstraints
  schedulingPolicy: V1alpha2PodGroupSchedulingPolicy
}>

export type V1alpha2PodGroupStatus = Readonly<{
  conditions?: readonly Condition[]
  resourceClaimStatuses?: readonly V1alpha2PodGroupResourceClaimStatus[]
}>

export type V1alpha2PodGroupTemplate = Readonly<{
  disruptionMode?: string
  name: string
  priority?: number
  priorityClassName?: string
  resourceClaims?: readonly V1alpha2PodGroupResourceClaim[]
  schedulingConstraints?: V1alpha2PodGroupSchedulingConstraints
  schedulingPolicy: V1alpha2PodGroupSchedulingPolicy
}>

export type V1alpha2PodGroupTemplateReference = Readonly<{
  workload?: V1alpha2WorkloadPodGroupTemplateReference
}>

export type V1alpha2PodSchedulingContext = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: V1alpha2PodSchedulingContextSpec
  status?: V1alpha2PodSchedulingContextStatus
}>

export type V1alpha2PodSchedulingContextList = Readonly<{
  apiVersion?: string
  items: readonly V1alpha2PodSchedulingContext[]
  kind?: string
  metadata?: ListMeta
}>

export type V1alpha2PodSchedulingContextSpec = Readonly<{
  potentialNodes?: readonly string[]
  selectedNode?: string
}>

export type V1alpha2PodSchedulingContextStatus = Readonly<{
  resourceClaims?: readonly V1alpha2ResourceClaimSchedulingStatus[]
}>

export type V1alpha2ResourceClaim = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: V1alpha2ResourceClaimSpec
  status?: V1alpha2ResourceClaimStatus
}>

export type V1alpha2ResourceClaimConsumerReference = Readonly<{
  apiGroup?: string
  name: string
  resource: string
  uid: string
}>

export type V1alpha2ResourceClaimList = Readonly<{
  apiVersion?: string
  items: readonly V1alpha2ResourceClaim[]
  kind?: string
  metadata?: ListMeta
}>

export type V1alpha2ResourceClaimParameters = Readonly<{
  apiVersion?: string
  driverRequests?: readonly V1alpha2DriverRequests[]
  generatedFrom?: V1alpha2ResourceClaimParametersReference
  kind?: string
  metadata?: ObjectMeta
  shareable?: boolean
}>

export type V1alpha2ResourceClaimParametersList = Readonly<{
  apiVersion?: string
  items: readonly V1alpha2ResourceClaimParameters[]
  kind?: string
  metadata?: ListMeta
}>

export type V1alpha2ResourceClaimParametersReference = Readonly<{
  apiGroup?: string
  kind: string
  name: string
}>

export type V1alpha2ResourceClaimSchedulingStatus = Readonly<{
  name?: string
  unsuitableNodes?: readonly string[]
}>

export type V1alpha2ResourceClaimSpec = Readonly<{
  allocationMode?: string
  parametersRef?: V1alpha2ResourceClaimParametersReference
  resourceClassName: string
}>

export type V1alpha2ResourceClaimStatus = Readonly<{
  allocation?: V1alpha2AllocationResult
  deallocationRequested?: boolean
  driverName?: string
  reservedFor?: readonly V1alpha2ResourceClaimConsumerReference[]
}>

export type V1alpha2ResourceClaimTemplate = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: V1alpha2ResourceClaimTemplateSpec
}>

export type V1alpha2ResourceClaimTemplateList = Readonly<{
  apiVersion?: string
  items: readonly V1alpha2ResourceClaimTemplate[]
  kind?: string
  metadata?: ListMeta
}>

export type V1alpha2ResourceClaimTemplateSpec = Readonly<{
  metadata?: ObjectMeta
  spec: V1alpha2ResourceClaimSpec
}>

export type V1alpha2ResourceClass = Readonly<{
  apiVersion?: string
  driverName: string
  kind?: string
  metadata?: ObjectMeta
  parametersRef?: V1alpha2ResourceClassParametersReference
  structuredParameters?: boolean
  suitableNodes?: NodeSelector
}>

export type V1alpha2ResourceClassList = Readonly<{
  apiVersion?: string
  items: readonly V1alpha2ResourceClass[]
  kind?: string
  metadata?: ListMeta
}>

export type V1alpha2ResourceClassParameters = Readonly<{
  apiVersion?: string
  filters?: readonly V1alpha2ResourceFilter[]
  generatedFrom?: V1alpha2ResourceClassParametersReference
  kind?: string
  metadata?: ObjectMeta
  vendorParameters?: readonly V1alpha2VendorParameters[]
}>

export type V1alpha2ResourceClassParametersList = Readonly<{
  apiVersion?: string
  items: readonly V1alpha2ResourceClassParameters[]
  kind?: string
  metadata?: ListMeta
}>

export type V1alpha2ResourceClassParametersReference = Readonly<{
  apiGroup?: string
  kind: string
  name: string
  namespace?: string
}>

export type V1alpha2ResourceFilter = Readonly<{
  driverName?: string
  namedResources?: V1alpha2NamedResourcesFilter
}>

export type V1alpha2ResourceHandle = Readonly<{
  data?: string
  driverName?: string
  structuredData?: V1alpha2StructuredResourceHandle
}>

export type V1alpha2ResourceRequest = Readonly<{
  namedResources?: V1alpha2NamedResourcesRequest
  vendorParameters?: unknown
}>

export type V1alpha2ResourceSlice = Readonly<{
  apiVersion?: string
  driverName: string
  kind?: string
  metadata?: ObjectMeta
  namedResources?: V1alpha2NamedResourcesResources
  nodeName?: string
}>

export type V1alpha2ResourceSliceList = Readonly<{
  apiVersion?: string
  items: readonly V1alpha2ResourceSlice[]
  kind?: string
  metadata?: ListMeta
}>

export type V1alpha2StructuredResourceHandle = Readonly<{
  nodeName?: string
  results: readonly V1alpha2DriverAllocationResult[]
  vendorClaimParameters?: unknown
  vendorClassParameters?: unknown
}>

export type V1alpha2TopologyConstraint = Readonly<{
  key: string
}>

export type V1alpha2TypedLocalObjectReference = Readonly<{
  apiGroup?: string
  kind: string
  name: string
}>

export type V1alpha2VendorParameters = Readonly<{
  driverName?: string
  parameters?: unknown
}>

export type V1alpha2Workload = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: V1alpha2WorkloadSpec
}>

export type V1alpha2WorkloadList = Readonly<{
  apiVersion?: string
  items: readonly V1alpha2Workload[]
  kind?: string
  metadata?: ListMeta
}>

export type V1alpha2WorkloadPodGroupTemplateReference = Readonly<{
  podGroupTemplateName: string
  workloadName: string
}>

export type V1alpha2WorkloadSpec = Readonly<{
  controllerRef?: V1alpha2TypedLocalObjectReference
  podGroupTemplates: readonly V1alpha2PodGroupTemplate[]
}>

export type V1alpha3AllocatedDeviceStatus = Readonly<{
  conditions?: readonly Condition[]
  data?: unknown
  device: string
  driver: string
  networkData?: V1alpha3NetworkDeviceData
  pool: string
}>

export type V1alpha3AllocationResult = Readonly<{
  devices?: V1alpha3DeviceAllocationResult
  nodeSelector?: NodeSelector
}>

export type V1alpha3BasicDevice = Readonly<{
  allNodes?: boolean
  attributes?: Readonly<Record<string, V1alpha3DeviceAttribute>>
  capacity?: Readonly<Record<string, string>>
  consumesCounters?: readonly V1alpha3DeviceCounterConsumption[]
  nodeName?: string
  nodeSelector?: NodeSelector
  taints?: readonly V1alpha3DeviceTaint[]
}>

export type V1alpha3CELDeviceSelector = Readonly<{
  expression: string
}>

export type V1alpha3Counter = Readonly<{
  value: string
}>

export type V1alpha3CounterSet = Readonly<{
  counters: Readonly<Record<string, V1alpha3Counter>>
  name: string
}>

export type V1alpha3Device = Readonly<{
  basic?: V1alpha3BasicDevice
  name: string
}>

export type V1alpha3DeviceAllocationConfiguration = Readonly<{
  opaque?: V1alpha3OpaqueDeviceConfiguration
  requests?: readonly string[]
  source: string
}>

export type V1alpha3DeviceAllocationResult = Readonly<{
  config?: readonly V1alpha3DeviceAllocationConfiguration[]
  results?: readonly V1alpha3DeviceRequestAllocationResult[]
}>

export type V1alpha3DeviceAttribute = Readonly<{
  bool?: boolean
  int?: number
  string?: string
  version?: string
}>

export type V1alpha3DeviceClaim = Readonly<{
  config?: readonly V1alpha3DeviceClaimConfiguration[]
  constraints?: readonly V1alpha3DeviceConstraint[]
  requests?: readonly V1alpha3DeviceRequest[]
}>

export type V1alpha3DeviceClaimConfiguration = Readonly<{
  opaque?: V1alpha3OpaqueDeviceConfiguration
  requests?: readonly string[]
}>

export type V1alpha3DeviceClass = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: V1alpha3DeviceClassSpec
}>

export type V1alpha3DeviceClassConfiguration = Readonly<{
  opaque?: V1alpha3OpaqueDeviceConfiguration
}>

export type V1alpha3DeviceClassList = Readonly<{
  apiVersion?: string
  items: readonly V1alpha3DeviceClass[]
  kind?: string
  metadata?: ListMeta
}>

export type V1alpha3DeviceClassSpec = Readonly<{
  config?: readonly V1alpha3DeviceClassConfiguration[]
  selectors?: readonly V1alpha3DeviceSelector[]
}>

export type V1alpha3DeviceConstraint = Readonly<{
  matchAttribute?: string
  requests?: readonly string[]
}>

export type V1alpha3DeviceCounterConsumption = Readonly<{
  counterSet: string
  counters: Readonly<Record<string, V1alpha3Counter>>
}>

export type V1alpha3DeviceRequest = Readonly<{
  adminAccess?: boolean
  allocationMode?: string
  count?: number
  deviceClassName?: string
  firstAvailable?: readonly V1alpha3DeviceSubRequest[]
  name: string
  selectors?: readonly V1alpha3DeviceSelector[]
  tolerations?: readonly V1alpha3DeviceToleration[]
}>

export type V1alpha3DeviceRequestAllocationResult = Readonly<{
  adminAccess?: boolean
  device: string
  driver: string
  pool: string
  request: string
  tolerations?: readonly V1alpha3DeviceToleration[]
}>

export type V1alpha3DeviceSelector = Readonly<{
  cel?: V1alpha3CELDeviceSelector
}>

export type V1alpha3DeviceSubRequest = Readonly<{
  allocationMode?: string
  count?: number
  deviceClassName: string
  name: string
  selectors?: readonly V1alpha3DeviceSelector[]
  tolerations?: readonly V1alpha3DeviceToleration[]
}>

export type V1alpha3DeviceTaint = Readonly<{
  effect: string
  key: string
  timeAdded?: string
  value?: string
}>

export type V1alpha3DeviceTaintRule = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: V1alpha3DeviceTaintRuleSpec
  status?: V1alpha3DeviceTaintRuleStatus
}>

export type V1alpha3DeviceTaintRuleList = Readonly<{
  apiVersion?: string
  items: readonly V1alpha3DeviceTaintRule[]
  kind?: string
  metadata?: ListMeta
}>

export type V1alpha3DeviceTaintRuleSpec = Readonly<{
  deviceSelector?: V1alpha3DeviceTaintSelector
  taint: V1alpha3DeviceTaint
}>

export type V1alpha3DeviceTaintRuleStatus = Readonly<{
  conditions?: readonly Condition[]
}>

export type V1alpha3DeviceTaintSelector = Readonly<{
  device?: string
  driver?: string
  pool?: string
}>

export type V1alpha3DeviceToleration = Readonly<{
  effect?: string
  key?: string
  operator?: string
  tolerationSeconds?: number
  value?: string
}>

export type V1alpha3NetworkDeviceData = Readonly<{
  hardwareAddress?: string
  interfaceName?: string
  ips?: readonly string[]
}>

export type V1alpha3OpaqueDeviceConfiguration = Readonly<{
  driver: string
  parameters: unknown
}>

export type V1alpha3PoolStatus = Readonly<{
  allocatedDevices?: number
  availableDevices?: number
  driver: string
  generation: number
  nodeName?: string
  poolName: string
  resourceSliceCount?: number
  totalDevices?: number
  unavailableDevices?: number
  validationError?: string
}>

export type V1alpha3ResourceClaim = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: V1alpha3ResourceClaimSpec
  status?: V1alpha3ResourceClaimStatus
}>

export type V1alpha3ResourceClaimConsumerReference = Readonly<{
  apiGroup?: string
  name: string
  resource: string
  uid: string
}>

export type V1alpha3ResourceClaimList = Readonly<{
  apiVersion?: string
  items: readonly V1alpha3ResourceClaim[]
  kind?: string
  metadata?: ListMeta
}>

export type V1alpha3ResourceClaimSpec = Readonly<{
  devices?: V1alpha3DeviceClaim
}>

export type V1alpha3ResourceClaimStatus = Readonly<{
  allocation?: V1alpha3AllocationResult
  devices?: readonly V1alpha3AllocatedDeviceStatus[]
  reservedFor?: readonly V1alpha3ResourceClaimConsumerReference[]
}>

export type V1alpha3ResourceClaimTemplate = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: V1alpha3ResourceClaimTemplateSpec
}>

export type V1alpha3ResourceClaimTemplateList = Readonly<{
  apiVersion?: string
  items: readonly V1alpha3ResourceClaimTemplate[]
  kind?: string
  metadata?: ListMeta
}>

export type V1alpha3ResourceClaimTemplateSpec = Readonly<{
  metadata?: ObjectMeta
  spec: V1alpha3ResourceClaimSpec
}>

export type V1alpha3ResourcePool = Readonly<{
  generation: number
  name: string
  resourceSliceCount: number
}>

export type V1alpha3ResourcePoolStatusRequest = Readonly<{
  apiVersion?: string
  kind?: string
  metadata: ObjectMeta
  spec: V1alpha3ResourcePoolStatusRequestSpec
  status?: V1alpha3ResourcePoolStatusRequestStatus
}>

export type V1alpha3ResourcePoolStatusRequestList = Readonly<{
  apiVersion?: string
  items: readonly V1alpha3ResourcePoolStatusRequest[]
  kind?: string
  metadata?: ListMeta
}>

export type V1alpha3ResourcePoolStatusRequestSpec = Readonly<{
  driver: string
  limit?: number
  poolName?: string
}>

export type V1alpha3ResourcePoolStatusRequestStatus = Readonly<{
  conditions?: readonly Condition[]
  poolCount: number
  pools?: readonly V1alpha3PoolStatus[]
}>

export type V1alpha3ResourceSlice = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: V1alpha3ResourceSliceSpec
}>

export type V1alpha3ResourceSliceList = Readonly<{
  apiVersion?: string
  items: readonly V1alpha3ResourceSlice[]
  kind?: string
  metadata?: ListMeta
}>

export type V1alpha3ResourceSliceSpec = Readonly<{
  allNodes?: boolean
  devices?: readonly V1alpha3Device[]
  driver: string
  nodeName?: string
  nodeSelector?: NodeSelector
  perDeviceNodeSelection?: boolean
  pool: V1alpha3ResourcePool
  sharedCounters?: readonly V1alpha3CounterSet[]
}>

export type V1beta1AllocatedDeviceStatus = Readonly<{
  conditions?: readonly Condition[]
  data?: unknown
  device: string
  driver: string
  networkData?: V1beta1NetworkDeviceData
  pool: string
  shareID?: string
}>

export type V1beta1AllocationResult = Readonly<{
  allocationTimestamp?: string
  devices?: V1beta1DeviceAllocationResult
  nodeSelector?: NodeSelector
}>

export type V1beta1ApplyConfiguration = Readonly<{
  expression?: string
}>

export type V1beta1AuditAnnotation = Readonly<{
  key: string
  valueExpression: string
}>

export type V1beta1BasicDevice = Readonly<{
  allNodes?: boolean
  allowMultipleAllocations?: boolean
  attributes?: Readonly<Record<string, V1beta1DeviceAttribute>>
  bindingConditions?: readonly string[]
  bindingFailureConditions?: readonly string[]
  bindsToNode?: boolean
  capacity?: Readonly<Record<string, V1beta1DeviceCapacity>>
  consumesCounters?: readonly V1beta1DeviceCounterConsumption[]
  nodeAllocatableResourceMappings?: Readonly<Record<string, V1beta1NodeAllocatableResourceMapping>>
  nodeName?: string
  nodeSelector?: NodeSelector
  taints?: readonly V1beta1DeviceTaint[]
}>

export type V1beta1CELDeviceSelector = Readonly<{
  expression: string
}>

export type V1beta1CapacityRequestPolicy = Readonly<{
  default?: string
  validRange?: V1beta1CapacityRequestPolicyRange
  validValues?: readonly string[]
}>

export type V1beta1CapacityRequestPolicyRange = Readonly<{
  max?: string
  min: string
  step?: string
}>

export type V1beta1CapacityRequirements = Readonly<{
  requests?: Readonly<Record<string, string>>
}>

export type V1beta1ClusterTrustBundle = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: V1beta1ClusterTrustBundleSpec
}>

export type V1beta1ClusterTrustBundleList = Readonly<{
  apiVersion?: string
  items: readonly V1beta1ClusterTrustBundle[]
  kind?: string
  metadata?: ListMeta
}>

export type V1beta1ClusterTrustBundleSpec = Readonly<{
  signerName?: string
  trustBundle: string
}>

export type V1beta1Counter = Readonly<{
  value: string
}>

export type V1beta1CounterSet = Readonly<{
  counters: Readonly<Record<string, V1beta1Counter>>
  name: string
}>

export type V1beta1Device = Readonly<{
  basic?: V1beta1BasicDevice
  name: string
}>

export type V1beta1DeviceAllocationConfiguration = Readonly<{
  opaque?: V1beta1OpaqueDeviceConfiguration
  requests?: readonly string[]
  source: string
}>

export type V1beta1DeviceAllocationResult = Readonly<{
  config?: readonly V1beta1DeviceAllocationConfiguration[]
  results?: readonly V1beta1DeviceRequestAllocationResult[]
}>

export type V1beta1DeviceAttribute = Readonly<{
  bool?: boolean
  bools?: readonly boolean[]
  int?: number
  ints?: readonly number[]
  string?: string
  strings?: readonly string[]
  version?: string
  versions?: readonly string[]
}>

export type V1beta1DeviceCapacity = Readonly<{
  requestPolicy?: V1beta1CapacityRequestPolicy
  value: string
}>

export type V1beta1DeviceClaim = Readonly<{
  config?: readonly V1beta1DeviceClaimConfiguration[]
  constraints?: readonly V1beta1DeviceConstraint[]
  requests?: readonly V1beta1DeviceRequest[]
}>

export type V1beta1DeviceClaimConfiguration = Readonly<{
  opaque?: V1beta1OpaqueDeviceConfiguration
  requests?: readonly string[]
}>

export type V1beta1DeviceClass = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: V1beta1DeviceClassSpec
}>

export type V1beta1DeviceClassConfiguration = Readonly<{
  opaque?: V1beta1OpaqueDeviceConfiguration
}>

export type V1beta1DeviceClassList = Readonly<{
  apiVersion?: string
  items: readonly V1beta1DeviceClass[]
  kind?: string
  metadata?: ListMeta
}>

export type V1beta1DeviceClassSpec = Readonly<{
  config?: readonly V1beta1DeviceClassConfiguration[]
  extendedResourceName?: string
  selectors?: readonly V1beta1DeviceSelector[]
}>

export type V1beta1DeviceConstraint = Readonly<{
  distinctAttribute?: string
  matchAttribute?: string
  requests?: readonly string[]
}>

export type V1beta1DeviceCounterConsumption = Readonly<{
  counterSet: string
  counters: Readonly<Record<string, V1beta1Counter>>
}>

export type V1beta1DeviceRequest = Readonly<{
  adminAccess?: boolean
  allocationMode?: string
  capacity?: V1beta1CapacityRequirements
  count?: number
  deviceClassName?: string
  firstAvailable?: readonly V1beta1DeviceSubRequest[]
  name: string
  selectors?: readonly V1beta1DeviceSelector[]
  tolerations?: readonly V1beta1DeviceToleration[]
}>

export type V1beta1DeviceRequestAllocationResult = Readonly<{
  adminAccess?: boolean
  bindingConditions?: readonly string[]
  bindingFailureConditions?: readonly string[]
  consumedCapacity?: Readonly<Record<string, string>>
  device: string
  driver: string
  pool: string
  request: string
  shareID?: string
  tolerations?: readonly V1beta1DeviceToleration[]
}>

export type V1beta1DeviceSelector = Readonly<{
  cel?: V1beta1CELDeviceSelector
}>

export type V1beta1DeviceSubRequest = Readonly<{
  allocationMode?: string
  capacity?: V1beta1CapacityRequirements
  count?: number
  deviceClassName: string
  name: string
  selectors?: readonly V1beta1DeviceSelector[]
  tolerations?: readonly V1beta1DeviceToleration[]
}>

export type V1beta1DeviceTaint = Readonly<{
  effect: string
  key: string
  timeAdded?: string
  value?: string
}>

export type V1beta1DeviceToleration = Readonly<{
  effect?: string
  key?: string
  operator?: string
  tolerationSeconds?: number
  value?: string
}>

export type V1beta1ExpressionWarning = Readonly<{
  fieldRef: string
  warning: string
}>

export type V1beta1IPAddress = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: V1beta1IPAddressSpec
}>

export type V1beta1IPAddressList = Readonly<{
  apiVersion?: string
  items: readonly V1beta1IPAddress[]
  kind?: string
  metadata?: ListMeta
}>

export type V1beta1IPAddressSpec = Readonly<{
  parentRef: V1beta1ParentReference
}>

export type V1beta1JSONPatch = Readonly<{
  expression?: string
}>

export type V1beta1LeaseCandidate = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: V1beta1LeaseCandidateSpec
}>

export type V1beta1LeaseCandidateList = Readonly<{
  apiVersion?: string
  items: readonly V1beta1LeaseCandidate[]
  kind?: string
  metadata?: ListMeta
}>

export type V1beta1LeaseCandidateSpec = Readonly<{
  binaryVersion: string
  emulationVersion?: string
  leaseName: string
  pingTime?: string
  renewTime?: string
  strategy: string
}>

export type V1beta1MatchCondition = Readonly<{
  expression: string
  name: string
}>

export type V1beta1MatchResources = Readonly<{
  excludeResourceRules?: readonly V1beta1NamedRuleWithOperations[]
  matchPolicy?: string
  namespaceSelector?: LabelSelector
  objectSelector?: LabelSelector
  resourceRules?: readonly V1beta1NamedRuleWithOperations[]
}>

export type V1beta1MutatingAdmissionPolicy = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: V1beta1MutatingAdmissionPolicySpec
}>

export type V1beta1MutatingAdmissionPolicyBinding = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: V1beta1MutatingAdmissionPolicyBindingSpec
}>

export type V1beta1MutatingAdmissionPolicyBindingList = Readonly<{
  apiVersion?: string
  items: readonly V1beta1MutatingAdmissionPolicyBinding[]
  kind?: string
  metadata?: ListMeta
}>

export type V1beta1MutatingAdmissionPolicyBindingSpec = Readonly<{
  matchResources?: V1beta1MatchResources
  paramRef?: V1beta1ParamRef
  policyName?: string
}>

export type V1beta1MutatingAdmissionPolicyList = Readonly<{
  apiVersion?: string
  items: readonly V1beta1MutatingAdmissionPolicy[]
  kind?: string
  metadata?: ListMeta
}>

export type V1beta1MutatingAdmissionPolicySpec = Readonly<{
  failurePolicy?: string
  matchConditions?: readonly V1beta1MatchCondition[]
  matchConstraints?: V1beta1MatchResources
  mutations?: readonly V1beta1Mutation[]
  paramKind?: V1beta1ParamKind
  reinvocationPolicy?: string
  variables?: readonly V1beta1Variable[]
}>

export type V1beta1Mutation = Readonly<{
  applyConfiguration?: V1beta1ApplyConfiguration
  jsonPatch?: V1beta1JSONPatch
  patchType: string
}>

export type V1beta1NamedRuleWithOperations = Readonly<{
  apiGroups?: readonly string[]
  apiVersions?: readonly string[]
  operations?: readonly string[]
  resourceNames?: readonly string[]
  resources?: readonly string[]
  scope?: string
}>

export type V1beta1NetworkDeviceData = Readonly<{
  hardwareAddress?: string
  interfaceName?: string
  ips?: readonly string[]
}>

export type V1beta1NodeAllocatableResourceMapping = Readonly<{
  allocationMultiplier?: string
  capacityKey?: string
}>

export type V1beta1OpaqueDeviceConfiguration = Readonly<{
  driver: string
  parameters: unknown
}>

export type V1beta1ParamKind = Readonly<{
  apiVersion?: string
  kind?: string
}>

export type V1beta1ParamRef = Readonly<{
  name?: string
  namespace?: string
  parameterNotFoundAction?: string
  selector?: LabelSelector
}>

export type V1beta1ParentReference = Readonly<{
  group?: string
  name: string
  namespace?: string
  resource: string
}>

export type V1beta1PodCertificateRequest = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: V1beta1PodCertificateRequestSpec
  status?: V1beta1PodCertificateRequestStatus
}>

export type V1beta1PodCertificateRequestList = Readonly<{
  apiVersion?: string
  items: readonly V1beta1PodCertificateRequest[]
  kind?: string
  metadata?: ListMeta
}>

export type V1beta1PodCertificateRequestSpec = Readonly<{
  maxExpirationSeconds?: number
  nodeName: string
  nodeUID: string
  pkixPublicKey?: string
  podName: string
  podUID: string
  proofOfPossession?: string
  serviceAccountName: string
  serviceAccountUID: string
  signerName: string
  stubPKCS10Request: string
  unverifiedUserAnnotations?: Readonly<Record<string, string>>
}>

export type V1beta1PodCertificateRequestStatus = Readonly<{
  beginRefreshAt?: string
  certificateChain?: string
  conditions?: readonly Condition[]
  notAfter?: string
  notBefore?: string
}>

export type V1beta1ResourceClaim = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: V1beta1ResourceClaimSpec
  status?: V1beta1ResourceClaimStatus
}>

export type V1beta1ResourceClaimConsumerReference = Readonly<{
  apiGroup?: string
  name: string
  resource: string
  uid: string
}>

export type V1beta1ResourceClaimList = Readonly<{
  apiVersion?: string
  items: readonly V1beta1ResourceClaim[]
  kind?: string
  metadata?: ListMeta
}>

export type V1beta1ResourceClaimSpec = Readonly<{
  devices?: V1beta1DeviceClaim
}>

export type V1beta1ResourceClaimStatus = Readonly<{
  allocation?: V1beta1AllocationResult
  devices?: readonly V1beta1AllocatedDeviceStatus[]
  reservedFor?: readonly V1beta1ResourceClaimConsumerReference[]
}>

export type V1beta1ResourceClaimTemplate = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: V1beta1ResourceClaimTemplateSpec
}>

export type V1beta1ResourceClaimTemplateList = Readonly<{
  apiVersion?: string
  items: readonly V1beta1ResourceClaimTemplate[]
  kind?: string
  metadata?: ListMeta
}>

export type V1beta1ResourceClaimTemplateSpec = Readonly<{
  metadata?: ObjectMeta
  spec: V1beta1ResourceClaimSpec
}>

export type V1beta1ResourcePool = Readonly<{
  generation: number
  name: string
  resourceSliceCount: number
}>

export type V1beta1ResourceSlice = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: V1beta1ResourceSliceSpec
}>

export type V1beta1ResourceSliceList = Readonly<{
  apiVersion?: string
  items: readonly V1beta1ResourceSlice[]
  kind?: string
  metadata?: ListMeta
}>

export type V1beta1ResourceSliceSpec = Readonly<{
  allNodes?: boolean
  devices?: readonly V1beta1Device[]
  driver: string
  nodeName?: string
  nodeSelector?: NodeSelector
  perDeviceNodeSelection?: boolean
  pool: V1beta1ResourcePool
  sharedCounters?: readonly V1beta1CounterSet[]
}>

export type V1beta1SelfSubjectReview = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  status?: V1beta1SelfSubjectReviewStatus
}>

export type V1beta1SelfSubjectReviewStatus = Readonly<{
  userInfo?: UserInfo
}>

export type V1beta1ServiceCIDR = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: V1beta1ServiceCIDRSpec
  status?: V1beta1ServiceCIDRStatus
}>

export type V1beta1ServiceCIDRList = Readonly<{
  apiVersion?: string
  items: readonly V1beta1ServiceCIDR[]
  kind?: string
  metadata?: ListMeta
}>

export type V1beta1ServiceCIDRSpec = Readonly<{
  cidrs?: readonly string[]
}>

export type V1beta1ServiceCIDRStatus = Readonly<{
  conditions?: readonly Condition[]
}>

export type V1beta1StorageVersionMigration = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: V1beta1StorageVersionMigrationSpec
  status?: V1beta1StorageVersionMigrationStatus
}>

export type V1beta1StorageVersionMigrationList = Readonly<{
  apiVersion?: string
  items: readonly V1beta1StorageVersionMigration[]
  kind?: string
  metadata?: ListMeta
}>

export type V1beta1StorageVersionMigrationSpec = Readonly<{
  resource: GroupResource
}>

export type V1beta1StorageVersionMigrationStatus = Readonly<{
  conditions?: readonly Condition[]
  resourceVersion?: string
}>

export type V1beta1TypeChecking = Readonly<{
  expressionWarnings?: readonly V1beta1ExpressionWarning[]
}>

export type V1beta1ValidatingAdmissionPolicy = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: V1beta1ValidatingAdmissionPolicySpec
  status?: V1beta1ValidatingAdmissionPolicyStatus
}>

export type V1beta1ValidatingAdmissionPolicyBinding = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: V1beta1ValidatingAdmissionPolicyBindingSpec
}>

export type V1beta1ValidatingAdmissionPolicyBindingList = Readonly<{
  apiVersion?: string
  items: readonly V1beta1ValidatingAdmissionPolicyBinding[]
  kind?: string
  metadata?: ListMeta
}>

export type V1beta1ValidatingAdmissionPolicyBindingSpec = Readonly<{
  matchResources?: V1beta1MatchResources
  paramRef?: V1beta1ParamRef
  policyName?: string
  validationActions?: readonly string[]
}>

export type V1beta1ValidatingAdmissionPolicyList = Readonly<{
  apiVersion?: string
  items: readonly V1beta1ValidatingAdmissionPolicy[]
  kind?: string
  metadata?: ListMeta
}>

export type V1beta1ValidatingAdmissionPolicySpec = Readonly<{
  auditAnnotations?: readonly V1beta1AuditAnnotation[]
  failurePolicy?: string
  matchConditions?: readonly V1beta1MatchCondition[]
  matchConstraints?: V1beta1MatchResources
  paramKind?: V1beta1ParamKind
  validations?: readonly V1beta1Validation[]
  variables?: readonly V1beta1Variable[]
}>

export type V1beta1ValidatingAdmissionPolicyStatus = Readonly<{
  conditions?: readonly Condition[]
  observedGeneration?: number
  typeChecking?: V1beta1TypeChecking
}>

export type V1beta1Validation = Readonly<{
  expression: string
  message?: string
  messageExpression?: string
  reason?: string
}>

export type V1beta1Variable = Readonly<{
  expression: string
  name: string
}>

export type V1beta1VolumeAttributesClass = Readonly<{
  apiVersion?: string
  driverName: string
  kind?: string
  metadata?: ObjectMeta
  parameters?: Readonly<Record<string, string>>
}>

export type V1beta1VolumeAttributesClassList = Readonly<{
  apiVersion?: string
  items: readonly V1beta1VolumeAttributesClass[]
  kind?: string
  metadata?: ListMeta
}>

export type V1beta2AllocatedDeviceStatus = Readonly<{
  conditions?: readonly Condition[]
  data?: unknown
  device: string
  driver: string
  networkData?: V1beta2NetworkDeviceData
  pool: string
  shareID?: string
}>

export type V1beta2AllocationResult = Readonly<{
  allocationTimestamp?: string
  devices?: V1beta2DeviceAllocationResult
  nodeSelector?: NodeSelector
}>

export type V1beta2CELDeviceSelector = Readonly<{
  expression: string
}>

export type V1beta2CapacityRequestPolicy = Readonly<{
  default?: string
  validRange?: V1beta2CapacityRequestPolicyRange
  validValues?: readonly string[]
}>

export type V1beta2CapacityRequestPolicyRange = Readonly<{
  max?: string
  min: string
  step?: string
}>

export type V1beta2CapacityRequirements = Readonly<{
  requests?: Readonly<Record<string, string>>
}>

export type V1beta2Counter = Readonly<{
  value: string
}>

export type V1beta2CounterSet = Readonly<{
  counters: Readonly<Record<string, V1beta2Counter>>
  name: string
}>

export type V1beta2Device = Readonly<{
  allNodes?: boolean
  allowMultipleAllocations?: boolean
  attributes?: Readonly<Record<string, V1beta2DeviceAttribute>>
  bindingConditions?: readonly string[]
  bindingFailureConditions?: readonly string[]
  bindsToNode?: boolean
  capacity?: Readonly<Record<string, V1beta2DeviceCapacity>>
  consumesCounters?: readonly V1beta2DeviceCounterConsumption[]
  name: string
  nodeAllocatableResourceMappings?: Readonly<Record<string, V1beta2NodeAllocatableResourceMapping>>
  nodeName?: string
  nodeSelector?: NodeSelector
  taints?: readonly V1beta2DeviceTaint[]
}>

export type V1beta2DeviceAllocationConfiguration = Readonly<{
  opaque?: V1beta2OpaqueDeviceConfiguration
  requests?: readonly string[]
  source: string
}>

export type V1beta2DeviceAllocationResult = Readonly<{
  config?: readonly V1beta2DeviceAllocationConfiguration[]
  results?: readonly V1beta2DeviceRequestAllocationResult[]
}>

export type V1beta2DeviceAttribute = Readonly<{
  bool?: boolean
  bools?: readonly boolean[]
  int?: number
  ints?: readonly number[]
  string?: string
  strings?: readonly string[]
  version?: string
  versions?: readonly string[]
}>

export type V1beta2DeviceCapacity = Readonly<{
  requestPolicy?: V1beta2CapacityRequestPolicy
  value: string
}>

export type V1beta2DeviceClaim = Readonly<{
  config?: readonly V1beta2DeviceClaimConfiguration[]
  constraints?: readonly V1beta2DeviceConstraint[]
  requests?: readonly V1beta2DeviceRequest[]
}>

export type V1beta2DeviceClaimConfiguration = Readonly<{
  opaque?: V1beta2OpaqueDeviceConfiguration
  requests?: readonly string[]
}>

export type V1beta2DeviceClass = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: V1beta2DeviceClassSpec
}>

export type V1beta2DeviceClassConfiguration = Readonly<{
  opaque?: V1beta2OpaqueDeviceConfiguration
}>

export type V1beta2DeviceClassList = Readonly<{
  apiVersion?: string
  items: readonly V1beta2DeviceClass[]
  kind?: string
  metadata?: ListMeta
}>

export type V1beta2DeviceClassSpec = Readonly<{
  config?: readonly V1beta2DeviceClassConfiguration[]
  extendedResourceName?: string
  selectors?: readonly V1beta2DeviceSelector[]
}>

export type V1beta2DeviceConstraint = Readonly<{
  distinctAttribute?: string
  matchAttribute?: string
  requests?: readonly string[]
}>

export type V1beta2DeviceCounterConsumption = Readonly<{
  counterSet: string
  counters: Readonly<Record<string, V1beta2Counter>>
}>

export type V1beta2DeviceRequest = Readonly<{
  exactly?: V1beta2ExactDeviceRequest
  firstAvailable?: readonly V1beta2DeviceSubRequest[]
  name: string
}>

export type V1beta2DeviceRequestAllocationResult = Readonly<{
  adminAccess?: boolean
  bindingConditions?: readonly string[]
  bindingFailureConditions?: readonly string[]
  consumedCapacity?: Readonly<Record<string, string>>
  device: string
  driver: string
  pool: string
  request: string
  shareID?: string
  tolerations?: readonly V1beta2DeviceToleration[]
}>

export type V1beta2DeviceSelector = Readonly<{
  cel?: V1beta2CELDeviceSelector
}>

export type V1beta2DeviceSubRequest = Readonly<{
  allocationMode?: string
  capacity?: V1beta2CapacityRequirements
  count?: number
  deviceClassName: string
  name: string
  selectors?: readonly V1beta2DeviceSelector[]
  tolerations?: readonly V1beta2DeviceToleration[]
}>

export type V1beta2DeviceTaint = Readonly<{
  effect: string
  key: string
  timeAdded?: string
  value?: string
}>

export type V1beta2DeviceTaintRule = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: V1beta2DeviceTaintRuleSpec
  status?: V1beta2DeviceTaintRuleStatus
}>

export type V1beta2DeviceTaintRuleList = Readonly<{
  apiVersion?: string
  items: readonly V1beta2DeviceTaintRule[]
  kind?: string
  metadata?: ListMeta
}>

export type V1beta2DeviceTaintRuleSpec = Readonly<{
  deviceSelector?: V1beta2DeviceTaintSelector
  taint: V1beta2DeviceTaint
}>

export type V1beta2DeviceTaintRuleStatus = Readonly<{
  conditions?: readonly Condition[]
}>

export type V1beta2DeviceTaintSelector = Readonly<{
  device?: string
  driver?: string
  pool?: string
}>

export type V1beta2DeviceToleration = Readonly<{
  effect?: string
  key?: string
  operator?: string
  tolerationSeconds?: number
  value?: string
}>

export type V1beta2ExactDeviceRequest = Readonly<{
  adminAccess?: boolean
  allocationMode?: string
  capacity?: V1beta2CapacityRequirements
  count?: number
  deviceClassName: string
  selectors?: readonly V1beta2DeviceSelector[]
  tolerations?: readonly V1beta2DeviceToleration[]
}>

export type V1beta2NetworkDeviceData = Readonly<{
  hardwareAddress?: string
  interfaceName?: string
  ips?: readonly string[]
}>

export type V1beta2NodeAllocatableResourceMapping = Readonly<{
  allocationMultiplier?: string
  capacityKey?: string
}>

export type V1beta2OpaqueDeviceConfiguration = Readonly<{
  driver: string
  parameters: unknown
}>

export type V1beta2ResourceClaim = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: V1beta2ResourceClaimSpec
  status?: V1beta2ResourceClaimStatus
}>

export type V1beta2ResourceClaimConsumerReference = Readonly<{
  apiGroup?: string
  name: string
  resource: string
  uid: string
}>

export type V1beta2ResourceClaimList = Readonly<{
  apiVersion?: string
  items: readonly V1beta2ResourceClaim[]
  kind?: string
  metadata?: ListMeta
}>

export type V1beta2ResourceClaimSpec = Readonly<{
  devices?: V1beta2DeviceClaim
}>

export type V1beta2ResourceClaimStatus = Readonly<{
  allocation?: V1beta2AllocationResult
  devices?: readonly V1beta2AllocatedDeviceStatus[]
  reservedFor?: readonly V1beta2ResourceClaimConsumerReference[]
}>

export type V1beta2ResourceClaimTemplate = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: V1beta2ResourceClaimTemplateSpec
}>

export type V1beta2ResourceClaimTemplateList = Readonly<{
  apiVersion?: string
  items: readonly V1beta2ResourceClaimTemplate[]
  kind?: string
  metadata?: ListMeta
}>

export type V1beta2ResourceClaimTemplateSpec = Readonly<{
  metadata?: ObjectMeta
  spec: V1beta2ResourceClaimSpec
}>

export type V1beta2ResourcePool = Readonly<{
  generation: number
  name: string
  resourceSliceCount: number
}>

export type V1beta2ResourceSlice = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: V1beta2ResourceSliceSpec
}>

export type V1beta2ResourceSliceList = Readonly<{
  apiVersion?: string
  items: readonly V1beta2ResourceSlice[]
  kind?: string
  metadata?: ListMeta
}>

export type V1beta2ResourceSliceSpec = Readonly<{
  allNodes?: boolean
  devices?: readonly V1beta2Device[]
  driver: string
  nodeName?: string
  nodeSelector?: NodeSelector
  perDeviceNodeSelection?: boolean
  pool: V1beta2ResourcePool
  sharedCounters?: readonly V1beta2CounterSet[]
}>

export type V1beta3ExemptPriorityLevelConfiguration = Readonly<{
  lendablePercent?: number
  nominalConcurrencyShares?: number
}>

export type V1beta3FlowDistinguisherMethod = Readonly<{
  type: string
}>

export type V1beta3FlowSchema = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: V1beta3FlowSchemaSpec
  status?: V1beta3FlowSchemaStatus
}>

export type V1beta3FlowSchemaCondition = Readonly<{
  lastTransitionTime?: string
  message?: string
  reason?: string
  status?: string
  type?: string
}>

export type V1beta3FlowSchemaList = Readonly<{
  apiVersion?: string
  items: readonly V1beta3FlowSchema[]
  kind?: string
  metadata?: ListMeta
}>

export type V1beta3FlowSchemaSpec = Readonly<{
  distinguisherMethod?: V1beta3FlowDistinguisherMethod
  matchingPrecedence?: number
  priorityLevelConfiguration: V1beta3PriorityLevelConfigurationReference
  rules?: readonly V1beta3PolicyRulesWithSubjects[]
}>

export type V1beta3FlowSchemaStatus = Readonly<{
  conditions?: readonly V1beta3FlowSchemaCondition[]
}>

export type V1beta3GroupSubject = Readonly<{
  name: string
}>

export type V1beta3LimitResponse = Readonly<{
  queuing?: V1beta3QueuingConfiguration
  type: string
}>

export type V1beta3LimitedPriorityLevelConfiguration = Readonly<{
  borrowingLimitPercent?: number
  lendablePercent?: number
  limitResponse?: V1beta3LimitResponse
  nominalConcurrencyShares?: number
}>

export type V1beta3NonResourcePolicyRule = Readonly<{
  nonResourceURLs: readonly string[]
  verbs: readonly string[]
}>

export type V1beta3PolicyRulesWithSubjects = Readonly<{
  nonResourceRules?: readonly V1beta3NonResourcePolicyRule[]
  resourceRules?: readonly V1beta3ResourcePolicyRule[]
  subjects: readonly V1beta3Subject[]
}>

export type V1beta3PriorityLevelConfiguration = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: V1beta3PriorityLevelConfigurationSpec
  status?: V1beta3PriorityLevelConfigurationStatus
}>

export type V1beta3PriorityLevelConfigurationCondition = Readonly<{
  lastTransitionTime?: string
  message?: string
  reason?: string
  status?: string
  type?: string
}>

export type V1beta3PriorityLevelConfigurationList = Readonly<{
  apiVersion?: string
  items: readonly V1beta3PriorityLevelConfiguration[]
  kind?: string
  metadata?: ListMeta
}>

export type V1beta3PriorityLevelConfigurationReference = Readonly<{
  name: string
}>

export type V1beta3PriorityLevelConfigurationSpec = Readonly<{
  exempt?: V1beta3ExemptPriorityLevelConfiguration
  limited?: V1beta3LimitedPriorityLevelConfiguration
  type: string
}>

export type V1beta3PriorityLevelConfigurationStatus = Readonly<{
  conditions?: readonly V1beta3PriorityLevelConfigurationCondition[]
}>

export type V1beta3QueuingConfiguration = Readonly<{
  handSize?: number
  queueLengthLimit?: number
  queues?: number
}>

export type V1beta3ResourcePolicyRule = Readonly<{
  apiGroups: readonly string[]
  clusterScope?: boolean
  namespaces?: readonly string[]
  resources: readonly string[]
  verbs: readonly string[]
}>

export type V1beta3ServiceAccountSubject = Readonly<{
  name: string
  namespace: string
}>

export type V1beta3Subject = Readonly<{
  group?: V1beta3GroupSubject
  kind: string
  serviceAccount?: V1beta3ServiceAccountSubject
  user?: V1beta3UserSubject
}>

export type V1beta3UserSubject = Readonly<{
  name: string
}>

export type V2ContainerResourceMetricSource = Readonly<{
  container: string
  name: string
  target: V2MetricTarget
}>

export type V2ContainerResourceMetricStatus = Readonly<{
  container: string
  current: V2MetricValueStatus
  name: string
}>

export type V2CrossVersionObjectReference = Readonly<{
  apiVersion?: string
  kind: string
  name: string
}>

export type V2ExternalMetricSource = Readonly<{
  metric: V2MetricIdentifier
  target: V2MetricTarget
}>

export type V2ExternalMetricStatus = Readonly<{
  current: V2MetricValueStatus
  metric: V2MetricIdentifier
}>

export type V2HPAScalingPolicy = Readonly<{
  periodSeconds: number
  type: string
  value: number
}>

export type V2HPAScalingRules = Readonly<{
  policies?: readonly V2HPAScalingPolicy[]
  selectPolicy?: string
  stabilizationWindowSeconds?: number
  tolerance?: string
}>

export type V2HorizontalPodAutoscaler = Readonly<{
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: V2HorizontalPodAutoscalerSpec
  status?: V2HorizontalPodAutoscalerStatus
}>

export type V2HorizontalPodAutoscalerBehavior = Readonly<{
  scaleDown?: V2HPAScalingRules
  scaleUp?: V2HPAScalingRules
}>

export type V2HorizontalPodAutoscalerCondition = Readonly<{
  lastTransitionTime?: string
  message?: string
  reason?: string
  status: string
  type: string
}>

export type V2HorizontalPodAutoscalerList = Readonly<{
  apiVersion?: string
  items: readonly V2HorizontalPodAutoscaler[]
  kind?: string
  metadata?: ListMeta
}>

export type V2HorizontalPodAutoscalerSpec = Readonly<{
  behavior?: V2HorizontalPodAutoscalerBehavior
  maxReplicas: number
  metrics?: readonly V2MetricSpec[]
  minReplicas?: number
  scaleTargetRef: V2CrossVersionObjectReference
}>

export type V2HorizontalPodAutoscalerStatus = Readonly<{
  conditions?: readonly V2HorizontalPodAutoscalerCondition[]
  currentMetrics?: readonly V2MetricStatus[]
  currentReplicas?: number
  desiredReplicas: number
  lastScaleTime?: string
  observedGeneration?: number
}>

export type V2MetricIdentifier = Readonly<{
  name: string
  selector?: LabelSelector
}>

export type V2MetricSpec = Readonly<{
  containerResource?: V2ContainerResourceMetricSource
  external?: V2ExternalMetricSource
  object?: V2ObjectMetricSource
  pods?: V2PodsMetricSource
  resource?: V2ResourceMetricSource
  type: string
}>

export type V2MetricStatus = Readonly<{
  containerResource?: V2ContainerResourceMetricStatus
  external?: V2ExternalMetricStatus
  object?: V2ObjectMetricStatus
  pods?: V2PodsMetricStatus
  resource?: V2ResourceMetricStatus
  type: string
}>

export type V2MetricTarget = Readonly<{
  averageUtilization?: number
  averageValue?: string
  type: string
  value?: string
}>

export type V2MetricValueStatus = Readonly<{
  averageUtilization?: number
  averageValue?: string
  value?: string
}>

export type V2ObjectMetricSource = Readonly<{
  describedObject: V2CrossVersionObjectReference
  metric: V2MetricIdentifier
  target: V2MetricTarget
}>

export type V2ObjectMetricStatus = Readonly<{
  current: V2MetricValueStatus
  describedObject: V2CrossVersionObjectReference
  metric: V2MetricIdentifier
}>

export type V2PodsMetricSource = Readonly<{
  metric: V2MetricIdentifier
  target: V2MetricTarget
}>

export type V2PodsMetricStatus = Readonly<{
  current: V2MetricValueStatus
  metric: V2MetricIdentifier
}>

export type V2ResourceMetricSource = Readonly<{
  name: string
  target: V2MetricTarget
}>

export type V2ResourceMetricStatus = Readonly<{
  current: V2MetricValueStatus
  name: string
}>

export type VersionInfo = Readonly<{
  buildDate: string
  compiler: string
  emulationMajor?: string
  emulationMinor?: string
  gitCommit: string
  gitTreeState: string
  gitVersion: string
  goVersion: string
  major: string
  minCompatibilityMajor?: string
  minCompatibilityMinor?: string
  minor: string
  platform: string
}>
