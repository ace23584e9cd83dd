/** Fields that Go takes over from an embedded struct, which error messages name on the way to the field: type → FIELD=STRUCT. */
export const embedded: Readonly<Record<string, string>> = {
  'admissionregistration.v1.NamedRuleWithOperations':
    'operations=RuleWithOperations apiGroups=RuleWithOperations.Rule apiVersions=RuleWithOperations.Rule resources=RuleWithOperations.Rule scope=RuleWithOperations.Rule',
  'admissionregistration.v1.RuleWithOperations': 'apiGroups=Rule apiVersions=Rule resources=Rule scope=Rule',
  'admissionregistration.v1alpha1.NamedRuleWithOperations':
    'operations=RuleWithOperations apiGroups=RuleWithOperations.Rule apiVersions=RuleWithOperations.Rule resources=RuleWithOperations.Rule scope=RuleWithOperations.Rule',
  'admissionregistration.v1beta1.NamedRuleWithOperations':
    'operations=RuleWithOperations apiGroups=RuleWithOperations.Rule apiVersions=RuleWithOperations.Rule resources=RuleWithOperations.Rule scope=RuleWithOperations.Rule',
  'core.v1.ConfigMapEnvSource': 'name=LocalObjectReference',
  'core.v1.ConfigMapKeySelector': 'name=LocalObjectReference',
  'core.v1.ConfigMapProjection': 'name=LocalObjectReference',
  'core.v1.ConfigMapVolumeSource': 'name=LocalObjectReference',
  'core.v1.EphemeralContainer':
    'args=EphemeralContainerCommon command=EphemeralContainerCommon env=EphemeralContainerCommon envFrom=EphemeralContainerCommon image=EphemeralContainerCommon imagePullPolicy=EphemeralContainerCommon lifecycle=EphemeralContainerCommon livenessProbe=EphemeralContainerCommon name=EphemeralContainerCommon ports=EphemeralContainerCommon readinessProbe=EphemeralContainerCommon resizePolicy=EphemeralContainerCommon resources=EphemeralContainerCommon restartPolicy=EphemeralContainerCommon restartPolicyRules=EphemeralContainerCommon securityContext=EphemeralContainerCommon startupProbe=EphemeralContainerCommon stdin=EphemeralContainerCommon stdinOnce=EphemeralContainerCommon terminationMessagePath=EphemeralContainerCommon terminationMessagePolicy=EphemeralContainerCommon tty=EphemeralContainerCommon volumeDevices=EphemeralContainerCommon volumeMounts=EphemeralContainerCommon workingDir=EphemeralContainerCommon',
  'core.v1.PersistentVolumeSpec':
    'awsElasticBlockStore=PersistentVolumeSource azureDisk=PersistentVolumeSource azureFile=PersistentVolumeSource cephfs=PersistentVolumeSource cinder=PersistentVolumeSource csi=PersistentVolumeSource fc=PersistentVolumeSource flexVolume=PersistentVolumeSource flocker=PersistentVolumeSource gcePersistentDisk=PersistentVolumeSource glusterfs=PersistentVolumeSource hostPath=PersistentVolumeSource iscsi=PersistentVolumeSource local=PersistentVolumeSource nfs=PersistentVolumeSource photonPersistentDisk=PersistentVolumeSource portworxVolume=PersistentVolumeSource quobyte=PersistentVolumeSource rbd=PersistentVolumeSource scaleIO=PersistentVolumeSource storageos=PersistentVolumeSource vsphereVolume=PersistentVolumeSource',
  'core.v1.Probe': 'exec=ProbeHandler grpc=ProbeHandler httpGet=ProbeHandler tcpSocket=ProbeHandler',
  'core.v1.SecretEnvSource': 'name=LocalObjectReference',
  'core.v1.SecretKeySelector': 'name=LocalObjectReference',
  'core.v1.SecretProjection': 'name=LocalObjectReference',
  'core.v1.Volume':
    'awsElasticBlockStore=VolumeSource azureDisk=VolumeSource azureFile=VolumeSource cephfs=VolumeSource cinder=VolumeSource configMap=VolumeSource csi=VolumeSource downwardAPI=VolumeSource emptyDir=VolumeSource ephemeral=VolumeSource fc=VolumeSource flexVolume=VolumeSource flocker=VolumeSource gcePersistentDisk=VolumeSource gitRepo=VolumeSource glusterfs=VolumeSource hostPath=VolumeSource image=VolumeSource iscsi=VolumeSource nfs=VolumeSource persistentVolumeClaim=VolumeSource photonPersistentDisk=VolumeSource portworxVolume=VolumeSource projected=VolumeSource quobyte=VolumeSource rbd=VolumeSource scaleIO=VolumeSource secret=VolumeSource storageos=VolumeSource vsphereVolume=VolumeSource',
  'networking.v1.IngressRule': 'http=IngressRuleValue',
  'resource.v1.DeviceAllocationConfiguration': 'opaque=DeviceConfiguration',
  'resource.v1.DeviceClaimConfiguration': 'opaque=DeviceConfiguration',
  'resource.v1.DeviceClassConfiguration': 'opaque=DeviceConfiguration',
  'resource.v1beta1.DeviceAllocationConfiguration': 'opaque=DeviceConfiguration',
  'resource.v1beta1.DeviceClaimConfiguration': 'opaque=DeviceConfiguration',
  'resource.v1beta1.DeviceClassConfiguration': 'opaque=DeviceConfiguration',
  'resource.v1beta2.DeviceAllocationConfiguration': 'opaque=DeviceConfiguration',
  'resource.v1beta2.DeviceClaimConfiguration': 'opaque=DeviceConfiguration',
  'resource.v1beta2.DeviceClassConfiguration': 'opaque=DeviceConfiguration',
}
