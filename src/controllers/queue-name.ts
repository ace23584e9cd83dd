/** What kube-controller-manager and kube-apiserver call the work queues of these controllers, in workqueue_… metrics. */
const names: Readonly<Record<string, string>> = {
  'bootstrap-signer': 'bootstrap_signer_queue',
  'clusterrole-aggregation-controller': 'ClusterRoleAggregator',
  'cronjob-controller': 'cronjob',
  csrapproving: 'certificate',
  csrcleaner: 'certificate',
  csrsigning: 'certificate',
  'customresourcedefinition-controller': 'crd_naming_condition_controller',
  'daemonset-controller': 'daemonset',
  'deployment-controller': 'deployment',
  // The disruption controller, whose events say who it runs in.
  controllermanager: 'disruption',
  'endpoint-controller': 'endpoint',
  'endpoint-slice-controller': 'endpoint_slice',
  'endpoint-slice-mirroring-controller': 'endpoint_slice_mirroring',
  'ephemeral-volume-controller': 'ephemeral_volume',
  'garbage-collector-controller': 'garbage_collector_attempt_to_delete',
  'horizontal-pod-autoscaler': 'horizontalpodautoscaler',
  'job-controller': 'job',
  'namespace-controller': 'namespace',
  'node-controller': 'node_lifecycle_controller',
  'persistentvolume-controller': 'volumes',
  'pod-garbage-collector': 'orphaned_pods_nodes',
  'pv-protection-controller': 'pvprotection',
  'pvc-protection-controller': 'pvcprotection',
  'replicaset-controller': 'replicaset',
  'volumeattributesclass-protection-controller': 'vacprotection',
  'replication-controller': 'replicationmanager',
  'resourcequota-controller': 'resourcequota_primary',
  'root-ca-cert-publisher': 'root_ca_cert_publisher',
  'service-account-controller': 'serviceaccount',
  'service-cidr-controller': 'ipaddresses',
  'serviceaccount-token-controller': 'serviceaccount_tokens_service',
  'statefulset-controller': 'statefulset',
  'taint-eviction-controller': 'noexec_taint_pod',
  'token-cleaner': 'token_cleaner',
  'ttl-after-finished-controller': 'ttl_jobs_to_delete',
}

export function queueName(controller: string): string {
  return names[controller] ?? controller
}
