import type { ExpressionWarning, JSONSchemaProps, ValidatingAdmissionPolicy } from '../../api/kinds.generated.ts'
import { child, index } from '../../api/validation/field-error.ts'
import { type DeclType, declTypeOf, named, providerOf } from '../decl-type.ts'
import {
  instantiationFailed,
  type PolicyDeclarations,
  policyEnvironment,
  policyExpression,
} from './policy-environment.ts'
import { compileVariables } from './validating-policy.ts'

/** A kind that a policy's expressions may meet, with its schema. */
export type TypedKind = Readonly<{ group: string; version: string; kind: string; schema: JSONSchemaProps }>

/** What the expressions of a policy get wrong about the kinds that they are for. */
export function typeWarnings(
  { spec = {} }: ValidatingAdmissionPolicy,
  typedKinds: readonly TypedKind[],
  params: TypedKind | undefined,
): readonly ExpressionWarning[] {
  const { variables = [], validations = [], paramKind } = spec
  const hasParams = paramKind !== undefined && paramKind !== null
  const paramType = params && declared(params)
  const checked = typedKinds.flatMap((typed) => {
    const object = declared(typed)
    return object === undefined
      ? []
      : [{ shown: `${typed.group}/${typed.version}, Kind=${typed.kind}`, env: env(object) }]
  })
  function env(object: DeclType): ReturnType<typeof policyEnvironment> {
    const known: PolicyDeclarations = {
      hasParams,
      hasAuthorizer: true,
      object: object.type,
      structs: providerOf(paramType === undefined ? [object] : [object, paramType]),
      ...(paramType && { params: paramType.type }),
    }
    return policyEnvironment({ ...known, variables: compileVariables(variables, known).types })
  }
  const warning = (fieldRef: string, text: string): readonly ExpressionWarning[] => {
    const problems = checked.flatMap(({ shown, env }) => {
      const { compiled } = policyExpression(env, text, undefined)
      if (compiled.ok) return []
      const isInternal = compiled.error.startsWith(instantiationFailed)
      const problem = compiled.error.replace(/^compilation failed: /, '')
      return [`${shown}: ${isInternal ? 'type checking error: ' : ''}${problem}\n`]
    })
    return problems.length === 0 ? [] : [{ fieldRef, warning: problems.join('\n') }]
  }
  return validations.flatMap(({ expression, messageExpression = '' }, at) => {
    const field = index('spec.validations', at)
    return [
      ...warning(child(field, 'expression'), expression),
      ...(messageExpression === '' ? [] : warning(child(field, 'messageExpression'), messageExpression)),
    ]
  })
}

function declared({ kind, schema }: TypedKind): DeclType | undefined {
  const decl = declTypeOf(schema, true)
  return decl && named(decl, kind)
}
