import type { JSONSchemaProps } from '../kinds.generated.ts'
import type { Errors } from '../validation/field-error.ts'
import type { Structural } from './structural.ts'

/**
 * Checks an object against the rules (x-kubernetes-validations) of its schema. `before` is what it was, for transition rules and for
 * ratcheting; absent for a new object.
 */
export type CheckRules = (path: string, object: unknown, before?: Readonly<{ value: unknown }>) => Errors

/** Where rules that are expressions are compiled and run. Synchronous and pure: what it costs is bounded by their estimated cost. */
export type RuleEngine = Readonly<{
  /** Once for each version of a definition; undefined where its schema has no rules. */
  compile(schema: Structural): CheckRules | undefined
  /**
   * What is wrong with the rules of a schema in a definition: called where everything else about the schema is right. `path` is the
   * schema's; `before` the schema that the version had.
   */
  validate(path: string, schema: JSONSchemaProps, before: JSONSchemaProps | undefined): Errors
}>
