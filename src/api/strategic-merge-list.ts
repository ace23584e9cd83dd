import { goText, isJsonObject, type JsonObject } from './json-value.ts'
import { checkSameType, identityOf, notMap, orderBy, withoutMergeKey } from './strategic-merge-order.ts'
import { Misfit, type PatchShape } from './strategic-merge-shape.ts'

export type MergeObjects = (current: JsonObject, patch: JsonObject, shape: PatchShape) => JsonObject

/** Merges two lists by their merge key; '' merges scalars as a set. */
export function mergeLists(
  current: readonly unknown[],
  patch: readonly unknown[],
  items: PatchShape,
  mergeKey: string,
  mergeObjects: MergeObjects,
): readonly unknown[] {
  if (current.length === 0 && patch.length === 0) return current
  checkSameType(current, patch)
  if (!isJsonObject(current[0] ?? patch[0])) {
    return orderBy([...new Set([...current, ...patch])], patch, current, '')
  }
  if (mergeKey === '') throw new Misfit('Failed', `cannot merge lists without merge key for ${items.other ?? 'struct'}`)
  const directed = followDirectives(current, patch as readonly JsonObject[], mergeKey)
  const merged = mergeItems(directed.current, directed.patch, items, mergeKey, mergeObjects)
  return orderBy(merged, directed.patch, directed.current, mergeKey)
}

type Both = Readonly<{ current: readonly unknown[]; patch: readonly JsonObject[] }>

/** Obeys items that are directives: {$patch: delete, <key>} deletes, {$patch: replace} puts the rest of the patch in place of the list. */
function followDirectives(current: readonly unknown[], patch: readonly JsonObject[], mergeKey: string): Both {
  const plain = patch.filter((item) => !Object.hasOwn(item, '$patch'))
  let kept = current
  let replace = false
  for (const item of patch) {
    if (!Object.hasOwn(item, '$patch')) continue
    if (item.$patch === 'delete') kept = withoutItem(kept, item, mergeKey)
    else if (item.$patch === 'replace') replace = true
    else if (item.$patch === 'merge') throw new Misfit('Failed', 'merging lists cannot yet be specified in the patch')
    else throw new Misfit('Failed', `unknown patch type: ${goText(item.$patch)} in map: ${goText(item)}`)
  }
  return replace ? { current: plain, patch: [] } : { current: kept, patch: plain }
}

function withoutItem(list: readonly unknown[], directive: JsonObject, mergeKey: string): readonly unknown[] {
  if (!Object.hasOwn(directive, mergeKey)) throw withoutMergeKey(directive, mergeKey)
  return list.filter((item) => !isJsonObject(item) || item[mergeKey] !== directive[mergeKey])
}

function mergeItems(
  current: readonly unknown[],
  patch: readonly JsonObject[],
  items: PatchShape,
  mergeKey: string,
  mergeObjects: MergeObjects,
): readonly unknown[] {
  const merged = [...current]
  for (const item of patch) {
    const identity = identityOf(item, mergeKey)
    const at = merged.findIndex((own) => isJsonObject(own) && own[mergeKey] === identity)
    if (at < 0) {
      merged.push(item)
      continue
    }
    const own = merged[at]
    if (!isJsonObject(own)) throw notMap(own)
    merged[at] = mergeObjects(own, item, items)
  }
  return merged
}

/** What $deleteFromPrimitiveList leaves of a list. */
export function removeScalars(current: readonly unknown[], remove: readonly unknown[]): readonly unknown[] {
  const removed = new Set(remove)
  return current.filter((item) => !removed.has(item))
}
