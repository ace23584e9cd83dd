import type { Namespace } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Refusal } from '../../api/refusal.ts'
import { fail, ok } from '../../api/result.ts'
import type { Store } from '../../store/store.ts'
import { notFound, storeKey } from '../resource.ts'
import type { Attributes, Plugin } from './admission.ts'
import { forbidden, nameOf } from './forbidden.ts'

const immortal = ['default', 'kube-system', 'kube-public']

/** Nothing is made in a namespace that is not there or is about to go, but reviews, which may always be asked; three namespaces are never deleted. */
export function namespaceLifecycle(store: Store): Plugin {
  return {
    mutate(attributes, object) {
      const refusal = lifecycleRefusal(store, attributes, object)
      return refusal === undefined ? ok(object) : fail(refusal)
    },
  }
}

function lifecycleRefusal(store: Store, attributes: Attributes, object: ApiObject): Refusal | undefined {
  const { kind, operation, namespace, name } = attributes
  const isNamespace = kind.plural === 'namespaces' && kind.group === ''
  if (operation === 'DELETE' && isNamespace && immortal.includes(name)) {
    return forbidden(attributes, 'this namespace may not be deleted')
  }
  const isReview = kind.plural === 'localsubjectaccessreviews' && kind.group === 'authorization.k8s.io'
  if (operation !== 'CREATE' || !kind.namespaced || isReview) return undefined
  const found = store.get(storeKey(kinds.namespaces, '', namespace))?.object as Namespace | undefined
  if (found === undefined) return notFound(kinds.namespaces, namespace)
  return found.status?.phase === 'Terminating' ? terminating(attributes, object) : undefined
}

/** Controllers know the cause NamespaceTerminating and stop trying. */
function terminating(attributes: Attributes, object: ApiObject): Refusal {
  const { kind, namespace } = attributes
  const name = nameOf(attributes, object)
  const resource = kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`
  const message = `namespace ${namespace} is being terminated`
  const causes = [{ reason: 'NamespaceTerminating', message, field: 'metadata.namespace' }]
  const group = kind.group === '' ? {} : { group: kind.group }
  return {
    reason: 'Passed',
    status: {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: `${resource} ${JSON.stringify(name)} is forbidden: ${why}`,
      reason: 'Forbidden',
      details: { name, ...group, kind: kind.plural, causes },
      code: 403,
    },
  }
}
