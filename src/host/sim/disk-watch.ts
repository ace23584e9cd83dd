import type { Clock } from '../../ports/clock.ts'
import type { DiskWatch } from '../../ports/disk.ts'
import { diskError, type FileTree, type Node } from './file-tree.ts'

/** How long it takes until who watches hears of a change. */
const noticeMs = 0.05

export type FolderWatches = Map<Node, Set<() => void>>

/** A tree whose changes of names are told to who watches the folders. */
export function watchedTree(tree: FileTree, watches: FolderWatches): FileTree {
  return {
    ...tree,
    setNames(changes) {
      tree.setNames(changes)
      for (const folder of new Set(changes.map((change) => change.folder)))
        for (const changed of watches.get(folder) ?? []) changed()
    },
  }
}

export function watchFolder(watches: FolderWatches, clock: Clock, folder: Node, changed: () => void): DiskWatch {
  if (folder.type !== 'directory') throw diskError('NotADirectory', '')
  const own = watches.get(folder) ?? new Set()
  const notice = noticed(clock, changed)
  watches.set(folder, own.add(notice))
  return { stop: () => void own.delete(notice) }
}

/** A while after it happened; what happens meanwhile is told along with it. */
function noticed(clock: Clock, changed: () => void): () => void {
  let isUnderWay = false
  return () => {
    if (isUnderWay) return
    isUnderWay = true
    clock.after(noticeMs, () => {
      isUnderWay = false
      changed()
    })
  }
}
