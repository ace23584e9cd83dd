/** Defaults that the API declares in its schema, as JSON. */
export const defaults: Readonly<Record<string, string>> = {
  'core.v1.AzureDiskVolumeSource': 'readOnly=false cachingMode="ReadWrite" fsType="ext4" kind="Shared"',
  'core.v1.ContainerPort': 'protocol="TCP"',
  'core.v1.ISCSIPersistentVolumeSource': 'iscsiInterface="default"',
  'core.v1.ISCSIVolumeSource': 'iscsiInterface="default"',
  'core.v1.RBDPersistentVolumeSource': 'keyring="/etc/ceph/keyring" pool="rbd" user="admin"',
  'core.v1.RBDVolumeSource': 'keyring="/etc/ceph/keyring" pool="rbd" user="admin"',
  'core.v1.ReplicationControllerSpec': 'replicas=1',
  'core.v1.ScaleIOPersistentVolumeSource': 'fsType="xfs" storageMode="ThinProvisioned"',
  'core.v1.ScaleIOVolumeSource': 'fsType="xfs" storageMode="ThinProvisioned"',
  'core.v1.ServicePort': 'protocol="TCP"',
  'resource.v1.DeviceToleration': 'operator="Equal"',
  'core.v1.FileKeySelector': 'optional=false',
  'core.v1.GRPCAction': 'service=""',
}
