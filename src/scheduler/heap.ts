/** A binary heap: the first in order comes out first. */
export interface Heap<T> {
  push(item: T): void
  pop(): T | undefined
  peek(): T | undefined
  size(): number
}

export function makeHeap<T>(comesBefore: (a: T, b: T) => boolean): Heap<T> {
  const items: T[] = []
  const push = (item: T): void => {
    let at = items.push(item) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = items[parent]
      if (above === undefined || !comesBefore(item, above)) break
      items[at] = above
      at = parent
    }
    items[at] = item
  }
  const pop = (): T | undefined => {
    const first = items[0]
    const last = items.pop()
    if (last !== undefined && items.length > 0) sink(last)
    return first
  }
  const sink = (item: T): void => {
    let at = 0
    for (;;) {
      const left = items[2 * at + 1]
      const right = items[2 * at + 2]
      const child = left !== undefined && right !== undefined && comesBefore(right, left) ? right : left
      if (child === undefined || !comesBefore(child, item)) break
      items[at] = child
      at = child === left ? 2 * at + 1 : 2 * at + 2
    }
    items[at] = item
  }
  return { push, pop, peek: () => items[0], size: () => items.length }
}
