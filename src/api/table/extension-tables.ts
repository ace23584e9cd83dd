import type {
  APIService,
  CertificateSigningRequest,
  FlowSchema,
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  PriorityLevelConfiguration,
  ResourceClaimTemplate,
  ResourceSlice,
  ResourceV1ResourceClaim,
  ValidatingAdmissionPolicy,
  ValidatingWebhookConfiguration,
} from '../kinds.generated.ts'
import { humanAge, humanDuration } from './human-duration.ts'
import { ageColumn, column, nameColumn, tableSpec } from './table-spec.ts'

export const certificateSigningRequestTable = tableSpec<CertificateSigningRequest>(
  [
    nameColumn,
    ageColumn,
    column('SignerName', 'Who is asked to sign.'),
    column('Requestor', 'Who asks.'),
    column('RequestedDuration', 'How long the certificate shall hold.'),
    column('Condition', 'How far it has come.'),
  ],
  (csr, nowMs) => [
    csr.metadata?.name ?? '',
    humanAge(csr.metadata?.creationTimestamp, nowMs),
    csr.spec.signerName || '<none>',
    csr.spec.username ?? '',
    csr.spec.expirationSeconds === undefined ? '<none>' : humanDuration(csr.spec.expirationSeconds * 1000),
    conditionText(csr),
  ],
)

function conditionText({ status }: CertificateSigningRequest): string {
  const has = (type: string): boolean => (status?.conditions ?? []).some((condition) => condition.type === type)
  const decided = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending'
  const issued = (status?.certificate ?? '') !== ''
  return `${decided}${has('Failed') ? ',Failed' : ''}${issued ? ',Issued' : ''}`
}

export const apiServiceTable = tableSpec<APIService>(
  [
    nameColumn,
    column('Service', 'The Service whose server has it.'),
    column('Available', 'Whether it answers.'),
    ageColumn,
  ],
  ({ metadata, spec, status }, nowMs) => {
    const { service } = spec ?? {}
    const available = (status?.conditions ?? []).find(({ type }) => type === 'Available')
    const isPlain = available?.status === 'True' || (available?.reason ?? '') === ''
    const told = available?.status ?? 'Unknown'
    return [
      metadata?.name ?? '',
      service === undefined ? 'Local' : `${service.namespace}/${service.name}`,
      isPlain ? told : `${told} (${available?.reason})`,
      humanAge(metadata?.creationTimestamp, nowMs),
    ]
  },
)

type PolicySpec = Readonly<{ paramKind?: Readonly<{ apiVersion?: string; kind?: string }> }>

function paramKindText({ paramKind }: PolicySpec): string {
  return paramKind === undefined ? '<unset>' : `${paramKind.apiVersion ?? ''}/${paramKind.kind ?? ''}`
}

const paramKindColumn = column('ParamKind', 'The kind of its parameters.')

export const validatingAdmissionPolicyTable = tableSpec<ValidatingAdmissionPolicy>(
  [nameColumn, column('Validations', 'How many expressions it has.', 'integer'), paramKindColumn, ageColumn],
  ({ metadata, spec }, nowMs) => [
    metadata?.name ?? '',
    (spec?.validations ?? []).length,
    paramKindText(spec ?? {}),
    humanAge(metadata?.creationTimestamp, nowMs),
  ],
)

export const mutatingAdmissionPolicyTable = tableSpec<MutatingAdmissionPolicy>(
  [nameColumn, column('Mutations', 'How many changes it makes.', 'integer'), paramKindColumn, ageColumn],
  ({ metadata, spec }, nowMs) => [
    metadata?.name ?? '',
    (spec?.mutations ?? []).length,
    paramKindText(spec ?? {}),
    humanAge(metadata?.creationTimestamp, nowMs),
  ],
)

/** Of validating and mutating policies. */
export const admissionPolicyBindingTable = tableSpec<MutatingAdmissionPolicyBinding>(
  [nameColumn, column('PolicyName', 'The policy.'), column('ParamRef', 'Its parameters.'), ageColumn],
  ({ metadata, spec }, nowMs) => {
    const { name = '', namespace = '' } = spec?.paramRef ?? {}
    // Whether parameters are in a namespace cannot be told from here.
    const named = `${namespace === '' ? '*' : namespace}/${name}`
    return [
      metadata?.name ?? '',
      spec?.policyName ?? '',
      name === '' ? '<unset>' : named,
      humanAge(metadata?.creationTimestamp, nowMs),
    ]
  },
)

/** Of validating and mutating ones. */
export const webhookConfigurationTable = tableSpec<ValidatingWebhookConfiguration>(
  [nameColumn, column('Webhooks', 'How many webhooks it has.', 'integer'), ageColumn],
  ({ metadata, webhooks }, nowMs) => [
    metadata?.name ?? '',
    (webhooks ?? []).length,
    humanAge(metadata?.creationTimestamp, nowMs),
  ],
)

export const flowSchemaTable = tableSpec<FlowSchema>(
  [
    nameColumn,
    column('PriorityLevel', 'The level that its requests share.'),
    column('MatchingPrecedence', 'Which schema is looked at first.'),
    column('DistinguisherMethod', 'How its requests are told apart.'),
    ageColumn,
    column('MissingPL', 'Whether its level is not there.'),
  ],
  ({ metadata, spec, status }, nowMs) => [
    metadata?.name ?? '',
    spec?.priorityLevelConfiguration?.name ?? '',
    spec?.matchingPrecedence ?? 0,
    spec?.distinguisherMethod?.type ?? '<none>',
    humanAge(metadata?.creationTimestamp, nowMs),
    (status?.conditions ?? []).find(({ type }) => type === 'Dangling')?.status ?? '?',
  ],
)

export const priorityLevelTable = tableSpec<PriorityLevelConfiguration>(
  [
    nameColumn,
    column('Type', 'Limited or Exempt.'),
    column('NominalConcurrencyShares', 'Its part of what the server does at once.'),
    column('Queues', 'How many queues it has.'),
    column('HandSize', 'How many queues a flow is dealt.'),
    column('QueueLengthLimit', 'How long a queue may get.'),
    ageColumn,
  ],
  ({ metadata, spec }, nowMs) => {
    const { queuing } = spec?.limited?.limitResponse ?? {}
    return [
      metadata?.name ?? '',
      spec?.type ?? '',
      spec?.limited?.nominalConcurrencyShares ?? '<none>',
      queuing?.queues ?? '<none>',
      queuing?.handSize ?? '<none>',
      queuing?.queueLengthLimit ?? '<none>',
      humanAge(metadata?.creationTimestamp, nowMs),
    ]
  },
)

export const resourceClaimTable = tableSpec<ResourceV1ResourceClaim>(
  [nameColumn, column('State', 'How far it has come.'), ageColumn],
  ({ metadata, status }, nowMs) => {
    const isDeleted = metadata?.deletionTimestamp !== undefined
    const isReserved = (status?.reservedFor ?? []).length > 0
    const held = status?.allocation === undefined ? [] : ['allocated', ...(isReserved ? ['reserved'] : [])]
    const pending = status?.allocation === undefined && !isDeleted ? ['pending'] : []
    return [
      metadata?.name ?? '',
      [...(isDeleted ? ['deleted'] : []), ...pending, ...held].join(','),
      humanAge(metadata?.creationTimestamp, nowMs),
    ]
  },
)

/** Kinds of which there is nothing more to show: ResourceClaimTemplate, DeviceClass. */
export const namedTable = tableSpec<ResourceClaimTemplate>([nameColumn, ageColumn], ({ metadata }, nowMs) => [
  metadata?.name ?? '',
  humanAge(metadata?.creationTimestamp, nowMs),
])

export const resourceSliceTable = tableSpec<ResourceSlice>(
  [
    nameColumn,
    column('Node', 'The node that has the devices.'),
    column('Driver', 'The driver that tells of them.'),
    column('Pool', 'The pool that they belong to.'),
    ageColumn,
  ],
  ({ metadata, spec }, nowMs) => [
    metadata?.name ?? '',
    spec.nodeName ?? '',
    spec.driver,
    spec.pool.name,
    humanAge(metadata?.creationTimestamp, nowMs),
  ],
)
