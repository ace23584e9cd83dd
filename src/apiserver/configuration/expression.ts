import { fail, type Result } from '../../api/result.ts'

/** A compiled CEL expression: its value for these variables, or why there is none. */
export type Expression = (variables: Readonly<Record<string, unknown>>) => Result<unknown, string>

/** What configuration files use CEL by. */
export type Expressions = (text: string, variables: readonly string[]) => Result<Expression, string>

export const noExpressions: Expressions = () => fail('CEL expressions are not supported here')
