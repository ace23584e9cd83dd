import type { Event } from '../kinds.generated.ts'
import { labelKeyErrors } from '../label-syntax.ts'
import { type Errors, invalid, invalidEach, required } from './field-error.ts'
import { dnsSubdomainErrors } from './names.ts'

/** Events of v1, new ones and changed ones alike: their metadata is not looked at, as it never was. */
export function validateEvent(event: Event): Errors {
  const namespace = event.metadata?.namespace ?? ''
  return [
    ...validateInvolved(event, namespace),
    ...(isTimed(event) ? validateTimed(event) : []),
    ...invalidEach('namespace', namespace, dnsSubdomainErrors(namespace)),
  ]
}

function isTimed({ eventTime }: Event): boolean {
  return eventTime !== undefined && eventTime !== null
}

/** Events of cluster-scoped objects live in the default namespace. */
function validateInvolved(event: Event, namespace: string): Errors {
  const involved = event.involvedObject?.namespace ?? ''
  const elsewhere = isTimed(event) ? ['default', 'kube-system'] : ['', 'default']
  const fits = involved === '' ? elsewhere.includes(namespace) : isTimed(event) || involved === namespace
  return fits ? [] : [invalid('involvedObject.namespace', involved, 'does not match event.namespace')]
}

function atMost(field: string, text: string, most: number): Errors {
  return text.length > most ? [invalid(field, '', `can have at most ${most} characters`)] : []
}

function validateTimed(event: Event): Errors {
  const { reportingComponent = '', reportingInstance = '', action = '', reason = '', message = '' } = event
  return [
    ...(reportingComponent === '' ? [required('reportingComponent')] : []),
    ...invalidEach('reportingComponent', reportingComponent, labelKeyErrors(reportingComponent)),
    ...(reportingInstance === '' ? [required('reportingInstance')] : []),
    ...atMost('reportingInstance', reportingInstance, 128),
    ...(action === '' ? [required('action')] : []),
    ...atMost('action', action, 128),
    ...(reason === '' ? [required('reason')] : []),
    ...atMost('reason', reason, 128),
    ...atMost('message', message, 1024),
  ]
}
