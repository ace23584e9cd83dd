import type { Store } from '../../store/store.ts'
import { rulesOf } from '../bootstrap/role-lines.ts'
import { systemRoles } from '../bootstrap/system-roles.ts'
import type { User } from '../call.ts'
import { type LocalAuthorizer, localUnion, privileged } from './decision.ts'
import { nodeAuthorizer, nodeNameOf } from './node-authorizer.ts'
import { nodeGraph } from './node-graph.ts'
import { type RbacAuthorizer, rbacAuthorizer } from './rbac-authorizer.ts'
import { type RbacIndex, rbacIndex } from './rbac-index.ts'

/** The authorizers that need nothing but the store. They follow it from when they are made. */
export interface LocalAuthorizers {
  /** system:masters, Node, RBAC: what a cluster has unless it is told otherwise. */
  readonly all: LocalAuthorizer
  readonly node: LocalAuthorizer
  readonly rbac: RbacAuthorizer
  readonly index: RbacIndex
  unlisted(user: User): readonly string[]
  close(): void
}

export function localAuthorizers(store: Store): LocalAuthorizers {
  const index = rbacIndex(store)
  const graph = nodeGraph(store)
  const rbac = rbacAuthorizer(index)
  const node = nodeAuthorizer(graph, rulesOf(systemRoles['system:node'] ?? []))
  return {
    all: localUnion([privileged, node, rbac]),
    node,
    rbac,
    index,
    unlisted: (user) =>
      nodeNameOf(user) === undefined ? [] : ['node authorizer does not support user rule resolution'],
    close() {
      index.close()
      graph.close()
    },
  }
}
