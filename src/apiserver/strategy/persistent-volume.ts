import type { PersistentVolume, PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../../api/kinds.generated.ts'
import type { ApiObject } from '../../api/object.ts'
import { timestampOf } from '../../api/wire-time.ts'
import type { Strategy } from './strategy.ts'

export const persistentVolumeStrategy: Strategy = {
  deleteReturnsObject: true,
  prepareCreate: (object) => ({
    ...object,
    status: { phase: 'Pending', lastPhaseTransitionTime: object.metadata.creationTimestamp },
  }),
  prepareStatus(after, before, nowMs) {
    const [now, had] = [after, before].map((object) => (object as PersistentVolume).status)
    const [time, oldTime] = [now?.lastPhaseTransitionTime, had?.lastPhaseTransitionTime]
    const isSame = now?.phase === had?.phase
    if (isSame) return time === undefined ? withTime(after, oldTime) : after
    return time === undefined || time === oldTime ? withTime(after, timestampOf(nowMs)) : after
  },
}

function withTime(object: ApiObject, lastPhaseTransitionTime: string | undefined): ApiObject {
  const { status } = object as PersistentVolume
  return { ...object, status: { ...status, ...(lastPhaseTransitionTime && { lastPhaseTransitionTime }) } } as ApiObject
}

export const persistentVolumeClaimStrategy: Strategy = {
  deleteReturnsObject: true,
  prepareCreate: (object) => withSources({ ...object, status: { phase: 'Pending' } }, undefined),
  prepareUpdate: (after, before) => withSources(after, (before as PersistentVolumeClaim).spec),
}

/** dataSource is the older name: what it may name is said in dataSourceRef too, and the other way round. */
function withSources(object: ApiObject, before: PersistentVolumeClaimSpec | undefined): ApiObject {
  const { spec } = object as PersistentVolumeClaim
  if (spec === undefined || (spec.dataSource === undefined && spec.dataSourceRef === undefined)) return object
  const { dataSource, ...others } = spec
  const rest = withoutElsewhere(others, before)
  const isInUse = before?.dataSource !== undefined || before?.dataSourceRef !== undefined
  const isOld = isInUse || rest.dataSourceRef !== undefined || isClaimOrSnapshot(dataSource)
  const kept = isOld && dataSource !== undefined ? { ...rest, dataSource } : rest
  return { ...object, spec: normalised(kept) } as ApiObject
}

type Rest = Omit<PersistentVolumeClaimSpec, 'dataSource'>

/** Sources in other namespaces belong to a feature that is off, as it is by default. */
function withoutElsewhere(spec: Rest, before: PersistentVolumeClaimSpec | undefined): Rest {
  const isElsewhere = (spec.dataSourceRef?.namespace ?? '') !== ''
  if (!isElsewhere || before?.dataSourceRef !== undefined) return spec
  const { dataSourceRef: _, ...rest } = spec
  return rest
}

function isClaimOrSnapshot(source: PersistentVolumeClaimSpec['dataSource']): boolean {
  const { kind, apiGroup = '' } = source ?? {}
  return (
    (kind === 'PersistentVolumeClaim' && apiGroup === '') ||
    (kind === 'VolumeSnapshot' && apiGroup === 'snapshot.storage.k8s.io')
  )
}

function normalised(spec: PersistentVolumeClaimSpec): PersistentVolumeClaimSpec {
  const { dataSource, dataSourceRef } = spec
  if (dataSourceRef === undefined) return dataSource === undefined ? spec : { ...spec, dataSourceRef: dataSource }
  if (dataSource !== undefined || (dataSourceRef.namespace ?? '') !== '') return spec
  const { namespace: _, ...source } = dataSourceRef
  return { ...spec, dataSource: source }
}
