import type { Kind } from '../kinds.ts'
import type { ApiObject } from '../object.ts'
import { ok } from '../result.ts'
import type { Versioning } from '../versioning.ts'

type Convert = (object: ApiObject) => ApiObject

/** A version of a kind of Kubernetes' own, made of and into the version that is stored by pure functions. */
export function versionOf(stored: Kind, toStored: Convert, fromStored: Convert): Versioning {
  return {
    stored,
    judgedAs: 'stored',
    fromStored: (objects) => ok(objects.map(fromStored)),
    toStored: (objects) => ok(objects.map(toStored)),
  }
}
