import type { Deployment, ReplicaSet } from '../../api/kinds.generated.ts'
import { apiVersionOf, kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { type Action, create } from '../action.ts'
import { controllerRef } from '../owner.ts'
import { newSetReplicas, type Sets } from './deployment-arithmetic.ts'
import { highestRevision, sizeAnnotations, withRevision } from './deployment-revision.ts'
import { newReplicaSetName, templateHash, templateHashLabel } from './deployment-template.ts'

/** The ReplicaSet for the Deployment's template, as it is to be made: without uid, version and status. */
export function newReplicaSet(deployment: Stored<Deployment>, oldSets: Sets): Stored<ReplicaSet> {
  const { spec, metadata } = deployment
  const hash = { [templateHashLabel]: templateHash(deployment) }
  const labels = { ...spec.template.metadata?.labels, ...hash }
  const { minReadySeconds = 0 } = spec
  const bare: Stored<ReplicaSet> = {
    apiVersion: apiVersionOf(kinds.replicaSets),
    kind: kinds.replicaSets.kind,
    metadata: {
      name: newReplicaSetName(deployment),
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      uid: '',
      resourceVersion: '',
      creationTimestamp: '',
      labels,
      annotations: sizeAnnotations(deployment),
      ownerReferences: [controllerRef(kinds.deployments, deployment)],
    },
    spec: {
      replicas: newSetReplicas(deployment, oldSets, 0),
      ...(minReadySeconds === 0 ? {} : { minReadySeconds }),
      selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, ...hash } },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
    status: { replicas: 0 },
  }
  return withRevision(deployment, bare, highestRevision(oldSets) + 1n)
}

export function isUncreated({ metadata }: Stored<ReplicaSet>): boolean {
  return metadata.uid === ''
}

export function creationOf({ metadata, spec }: Stored<ReplicaSet>): Action {
  const { uid: _uid, resourceVersion: _version, creationTimestamp: _created, ...draft } = metadata
  return create(kinds.replicaSets, { metadata: draft, spec })
}
