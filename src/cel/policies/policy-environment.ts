import { fail, ok, type Result } from '../../api/result.ts'
import type { TypeProvider } from '../checker.ts'
import { type Functions, kubernetesFunctions, parseSignatures } from '../declarations.ts'
import { compile, type Environment, environment, outputType, prepare } from '../environment.ts'
import type { Program } from '../program.ts'
import {
  boolType,
  type CelType,
  dynType,
  intType,
  listOf,
  mapOf,
  sameType,
  stringType,
  structType,
  timestampType,
} from '../type.ts'
import { constructPatch, patchProvider } from './patch-values.ts'

/** What the expressions of admission policies and of webhooks' matchConditions may use. */
export type PolicyDeclarations = Readonly<{
  hasParams: boolean
  hasAuthorizer: boolean
  /** Object{} and JSONPatch{}: for mutations. */
  hasPatches?: boolean
  /** The policy's variables so far, with their types; undefined where there can be none. */
  variables?: ReadonlyMap<string, CelType>
  /** The types of objects and parameters, where they are known. */
  object?: CelType
  params?: CelType
  structs?: TypeProvider
}>

const texts = listOf(stringType)
const textMap = mapOf(stringType, stringType)

/** The structs of `request` and `namespaceObject`. */
const structs: Readonly<Record<string, Readonly<Record<string, CelType>>>> = {
  'kubernetes.GroupVersionKind': { group: stringType, version: stringType, kind: stringType },
  'kubernetes.GroupVersionResource': { group: stringType, version: stringType, resource: stringType },
  'kubernetes.UserInfo': { username: stringType, uid: stringType, groups: texts, extra: mapOf(stringType, texts) },
  'kubernetes.AdmissionRequest': {
    kind: structType('kubernetes.GroupVersionKind'),
    resource: structType('kubernetes.GroupVersionResource'),
    subResource: stringType,
    requestKind: structType('kubernetes.GroupVersionKind'),
    requestResource: structType('kubernetes.GroupVersionResource'),
    requestSubResource: stringType,
    name: stringType,
    namespace: stringType,
    operation: stringType,
    userInfo: structType('kubernetes.UserInfo'),
    dryRun: { kind: 'bool', name: 'bool', params: [] },
    options: dynType,
  },
  'kubernetes.NamespaceSpec': { finalizers: texts },
  'kubernetes.NamespaceCondition': {
    status: stringType,
    type: stringType,
    lastTransitionTime: timestampType,
    message: stringType,
    reason: stringType,
  },
  'kubernetes.NamespaceStatus': {
    conditions: listOf(structType('kubernetes.NamespaceCondition')),
    phase: stringType,
  },
  'kubernetes.NamespaceMetadata': {
    name: stringType,
    generateName: stringType,
    namespace: stringType,
    labels: textMap,
    annotations: textMap,
    UID: stringType,
    creationTimestamp: timestampType,
    deletionGracePeriodSeconds: intType,
    deletionTimestamp: timestampType,
    generation: intType,
    resourceVersion: stringType,
    finalizers: texts,
  },
  'kubernetes.Namespace': {
    metadata: structType('kubernetes.NamespaceMetadata'),
    spec: structType('kubernetes.NamespaceSpec'),
    status: structType('kubernetes.NamespaceStatus'),
  },
}

export const variablesName = 'kubernetes.variables'

const mutationFunctions: Functions = new Map([
  ...kubernetesFunctions,
  ...parseSignatures('jsonpatch.escapeKey string_jsonpatch_escapeKey_string (string) string'),
])

export function policyEnvironment(declared: PolicyDeclarations): Environment {
  const { hasParams, hasAuthorizer, hasPatches = false, variables } = declared
  const object = declared.object ?? dynType
  const known = new Map<string, CelType>([
    ['object', object],
    ['oldObject', object],
    ['namespaceObject', structType('kubernetes.Namespace')],
    ['request', structType('kubernetes.AdmissionRequest')],
  ])
  if (hasParams) known.set('params', declared.params ?? dynType)
  if (hasAuthorizer) {
    known.set('authorizer', structType('kubernetes.authorization.Authorizer'))
    known.set('authorizer.requestResource', structType('kubernetes.authorization.ResourceCheck'))
  }
  if (variables !== undefined) known.set('variables', structType(variablesName))
  const provider = providerWith(variables ?? new Map(), declared.structs, hasPatches)
  if (!hasPatches) return environment(known, provider)
  return environment(known, provider, constructPatch, mutationFunctions)
}

function providerWith(
  variables: ReadonlyMap<string, CelType>,
  more: TypeProvider | undefined,
  hasPatches: boolean,
): TypeProvider {
  const others = [...(more === undefined ? [] : [more]), ...(hasPatches ? [patchProvider] : [])]
  return {
    hasStruct: (name) =>
      name === variablesName || Object.hasOwn(structs, name) || others.some((other) => other.hasStruct(name)),
    fieldType(struct, field) {
      if (struct === variablesName) return variables.get(field)
      const fields = Object.hasOwn(structs, struct) ? structs[struct] : undefined
      if (fields !== undefined) return Object.hasOwn(fields, field) ? fields[field] : undefined
      return others.find((other) => other.hasStruct(struct))?.fieldType(struct, field)
    },
  }
}

/** An expression of a policy, ready to run, or what is wrong with it. */
export type PolicyExpression = Readonly<{ text: string; compiled: Result<Compiled, string> }>
type Compiled = Readonly<{ program: Program; type: CelType }>

/** `returns`: the types that it may come to; undefined for any. */
export function policyExpression(
  env: Environment,
  text: string,
  returns: readonly CelType[] | undefined,
): PolicyExpression {
  return { text, compiled: compilePolicy(env, text, returns) }
}

export const instantiationFailed = 'program instantiation failed'

function compilePolicy(
  env: Environment,
  text: string,
  returns: readonly CelType[] | undefined,
): Result<Compiled, string> {
  const checked = compile(env, text)
  if (!checked.ok) return fail(`compilation failed: ${checked.error}`)
  const type = outputType(checked.value)
  if (returns !== undefined && !returns.some((one) => sameType(type, one, true))) {
    const names = returns.map(typeText)
    const wanted = names.length === 1 ? names[0] : `one of [${names.join(' ')}]`
    return fail(`must evaluate to ${wanted} but got ${typeText(type)}`)
  }
  const program = prepare(env, checked.value)
  if (!program.ok) return fail(`${instantiationFailed}: ${program.error}`)
  return ok({ program: program.value, type })
}

/** A type as Go prints it: by its full name. */
export function typeText({ name, params }: CelType): string {
  return params.length === 0 ? name : `${name}(${params.map(typeText).join(', ')})`
}

/** The type that later expressions see a variable of: structs and the like are not known to them. */
export function variableType(expression: PolicyExpression): CelType {
  return expression.compiled.ok ? simplified(expression.compiled.value.type) : dynType
}

const kept = new Set(['bool', 'bytes', 'double', 'duration', 'int', 'null', 'string', 'timestamp', 'uint'])

function simplified(type: CelType): CelType {
  if (kept.has(type.kind)) return type
  const [first = dynType, second = dynType] = type.params
  if (type.kind === 'list') return listOf(simplified(first))
  return type.kind === 'map' ? mapOf(simplified(first), simplified(second)) : dynType
}

export const condition: readonly CelType[] = [boolType]
