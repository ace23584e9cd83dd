import { goText, isJsonList, isJsonObject, type JsonObject } from './json-value.ts'
import { goType, Misfit } from './strategic-merge-shape.ts'

/** What identifies an item of a merged list: the value of its merge key, or a scalar itself (merge key ''). */
export function identityOf(item: unknown, mergeKey: string): unknown {
  if (mergeKey === '') return item
  if (!isJsonObject(item)) throw notMap(item)
  if (!Object.hasOwn(item, mergeKey)) throw withoutMergeKey(item, mergeKey)
  return item[mergeKey]
}

export function notMap(item: unknown): Misfit {
  return new Misfit('Failed', `expected a map[string]interface {}, but received a ${goType(item)}`)
}

export function withoutMergeKey(item: JsonObject, mergeKey: string): Misfit {
  return new Misfit('Failed', `map: ${goText(item)} does not contain declared merge key: ${mergeKey}`)
}

/**
 * Orders a merged list: items the patch speaks of as the patch has them, the others as the server has them, and between the two the
 * server's order where it knows both; otherwise the patch's item goes first.
 */
export function orderBy(
  merged: readonly unknown[],
  patchOrder: readonly unknown[],
  serverOrder: readonly unknown[],
  mergeKey: string,
): readonly unknown[] {
  const inPatch = ranks(patchOrder, mergeKey)
  const onServer = ranks(serverOrder, mergeKey)
  const patched = merged.filter((item) => inPatch.has(identityOf(item, mergeKey)))
  const others = merged.filter((item) => !inPatch.has(identityOf(item, mergeKey)))
  return interleave(sortByRank(others, onServer, mergeKey), sortByRank(patched, inPatch, mergeKey), onServer, mergeKey)
}

type Ranks = ReadonlyMap<unknown, number>

function ranks(list: readonly unknown[], mergeKey: string): Ranks {
  const found = new Map<unknown, number>()
  list.forEach((item, at) => {
    const identity = identityOf(item, mergeKey)
    if (!found.has(identity)) found.set(identity, at)
  })
  return found
}

function sortByRank(list: readonly unknown[], order: Ranks, mergeKey: string): readonly unknown[] {
  const rank = (item: unknown) => order.get(identityOf(item, mergeKey)) ?? Number.MAX_SAFE_INTEGER
  return [...list].sort((a, b) => rank(a) - rank(b))
}

function interleave(
  others: readonly unknown[],
  patched: readonly unknown[],
  onServer: Ranks,
  mergeKey: string,
): readonly unknown[] {
  const all: unknown[] = []
  let at = 0
  for (const item of patched) {
    const rank = onServer.get(identityOf(item, mergeKey))
    while (at < others.length && isBefore(onServer.get(identityOf(others[at], mergeKey)), rank)) all.push(others[at++])
    all.push(item)
  }
  return [...all, ...others.slice(at)]
}

function isBefore(rank: number | undefined, than: number | undefined): boolean {
  return rank !== undefined && than !== undefined && rank < than
}

/** The items of a patch (deletions apart) must stand in its $setElementOrder list, in that order. */
export function checkAgainstOrder(patch: readonly unknown[], order: readonly unknown[], mergeKey: string): void {
  if (order.length === 0) return
  const items = patch.filter((item) => !(isJsonObject(item) && item.$patch === 'delete'))
  let at = 0
  for (const place of order) {
    while (at < items.length && isDirective(items[at])) at += 1
    if (at < items.length && identityOf(items[at], mergeKey) === identityOf(place, mergeKey)) at += 1
  }
  if (at === items.length) return
  throw new Misfit(
    'Failed',
    `The order in patch list:\n${goText(patch)}\n doesn't match $setElementOrder list:\n${goText(order)}\n`,
  )
}

/** All items must be of one sort, and none a list. */
export function checkSameType(...lists: readonly (readonly unknown[])[]): void {
  const items = lists.flat()
  const first = items[0]
  if (isJsonList(first)) throw new Misfit('Unprocessable', 'lists of lists are not supported')
  if (items.every((item) => goType(item) === goType(first))) return
  throw new Misfit('Failed', `list element types are not identical: ${goText(lists)}`)
}

function isDirective(item: unknown): boolean {
  return isJsonObject(item) && Object.hasOwn(item, '$patch')
}
