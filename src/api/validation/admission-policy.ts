import { celReservedWords } from '../cel-words.ts'
import type {
  AuditAnnotation,
  MatchResources,
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  Mutation,
  NamedRuleWithOperations,
  ParamKind,
  ParamRef,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  Validation,
  Variable,
} from '../kinds.generated.ts'
import { labelKeyErrors } from '../label-syntax.ts'
import { validateRuleWithOperations } from './admission-rule.ts'
import {
  child,
  duplicate,
  type Errors,
  forbidden,
  index,
  invalid,
  invalidEach,
  isUnset,
  notSupported,
  required,
} from './field-error.ts'
import { validateLabelSelector } from './labels.ts'
import { validateMatchConditions } from './match-conditions.ts'
import { dns1035LabelErrors, dnsSubdomainErrors, pathSegmentErrors } from './names.ts'
import { validateAnyNewMeta } from './object-meta.ts'

/** Admission policies and their bindings, in all but the expressions themselves. */

const failurePolicies = ['Fail', 'Ignore']
const matchPolicies = ['Equivalent', 'Exact']
const reinvocationPolicies = ['IfNeeded', 'Never']
const validationReasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge']
const validationActions = ['Audit', 'Deny', 'Warn']
const patchTypes = ['ApplyConfiguration', 'JSONPatch']
const mutatedOperations = ['*', 'CONNECT', 'CREATE', 'UPDATE']
const mostAnnotations = 20
const longestAnnotation = 5 * 1024

export function validateValidatingPolicy(policy: ValidatingAdmissionPolicy): Errors {
  const { metadata = {}, spec = {} } = policy
  const { validations = [], auditAnnotations = [] } = spec
  const nothing = 'validations or auditAnnotations must contain at least one item'
  const isEmpty = validations.length === 0 && auditAnnotations.length === 0
  return [
    ...validateAnyNewMeta(metadata, false, dnsSubdomainErrors),
    ...validateCommonSpec(spec),
    ...(isEmpty ? [required('spec.validations', nothing), required('spec.auditAnnotations', nothing)] : []),
    ...validations.flatMap((validation, at) => validateValidation(index('spec.validations', at), validation)),
    ...validateAuditAnnotations('spec.auditAnnotations', metadata.name ?? '', auditAnnotations),
  ]
}

export function validateMutatingPolicy({ metadata = {}, spec = {} }: MutatingAdmissionPolicy): Errors {
  const { mutations = [], reinvocationPolicy = '', matchConstraints } = spec
  const rules = 'spec.matchConstraints.resourceRules'
  return [
    ...validateAnyNewMeta(metadata, false, dnsSubdomainErrors),
    ...validateCommonSpec(spec, validateMutatedOperations(rules, matchConstraints?.resourceRules ?? [])),
    ...(mutations.length === 0 ? [required('spec.mutations', 'mutations must contain at least one item')] : []),
    ...mutations.flatMap((mutation, at) => validateMutation(index('spec.mutations', at), mutation)),
    ...oneOfRequired('spec.reinvocationPolicy', reinvocationPolicy, reinvocationPolicies),
  ]
}

type CommonSpec = Pick<
  NonNullable<ValidatingAdmissionPolicy['spec']>,
  'failurePolicy' | 'paramKind' | 'matchConstraints' | 'matchConditions' | 'variables'
>

function validateCommonSpec(spec: CommonSpec, ofOperations: Errors = []): Errors {
  const { failurePolicy, paramKind, matchConstraints, matchConditions = [], variables = [] } = spec
  const constraints = 'spec.matchConstraints'
  const isBare = !isUnset(matchConstraints) && (matchConstraints.resourceRules ?? []).length === 0
  return [
    ...oneOfRequired('spec.failurePolicy', failurePolicy, failurePolicies),
    ...(isUnset(paramKind) ? [] : validateParamKind('spec.paramKind', paramKind)),
    ...(isUnset(matchConstraints) ? [required(constraints)] : validateMatchResources(constraints, matchConstraints)),
    ...(isBare ? [required(child(constraints, 'resourceRules'))] : []),
    ...ofOperations,
    ...validateMatchConditions('spec.matchConditions', matchConditions),
    ...variables.flatMap((variable, at) => validateVariable(index('spec.variables', at), variable)),
  ]
}

/** Unlike the shared one it tells of the empty value as of an unset one. */
function oneOfRequired(field: string, value: string | undefined, supported: readonly string[]): Errors {
  if (isUnset(value) || value === '') return [required(field)]
  return supported.includes(value) ? [] : [notSupported(field, value, supported)]
}

function validateParamKind(field: string, { apiVersion = '', kind = '' }: ParamKind): Errors {
  const at = child(field, 'kind')
  const kindErrors = dns1035LabelErrors(kind.toLowerCase())
  const mixed = `may have mixed case, but should otherwise match: ${kindErrors.join(',')}`
  return [
    ...validateApiVersion(child(field, 'apiVersion'), apiVersion),
    ...(kind === '' ? [required(at)] : kindErrors.length > 0 ? [invalid(at, kind, mixed)] : []),
  ]
}

function validateApiVersion(field: string, apiVersion: string): Errors {
  if (apiVersion === '') return [required(field)]
  const parts = apiVersion === '/' ? ['', ''] : apiVersion.split('/')
  if (parts.length > 2) return [invalid(field, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)]
  const [group = '', version = ''] = parts.length === 1 ? ['', ...parts] : parts
  const ofGroup = group === '' ? [] : dnsSubdomainErrors(group)
  const ofVersion = dns1035LabelErrors(version)
  return [
    ...(ofGroup.length > 0 ? [invalid(field, group, ofGroup.join(','))] : []),
    ...(version === ''
      ? [invalid(field, apiVersion, 'version must be specified')]
      : ofVersion.length > 0
        ? [invalid(field, version, ofVersion.join(','))]
        : []),
  ]
}

function validateMatchResources(field: string, resources: MatchResources): Errors {
  const { matchPolicy, namespaceSelector, objectSelector, resourceRules = [], excludeResourceRules = [] } = resources
  const namespaces = child(field, 'namespaceSelector')
  const objects = child(field, 'objectSelector')
  return [
    ...oneOfRequired(child(field, 'matchPolicy'), matchPolicy, matchPolicies),
    ...(isUnset(namespaceSelector) ? [required(namespaces)] : validateLabelSelector(namespaces, namespaceSelector)),
    ...(isUnset(objectSelector) ? [required(objects)] : validateLabelSelector(objects, objectSelector)),
    ...validateNamedRules(child(field, 'resourceRules'), resourceRules),
    ...validateNamedRules(child(field, 'excludeResourceRules'), excludeResourceRules),
  ]
}

function validateNamedRules(field: string, rules: readonly NamedRuleWithOperations[]): Errors {
  return rules.flatMap((rule, at) => {
    const names = rule.resourceNames ?? []
    const where = child(index(field, at), 'resourceNames')
    return [
      ...names.flatMap((name, place) => [
        ...invalidEach(index(where, place), name, pathSegmentErrors(name)),
        ...(names.indexOf(name) < place ? [duplicate(index(where, place), name)] : []),
      ]),
      ...validateRuleWithOperations(index(field, at), rule),
    ]
  })
}

/** What goes away cannot be changed. */
function validateMutatedOperations(field: string, rules: readonly NamedRuleWithOperations[]): Errors {
  const wrong = rules.flatMap(({ operations = [] }) => operations.filter((one) => !mutatedOperations.includes(one)))
  return wrong.map((one) => notSupported(child(field, 'operations'), one, mutatedOperations))
}

function validateVariable(field: string, { name = '', expression = '' }: Variable): Errors {
  const at = child(field, 'name')
  const isName = /^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name) && !celReservedWords.has(name)
  return [
    ...(name.trim() === ''
      ? [required(at, 'name is not specified')]
      : isName
        ? []
        : [invalid(at, name, 'must be a valid CEL identifier')]),
    ...(expression.trim() === '' ? [required(child(field, 'expression'), 'expression is not specified')] : []),
  ]
}

function validateValidation(field: string, validation: Validation): Errors {
  const { expression = '', message = '', messageExpression = '', reason } = validation
  const empty = 'must be non-empty if specified'
  const isBlank = (text: string): boolean => text !== '' && text.trim() === ''
  const breaks = /[\n\r]/.test(message.trim())
  return [
    ...(expression.trim() === '' ? [required(child(field, 'expression'), 'expression is not specified')] : []),
    ...(isBlank(messageExpression) ? [invalid(child(field, 'messageExpression'), messageExpression, empty)] : []),
    ...(isBlank(message) ? [invalid(child(field, 'message'), message, empty)] : []),
    ...(breaks ? [invalid(child(field, 'message'), message, 'must not contain line breaks')] : []),
    ...(isUnset(reason) || validationReasons.includes(reason)
      ? []
      : [notSupported(child(field, 'reason'), reason, validationReasons)]),
  ]
}

function validateAuditAnnotations(field: string, policy: string, annotations: readonly AuditAnnotation[]): Errors {
  const tooMany = `must not have more than ${mostAnnotations} auditAnnotations`
  const keys = annotations.map(({ key }) => key)
  return [
    ...(annotations.length > mostAnnotations ? [invalid(field, annotations, tooMany)] : []),
    ...annotations.flatMap(({ key = '', valueExpression = '' }, at) => {
      const where = child(index(field, at), 'key')
      const value = child(index(field, at), 'valueExpression')
      const text = valueExpression.trim()
      const isLong = new TextEncoder().encode(text).length > longestAnnotation
      return [
        ...(policy === ''
          ? [invalid(where, key, 'requires metadata.name be non-empty')]
          : invalidEach(where, `${policy}/${key}`, labelKeyErrors(`${policy}/${key}`))),
        ...(text === '' ? [required(value, 'valueExpression is not specified')] : []),
        ...(isLong ? [required(value, `must not exceed ${longestAnnotation} bytes in length`)] : []),
        ...(keys.indexOf(key) < at ? [duplicate(where, key)] : []),
      ]
    }),
  ]
}

function validateMutation(field: string, mutation: Mutation): Errors {
  const { patchType } = mutation
  const wrongType = oneOfRequired(child(field, 'patchType'), patchType, patchTypes)
  if (wrongType.length > 0) return wrongType
  const [wanted, other] =
    patchType === 'JSONPatch'
      ? (['jsonPatch', 'applyConfiguration'] as const)
      : (['applyConfiguration', 'jsonPatch'] as const)
  const given = mutation[wanted]
  const unwanted = invalid(child(field, other), `{${other}}`, `must not be specified when patchType is ${patchType}`)
  return [
    ...(isUnset(given) ? [required(child(field, wanted), `must be specified when patchType is ${patchType}`)] : []),
    ...(!isUnset(given) && (given.expression ?? '').trim() === ''
      ? [required(child(field, wanted, 'expression'))]
      : []),
    ...(isUnset(mutation[other]) ? [] : [unwanted]),
  ]
}

export function validateValidatingBinding({ metadata = {}, spec }: ValidatingAdmissionPolicyBinding): Errors {
  return [
    ...validateAnyNewMeta(metadata, false, dnsSubdomainErrors),
    ...validateBindingSpec(spec ?? {}),
    ...validateActions('spec.validationActions', spec?.validationActions ?? []),
  ]
}

export function validateMutatingBinding({ metadata = {}, spec }: MutatingAdmissionPolicyBinding): Errors {
  return [
    ...validateAnyNewMeta(metadata, false, dnsSubdomainErrors),
    ...validateBindingSpec(spec ?? {}),
    ...validateMutatedOperations('spec.matchResources.resourceRules', spec?.matchResources?.resourceRules ?? []),
  ]
}

function validateBindingSpec({
  policyName = '',
  paramRef,
  matchResources,
}: Partial<NonNullable<MutatingAdmissionPolicyBinding['spec']>>): Errors {
  return [
    ...(policyName === ''
      ? [required('spec.policyName')]
      : invalidEach('spec.policyName', policyName, dnsSubdomainErrors(policyName))),
    ...(isUnset(paramRef) ? [] : validateParamRef('spec.paramRef', paramRef)),
    ...(isUnset(matchResources) ? [] : validateMatchResources('spec.matchResources', matchResources)),
  ]
}

function validateParamRef(field: string, { name = '', selector, parameterNotFoundAction }: ParamRef): Errors {
  const exclusive = 'name and selector are mutually exclusive'
  const isBoth = name !== '' && !isUnset(selector)
  return [
    ...(name === '' ? [] : invalidEach(child(field, 'name'), name, pathSegmentErrors(name))),
    ...(isBoth ? [forbidden(child(field, 'name'), exclusive)] : []),
    ...(isUnset(selector) ? [] : validateLabelSelector(child(field, 'selector'), selector)),
    ...(isBoth ? [forbidden(child(field, 'selector'), exclusive)] : []),
    ...(name === '' && isUnset(selector) ? [required(field, 'one of name or selector must be specified')] : []),
    ...oneOfRequired(child(field, 'parameterNotFoundAction'), parameterNotFoundAction, ['Deny', 'Allow']),
  ]
}

function validateActions(field: string, actions: readonly string[]): Errors {
  const both =
    'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)'
  return [
    ...actions.flatMap((action, at) => [
      ...(validationActions.includes(action) ? [] : [notSupported(index(field, at), action, validationActions)]),
      ...(actions.indexOf(action) < at ? [duplicate(index(field, at), action)] : []),
    ]),
    ...(actions.includes('Deny') && actions.includes('Warn') ? [invalid(field, actions, both)] : []),
    ...(actions.length === 0 ? [required(field, 'at least one validation action is required')] : []),
  ]
}
