import type { Kind } from '../kinds.ts'
import type { ApiObject } from '../object.ts'
import type { Errors } from './field-error.ts'

/** Which part of an object an update goes to; absent: the object itself. */
export type Subresource = 'status' | 'scale' | 'ephemeralcontainers' | 'resize' | 'finalize' | 'approval'

/** What is wrong with the expression of a device selector: the language is known elsewhere. */
export type SelectorErrors = (field: string, expression: string) => Errors

/** `isOtherVersion`: the request is for another version than the one that is stored. */
type Create<T> = (object: T, isOtherVersion: boolean, selectorErrors: SelectorErrors) => Errors
type Update<T> = (object: T, old: T, isOtherVersion: boolean, selectorErrors: SelectorErrors) => Errors

/** What is checked of one kind. */
export type Rules = Readonly<{
  create: Create<ApiObject>
  update: Update<ApiObject>
  subresources: Readonly<Partial<Record<Subresource, Update<ApiObject>>>>
}>

/** Decoding has given the objects the shape of their kind: here the one type is taken for the other. */
export function rulesOf<T>(
  _kind: Kind<T>,
  create: Create<T>,
  update: Update<T>,
  subresources: Readonly<Partial<Record<Subresource, Update<T>>>> = {},
): Rules {
  return { create, update, subresources } as unknown as Rules
}

export type KindRules = readonly (readonly [Kind, Rules])[]
