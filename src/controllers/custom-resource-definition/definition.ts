import {
  cleanupFinalizer,
  conditionOf,
  isTrue,
  type Said,
  withCondition,
  withoutCondition,
} from '../../api/custom/definition-condition.ts'
import { equalJson } from '../../api/json-value.ts'
import type { CustomResourceDefinition } from '../../api/kinds.generated.ts'
import { type Kind, kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { approvalOf, isProtectedGroup } from '../../api/validation/custom-resource-definition/api-approval.ts'
import { structuralErrorsOf } from '../../api/validation/custom-resource-definition/structural-errors.ts'
import { timestampOf } from '../../api/wire-time.ts'
import { type Action, remove, requeue, targetOf, updateStatus } from '../action.ts'
import { acceptNames, takenNames } from './definition-names.ts'

type Definition = Stored<CustomResourceDefinition>

export type ObservedDefinition = Readonly<{
  nowMs: number
  definition: Definition
  /** The others of its group, where it matters which names they have. */
  others: readonly CustomResourceDefinition[]
  /** What is left of its objects, where it is being deleted; undefined where they cannot be listed. */
  instances?: Readonly<{ kind: Kind; objects: readonly Stored<unknown>[]; error?: string }>
}>

const lookAgainMs = 1000

/** Names, then service, then what is wrong; of one that is being deleted, its objects go first. One status at a time is written. */
export function reconcileDefinition(observed: ObservedDefinition): readonly Action[] {
  const { definition } = observed
  const isGoing =
    definition.metadata.deletionTimestamp !== undefined && definition.metadata.finalizers?.includes(cleanupFinalizer)
  const next = isGoing ? undefined : nextStatus(observed)
  if (next !== undefined) return [updateStatus(kinds.customResourceDefinitions, next)]
  return isGoing ? cleanUp(observed) : []
}

function nextStatus(observed: ObservedDefinition): Definition | undefined {
  return named(observed) ?? established(observed) ?? judged(observed)
}

function named({ definition, others, nowMs }: ObservedDefinition): Definition | undefined {
  if (equalJson(definition.spec.names, definition.status.acceptedNames)) return undefined
  const now = timestampOf(nowMs)
  const { names, said } = acceptNames(definition, takenNames(others))
  if (equalJson(names, definition.status.acceptedNames) && isSaid(definition, said)) return undefined
  const accepted = { ...definition, status: { ...definition.status, acceptedNames: names } }
  return withCondition(withCondition(accepted, said, now), installing(definition, said), now)
}

function installing(definition: Definition, { status }: Said): Said {
  const before = conditionOf(definition, 'Established')
  if (before?.status === 'True') {
    const { type, reason = '', message = '' } = before
    return { type, status: 'True', reason, message }
  }
  return status === 'True'
    ? { type: 'Established', status: 'False', reason: 'Installing', message: 'the initial names have been accepted' }
    : { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' }
}

function isSaid(definition: Definition, said: Said): boolean {
  const before = conditionOf(definition, said.type)
  return before?.status === said.status && before.reason === said.reason && before.message === said.message
}

function established({ definition, nowMs }: ObservedDefinition): Definition | undefined {
  if (!isTrue(definition, 'NamesAccepted') || isTrue(definition, 'Established')) return undefined
  const said: Said = {
    type: 'Established',
    status: 'True',
    reason: 'InitialNamesAccepted',
    message: 'the initial names have been accepted',
  }
  return withCondition(definition, said, timestampOf(nowMs))
}

/** Conditions about the definition's own form, which are there only where there is something to say. */
function judged({ definition, nowMs }: ObservedDefinition): Definition | undefined {
  const now = timestampOf(nowMs)
  const errors = structuralErrorsOf(definition)
  const structure: Said = { type: 'NonStructuralSchema', status: 'True', reason: 'Violations', message: errors }
  if (errors === '' && conditionOf(definition, structure.type) !== undefined) {
    return withoutCondition(definition, structure.type)
  }
  if (errors !== '' && !isSaid(definition, structure)) return withCondition(definition, structure, now)
  if (!isProtectedGroup(definition.spec.group)) return undefined
  const approval = approvalCondition(definition)
  return isSaid(definition, approval) ? undefined : withCondition(definition, approval, now)
}

function approvalCondition({ metadata }: Definition): Said {
  const { state, reason: message } = approvalOf(metadata.annotations)
  const reason = {
    invalid: 'InvalidAnnotation',
    missing: 'MissingAnnotation',
    approved: 'ApprovedAnnotation',
    bypassed: 'UnapprovedAnnotation',
  }[state]
  const status = state === 'approved' ? 'True' : 'False'
  return { type: 'KubernetesAPIApprovalPolicyConformant', status, reason, message }
}

function terminating(status: string, reason: string, message: string): Said {
  return { type: 'Terminating', status, reason, message }
}

const inProgress = terminating('True', 'InstanceDeletionInProgress', 'CustomResource deletion is in progress')

function cleanUp(observed: ObservedDefinition): readonly Action[] {
  const { definition, instances, nowMs } = observed
  const now = timestampOf(nowMs)
  const say = (said: Said): readonly Action[] =>
    isSaid(definition, said)
      ? []
      : [updateStatus(kinds.customResourceDefinitions, withCondition(definition, said, now))]
  if (!isTrue(definition, 'Established')) {
    return letGo(definition, terminating('False', 'NeverEstablished', 'resource was never established'), now)
  }
  if (!isSaid(definition, inProgress)) return say(inProgress)
  if (instances?.error !== undefined) {
    const message = `could not list instances: ${instances.error}`
    return [...say(terminating('True', 'InstanceDeletionFailed', message)), requeue(lookAgainMs)]
  }
  const left = instances?.objects ?? []
  const alive = left.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  if (instances !== undefined && alive.length > 0) {
    return [...alive.map((object) => remove(targetOf(instances.kind, object))), requeue(0)]
  }
  if (left.length > 0) return [requeue(lookAgainMs)]
  return letGo(definition, terminating('False', 'InstanceDeletionCompleted', 'removed all instances'), now)
}

function letGo(definition: Definition, said: Said, now: string): readonly Action[] {
  const { finalizers = [], ...metadata } = definition.metadata
  const rest = finalizers.filter((one) => one !== cleanupFinalizer)
  const told = withCondition(definition, said, now)
  return [updateStatus(kinds.customResourceDefinitions, { ...told, metadata: { ...metadata, finalizers: rest } })]
}
