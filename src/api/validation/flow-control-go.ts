/** Flow control's specs as the original's internal types are shown: every field, under its name in Go. */
import type { FlowcontrolV1Subject, FlowSchemaSpec, PriorityLevelConfigurationSpec } from '../kinds.generated.ts'

export function goFlowSchemaSpec({
  priorityLevelConfiguration,
  matchingPrecedence,
  distinguisherMethod,
  rules,
}: FlowSchemaSpec): object {
  return {
    PriorityLevelConfiguration: { Name: priorityLevelConfiguration?.name ?? '' },
    MatchingPrecedence: matchingPrecedence ?? 0,
    DistinguisherMethod: distinguisherMethod === undefined ? null : { Type: distinguisherMethod.type ?? '' },
    Rules:
      rules?.map(({ subjects, resourceRules, nonResourceRules }) => ({
        Subjects: subjects?.map(goSubject) ?? null,
        ResourceRules:
          resourceRules?.map((rule) => ({
            Verbs: rule.verbs ?? null,
            APIGroups: rule.apiGroups ?? null,
            Resources: rule.resources ?? null,
            ClusterScope: rule.clusterScope ?? false,
            Namespaces: rule.namespaces ?? null,
          })) ?? null,
        NonResourceRules:
          nonResourceRules?.map((rule) => ({
            Verbs: rule.verbs ?? null,
            NonResourceURLs: rule.nonResourceURLs ?? null,
          })) ?? null,
      })) ?? null,
  }
}

function goSubject({ kind, user, group, serviceAccount }: FlowcontrolV1Subject): object {
  return {
    Kind: kind ?? '',
    User: user === undefined ? null : { Name: user.name },
    Group: group === undefined ? null : { Name: group.name },
    ServiceAccount:
      serviceAccount === undefined ? null : { Namespace: serviceAccount.namespace, Name: serviceAccount.name },
  }
}

export function goPriorityLevelSpec({ type, limited, exempt }: PriorityLevelConfigurationSpec): object {
  const { limitResponse } = limited ?? {}
  const { queuing } = limitResponse ?? {}
  return {
    Type: type ?? '',
    Limited:
      limited === undefined
        ? null
        : {
            NominalConcurrencyShares: limited.nominalConcurrencyShares ?? 0,
            LimitResponse: {
              Type: limitResponse?.type ?? '',
              Queuing:
                queuing === undefined
                  ? null
                  : {
                      Queues: queuing.queues ?? 0,
                      HandSize: queuing.handSize ?? 0,
                      QueueLengthLimit: queuing.queueLengthLimit ?? 0,
                    },
            },
            LendablePercent: limited.lendablePercent ?? null,
            BorrowingLimitPercent: limited.borrowingLimitPercent ?? null,
          },
    Exempt:
      exempt === undefined
        ? null
        : {
            NominalConcurrencyShares: exempt.nominalConcurrencyShares ?? null,
            LendablePercent: exempt.lendablePercent ?? null,
          },
  }
}
