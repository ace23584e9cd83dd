import { fail, ok, type Result } from '../api/result.ts'
import { checkTypes } from './check-types.ts'
import { type Checked, noStructs, type TypeProvider } from './checker.ts'
import { type Functions, kubernetesFunctions } from './declarations.ts'
import { kubernetesMacros } from './library-macros.ts'
import { literalIssues } from './literal-checks.ts'
import type { Macros } from './macros.ts'
import { parse } from './parser.ts'
import { type Construct, type Program, programOf } from './program.ts'
import { describeIssues, sourceOf } from './source.ts'
import { type CelType, dynType } from './type.ts'
import { CelError } from './value.ts'

/** What expressions of one sort may use: variables, structs and functions. */
export type Environment = Readonly<{
  variables: ReadonlyMap<string, CelType>
  provider: TypeProvider
  functions: Functions
  construct: Construct
  macros: Macros
}>

const nothingToConstruct: Construct = (typeName) => new CelError(`unknown type: ${typeName}`)

/** Everything that Kubernetes gives every expression, with these variables. */
export function environment(
  variables: ReadonlyMap<string, CelType>,
  provider: TypeProvider = noStructs,
  construct: Construct = nothingToConstruct,
  functions: Functions = kubernetesFunctions,
): Environment {
  return { variables, provider, functions, construct, macros: kubernetesMacros }
}

/** The checked expression, or the issues as cel-go shows them. */
export function compile(environment: Environment, text: string): Result<Checked, string> {
  const source = sourceOf(text)
  const parsed = parse(source, environment.macros)
  if (!parsed.ok) return fail(describeIssues(source, parsed.error))
  const checked = checkTypes(parsed.value, environment)
  if (!checked.ok) return fail(describeIssues(source, checked.error))
  const literals = literalIssues(checked.value)
  return literals.length > 0 ? fail(describeIssues(source, literals)) : ok(checked.value)
}

export function outputType({ expr, types }: Checked): CelType {
  return types.get(expr.id) ?? dynType
}

/** Makes the expression ready to run; the error is of what could be computed beforehand. */
export function prepare(environment: Environment, checked: Checked): Result<Program, string> {
  return programOf(checked, environment.functions, environment.construct)
}
