import type { Pod, RuntimeClass, Toleration } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { sameValue } from '../../api/validation/field-error.ts'
import type { Store } from '../../store/store.ts'
import { storeKey } from '../resource.ts'
import { type Attributes, isNewPod, type Plugin } from './admission.ts'
import { forbidden } from './forbidden.ts'

type Spec = NonNullable<Pod['spec']>

const mismatch = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"

/** A pod takes on what its runtime costs, and goes only where its runtime is (plugin RuntimeClass). */
export function runtimeClassOfPods(store: Store): Plugin {
  return {
    mutate(attributes, object) {
      if (!isNewPod(attributes)) return ok(object)
      const found = classOf(store, attributes, object)
      if (!found.ok) return found
      if (found.value === undefined) return ok(object)
      const { spec = { containers: [] } } = object as Pod
      const changed = withScheduling(withOverhead(spec, found.value), found.value)
      return changed.ok
        ? ok({ ...object, spec: changed.value } as ApiObject)
        : fail(forbidden(attributes, changed.error, object))
    },
    validate(attributes, object) {
      if (!isNewPod(attributes)) return undefined
      const found = classOf(store, attributes, object)
      if (!found.ok) return found.error
      const overhead = (object as Pod).spec?.overhead
      const fixed = found.value?.overhead
      if (fixed !== undefined) {
        return sameValue(fixed.podFixed, overhead) ? undefined : forbidden(attributes, mismatch, object)
      }
      const without = 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead'
      return overhead === undefined ? undefined : forbidden(attributes, without, object)
    },
  }
}

function classOf(store: Store, attributes: Attributes, object: ApiObject): Result<RuntimeClass | undefined, Refusal> {
  const name = (object as Pod).spec?.runtimeClassName
  if (name === undefined) return ok(undefined)
  const found = store.get(storeKey(kinds.runtimeClasses, '', name))?.object as RuntimeClass | undefined
  if (found !== undefined) return ok(found)
  return fail(forbidden(attributes, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`, object))
}

function withOverhead(spec: Spec, { overhead }: RuntimeClass): Result<Spec, string> {
  if (overhead === undefined) return ok(spec)
  const isStated = Object.keys(spec.overhead ?? {}).length > 0
  if (isStated && !sameValue(overhead.podFixed, spec.overhead)) return fail(mismatch)
  return ok({ ...spec, ...(overhead.podFixed && { overhead: overhead.podFixed }) })
}

function withScheduling(given: Result<Spec, string>, { scheduling }: RuntimeClass): Result<Spec, string> {
  if (!given.ok || scheduling === undefined) return given
  const spec = given.value
  const wanted = Object.entries(scheduling.nodeSelector ?? {})
  const clash = wanted.find(([key, value]) => (spec.nodeSelector?.[key] ?? value) !== value)
  if (clash !== undefined) {
    const [key, value] = clash
    const ofPod = `pod.spec.nodeSelector[${key}] = ${spec.nodeSelector?.[key]}`
    return fail(`conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; ${ofPod}`)
  }
  const nodeSelector = { ...spec.nodeSelector, ...scheduling.nodeSelector }
  const tolerations = mergedTolerations([...(spec.tolerations ?? []), ...(scheduling.tolerations ?? [])])
  return ok({
    ...spec,
    ...(Object.keys(nodeSelector).length === 0 ? {} : { nodeSelector }),
    ...(tolerations.length === 0 ? {} : { tolerations }),
  })
}

/** Without those that another one covers; of equal ones the first stays. */
export function mergedTolerations(all: readonly Toleration[]): readonly Toleration[] {
  const merged: Toleration[] = []
  all.forEach((one, at) => {
    const isCovered =
      merged.some((kept) => covers(kept, one)) ||
      all.slice(at + 1).some((later) => !sameValue(one, later) && covers(later, one))
    if (!isCovered) merged.push(one)
  })
  return merged
}

function covers(wide: Toleration, narrow: Toleration): boolean {
  if (sameValue(wide, narrow)) return true
  const isAnyKey = (wide.key ?? '') === '' && wide.operator === 'Exists'
  if ((wide.key ?? '') !== (narrow.key ?? '') && !isAnyKey) return false
  if ((wide.effect ?? '') !== (narrow.effect ?? '') && (wide.effect ?? '') !== '') return false
  if (wide.effect === 'NoExecute' && !lastsAsLong(wide, narrow)) return false
  switch (wide.operator ?? '') {
    case '':
    case 'Equal':
      return narrow.operator === 'Equal' && (wide.value ?? '') === (narrow.value ?? '')
    case 'Exists':
      return true
    default:
      return false
  }
}

function lastsAsLong({ tolerationSeconds: wide }: Toleration, { tolerationSeconds: narrow }: Toleration): boolean {
  if (wide === undefined) return true
  return narrow !== undefined && wide >= narrow
}
