import type {
  ObjectMeta,
  PodTemplate,
  ReplicationControllerSpec,
  ReplicationControllerStatus,
} from '../kinds.generated.ts'
import { matchesLabels, selectorFromLabels } from '../label-selector.ts'
import { child, type Errors, forbidden, invalid, nonNegative, notSupported, required } from './field-error.ts'
import { dnsSubdomainErrors, longNameErrors } from './names.ts'
import { validateMetaUpdate, validateNewMeta } from './object-meta.ts'
import { validatePodTemplate } from './pod.ts'
import { above } from './workload.ts'

type Controller = Readonly<{
  metadata?: ObjectMeta
  spec?: ReplicationControllerSpec
  status?: Partial<ReplicationControllerStatus>
}>

export function validateReplicationController({ metadata = {}, spec = {} }: Controller): Errors {
  // The prefix of a generated name is not looked at, the name itself is.
  return [...validateNewMeta({ ...metadata, generateName: '' }, true, longNameErrors), ...validateSpec(spec)]
}

export function validateReplicationControllerUpdate({ metadata = {}, spec = {} }: Controller, old: Controller): Errors {
  return [...validateMetaUpdate(metadata, old.metadata ?? {}), ...validateSpec(spec)]
}

function validateSpec(spec: ReplicationControllerSpec): Errors {
  const { selector = {}, replicas, template } = spec
  const isEmpty = Object.keys(selector).length === 0
  return [
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...(isEmpty ? [required('spec.selector')] : []),
    ...(replicas === undefined ? [required('spec.replicas')] : nonNegative('spec.replicas', replicas)),
    ...validateTemplate('spec.template', template, selector),
  ]
}

function validateTemplate(
  field: string,
  template: ReplicationControllerSpec['template'],
  selector: Readonly<Record<string, string>>,
): Errors {
  if (template === undefined) return [required(field)]
  const { labels } = template.metadata ?? {}
  const { restartPolicy = '', activeDeadlineSeconds } = template.spec ?? {}
  return [
    ...(matchesLabels(selectorFromLabels(selector), labels)
      ? []
      : [invalid(child(field, 'metadata', 'labels'), labels, '`selector` does not match template `labels`')]),
    ...validatePodTemplate(field, template),
    ...(restartPolicy === 'Always'
      ? []
      : [notSupported(child(field, 'spec', 'restartPolicy'), restartPolicy, ['Always'])]),
    ...(activeDeadlineSeconds === undefined
      ? []
      : [
          forbidden(
            child(field, 'spec', 'activeDeadlineSeconds'),
            'activeDeadlineSeconds in ReplicationController is not Supported',
          ),
        ]),
  ]
}

export function validateReplicationControllerStatusUpdate(
  { metadata = {}, status = {} }: Controller,
  old: Controller,
): Errors {
  const { replicas, fullyLabeledReplicas, readyReplicas, availableReplicas } = status
  const counts = { replicas, fullyLabeledReplicas, readyReplicas, availableReplicas }
  return [
    ...validateMetaUpdate(metadata, old.metadata ?? {}),
    ...Object.entries(counts).flatMap(([name, value]) => nonNegative(child('status', name), value)),
    ...nonNegative('status.observedGeneration', status.observedGeneration),
    ...above('status.fullyLabeledReplicas', fullyLabeledReplicas, replicas),
    ...above('status.readyReplicas', readyReplicas, replicas),
    ...above('status.availableReplicas', availableReplicas, replicas),
    ...above('status.availableReplicas', availableReplicas, readyReplicas, 'cannot be greater than readyReplicas'),
  ]
}

export function validateStoredTemplate({ metadata = {}, template = {} }: PodTemplate): Errors {
  return [...validateNewMeta(metadata, true, dnsSubdomainErrors), ...validatePodTemplate('template', template)]
}

export function validateStoredTemplateUpdate({ metadata = {}, template = {} }: PodTemplate, old: PodTemplate): Errors {
  return [...validateMetaUpdate(metadata, old.metadata ?? {}), ...validatePodTemplate('template', template)]
}
