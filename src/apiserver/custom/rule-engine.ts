import { childPath } from '../../api/custom/field-path.ts'
import type { CheckRules, RuleEngine } from '../../api/custom/rule-engine.ts'
import { asRoot, type Structural, structuralOf } from '../../api/custom/structural.ts'
import type { CustomResourceDefinition } from '../../api/kinds.generated.ts'
import { type Kind, kinds } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import { validateDefaults } from '../../api/validation/custom-resource-definition/defaults.ts'
import { validateStructural } from '../../api/validation/custom-resource-definition/structural.ts'
import { child, type Errors, index, keyed } from '../../api/validation/field-error.ts'
import { checkObject, ruleValidator } from '../../cel/rules/rule-validator.ts'
import { validateRules } from '../../cel/rules/validate-rules.ts'

/** The most that the rules of one request may cost together. */
const requestCost = 10_000_000

/** Rules of schemas are expressions of CEL. */
export const ruleEngine: RuleEngine = {
  compile: ({ props }) => compiled(props, true),
  validate: validateRules,
}

function compiled(props: Structural['props'], isRoot: boolean): CheckRules | undefined {
  const validator = ruleValidator(props, isRoot)
  if (validator === undefined) return undefined
  return (path, value, before) => checkObject(validator, path, value, before, { left: requestCost, exhausted: false })
}

/** What is wrong with the rules in a definition, whose schemas are right in all else. */
export function definitionRuleErrors(kind: Kind, object: ApiObject, old?: ApiObject): Errors {
  if (kind !== kinds.customResourceDefinitions) return []
  const { spec } = object as unknown as CustomResourceDefinition
  const before = (old as unknown as CustomResourceDefinition | undefined)?.spec.versions
  const [first] = spec.versions
  const shown = JSON.stringify(first?.schema)
  const isShared = spec.versions.every(({ schema }) => JSON.stringify(schema) === shown)
  const versions = isShared ? spec.versions.slice(0, 1) : spec.versions
  return versions.flatMap(({ name, schema }, at) => {
    const props = schema?.openAPIV3Schema
    if (props === undefined) return []
    const path = child(isShared ? 'spec.validation' : child(index('spec.versions', at), 'schema'), 'openAPIV3Schema')
    if (validateStructural(path, props).length > 0 || validateDefaults(path, props).length > 0) return []
    const had = before?.find((version) => version.name === name)?.schema?.openAPIV3Schema
    return [...defaultErrors(path, asRoot(structuralOf(props)), true), ...validateRules(path, props, had)]
  })
}

/** Defaults keep the rules of their places, for new values as for those that stay. */
function defaultErrors(path: string, schema: Structural, isRoot: boolean): Errors {
  if (!schema.hasDefaults) return []
  const check = schema.default === undefined ? undefined : compiled(schema.props, isRoot || schema.isEmbedded)
  const at = childPath(path, 'default')
  const kept = check?.(at, schema.default, { value: schema.default }) ?? []
  return [
    ...(kept.length > 0 ? kept : (check?.(at, schema.default) ?? [])),
    ...(schema.items === undefined ? [] : defaultErrors(child(path, 'items'), schema.items, false)),
    ...[...schema.properties].flatMap(([name, one]) =>
      defaultErrors(keyed(child(path, 'properties'), name), one, false),
    ),
  ]
}
