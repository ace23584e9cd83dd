import { readFileSync } from 'node:fs'

/**
 * Where each controller is mounted. unified: one hierarchy for all (v2). split: one hierarchy each (v1), and on hybrid machines a
 * v2 hierarchy without controllers of interest beside them.
 */
export type CgroupLayout =
  | Readonly<{ type: 'unified'; root: string }>
  | Readonly<{
      type: 'split'
      /** By controller: cpu, cpuacct, memory, pids … */
      roots: Readonly<Record<string, string>>
      /** Every hierarchy there is, also the named and the v2 ones. */
      all: readonly string[]
      /** The v2 hierarchy of a hybrid machine. */
      unifiedRoot?: string
    }>

export function readCgroupLayout(): CgroupLayout {
  const roots: Record<string, string> = {}
  const all: string[] = []
  let unifiedRoot: string | undefined
  for (const line of readFileSync('/proc/mounts', 'utf8').split('\n')) {
    const [, target = '', type = '', options = ''] = line.split(' ')
    if (type === 'cgroup2' && target === '/sys/fs/cgroup') return { type: 'unified', root: target }
    if (!target.startsWith('/sys/fs/cgroup/') || (type !== 'cgroup' && type !== 'cgroup2')) continue
    all.push(target)
    if (type === 'cgroup2') unifiedRoot = target
    else for (const option of options.split(',')) roots[option] ??= target
  }
  return { type: 'split', roots, all, ...(unifiedRoot === undefined ? {} : { unifiedRoot }) }
}

/** Cgroup paths are absolute, without dots: they name folders that are made and removed as root. */
export function checkedCgroupPath(path: string): string {
  if (!/^(\/[\w.:-]+)+$/.test(path) || /\/\.\.?(\/|$)/.test(path))
    throw new Error(`assertion failed: ${JSON.stringify(path)} is no cgroup path`)
  return path
}

/** The folders that stand for a path. */
export function cgroupFolders(layout: CgroupLayout, path: string): readonly string[] {
  const roots = layout.type === 'unified' ? [layout.root] : layout.all
  return roots.map((root) => root + checkedCgroupPath(path))
}
