import type { ApiObject } from '../../api/object.ts'
import type { Refusal } from '../../api/refusal.ts'
import { ok } from '../../api/result.ts'
import type { Admission, Attributes, Eventual, Mutate, Plugin, Validate } from './admission.ts'

/** Each plugin sees what the one before made of the object; the first refusal stands. */
export function admissionChain(plugins: readonly Plugin[]): Admission {
  const mutations = plugins.flatMap(({ mutate }) => mutate ?? [])
  const validations = plugins.flatMap(({ validate }) => validate ?? [])
  return {
    mutate(attributes, object) {
      const first = mutateFrom(mutations, 0, attributes, object)
      if (!(first instanceof Promise)) return first
      return first.then((result) => {
        const isAgain = result.ok && plugins.some((plugin) => plugin.wantsAgain?.(attributes))
        return isAgain ? mutateFrom(mutations, 0, attributes, result.value) : result
      })
    },
    validate: (attributes, object) => validateFrom(validations, 0, attributes, object),
  }
}

function mutateFrom(
  mutations: readonly Mutate[],
  first: number,
  attributes: Attributes,
  object: ApiObject,
): ReturnType<Mutate> {
  let admitted = object
  for (let at = first; at < mutations.length; at++) {
    const result = mutations[at]?.(attributes, admitted) ?? ok(admitted)
    if (result instanceof Promise) {
      return result.then((later) => (later.ok ? mutateFrom(mutations, at + 1, attributes, later.value) : later))
    }
    if (!result.ok) return result
    admitted = result.value
  }
  return ok(admitted)
}

function validateFrom(
  validations: readonly Validate[],
  first: number,
  attributes: Attributes,
  object: ApiObject,
): ReturnType<Validate> {
  for (let at = first; at < validations.length; at++) {
    const refusal = validations[at]?.(attributes, object)
    if (refusal instanceof Promise) {
      return refusal.then((later) => later ?? validateFrom(validations, at + 1, attributes, object))
    }
    if (refusal !== undefined) return refusal
  }
  return undefined
}

/** Both phases at once, for what nothing is stored of, or changed in: deletes, and what runs through an object. */
export function throughBoth(
  { mutate, validate }: Admission,
  attributes: Attributes,
  object: ApiObject,
): Eventual<Refusal | undefined> {
  const mutated = mutate(attributes, object)
  if (!(mutated instanceof Promise)) return mutated.ok ? validate(attributes, mutated.value) : mutated.error
  return mutated.then((later) => (later.ok ? validate(attributes, later.value) : later.error))
}
