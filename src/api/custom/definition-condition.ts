import type { CustomResourceDefinition, CustomResourceDefinitionCondition } from '../kinds.generated.ts'

/** Stands for the objects of a definition, which go before it. */
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io'

export type Said = Readonly<{ type: string; status: string; reason: string; message: string }>

export function conditionOf(
  { status }: Pick<CustomResourceDefinition, 'status'>,
  type: string,
): CustomResourceDefinitionCondition | undefined {
  return status?.conditions?.find((condition) => condition.type === type)
}

export function isTrue(definition: Pick<CustomResourceDefinition, 'status'>, type: string): boolean {
  return conditionOf(definition, type)?.status === 'True'
}

/** The definition with the condition; its time changes with its status only. */
export function withCondition<T extends CustomResourceDefinition>(definition: T, said: Said, now: string): T {
  const conditions = definition.status?.conditions ?? []
  const before = conditionOf(definition, said.type)
  const isSameStatus = before?.status === said.status && before.lastTransitionTime !== undefined
  const at = isSameStatus ? before.lastTransitionTime : now
  const condition = { ...before, lastTransitionTime: at, ...said } as CustomResourceDefinitionCondition
  const after =
    before === undefined ? [...conditions, condition] : conditions.map((one) => (one === before ? condition : one))
  return { ...definition, status: { ...definition.status, conditions: after } } as T
}

export function withoutCondition<T extends CustomResourceDefinition>(definition: T, type: string): T {
  const conditions = (definition.status?.conditions ?? []).filter((condition) => condition.type !== type)
  return { ...definition, status: { ...definition.status, conditions } } as T
}
