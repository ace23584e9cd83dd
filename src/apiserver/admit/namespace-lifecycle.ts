import type { Namespace } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Refusal } from '../../api/refusal.ts'
import { fail, ok } from '../../api/result.ts'
import type { Store } from '../../store/store.ts'
import { notFound, storeKey } from '../resource.ts'
import type { Admit, Attributes } from './admission.ts'
import { forbidden } from './forbidden.ts'

const immortal = ['default', 'kube-system', 'kube-public']

/** Nothing is made in a namespace that is not there or is about to go; three namespaces are never deleted. */
export function namespaceLifecycle(store: Store): Admit {
  return (attributes, object) => {
    const { kind, operation, namespace, name } = attributes
    const isNamespace = kind.plural === 'namespaces' && kind.group === ''
    if (operation === 'DELETE' && isNamespace && immortal.includes(name)) {
      return fail(forbidden(attributes, 'this namespace may not be deleted'))
    }
    if (operation !== 'CREATE' || !kind.namespaced) return ok(object)
    const found = store.get(storeKey(kinds.namespaces, '', namespace))?.object as Namespace | undefined
    if (found === undefined) return fail(notFound(kinds.namespaces, namespace))
    return found.status?.phase === 'Terminating' ? fail(terminating(attributes)) : ok(object)
  }
}

/** Controllers know the cause NamespaceTerminating and stop trying. */
function terminating(attributes: Attributes): Refusal {
  const { kind, name, namespace } = attributes
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
