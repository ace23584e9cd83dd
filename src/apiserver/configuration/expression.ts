import type { Result } from '../../api/result.ts'

/** A compiled CEL expression: its value for these variables, or why there is none. */
export type Expression = (variables: Readonly<Record<string, unknown>>) => Result<unknown, string>

/** What an expression may come to. */
export type ExpressionResult = 'bool' | 'string' | 'list'

/** What configuration files use CEL by: the variables that an expression knows, and what it may come to. */
export type Expressions = (
  text: string,
  variables: readonly string[],
  results: readonly ExpressionResult[],
) => Result<Expression, string>
