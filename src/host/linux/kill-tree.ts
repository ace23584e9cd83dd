/** Ends a program with what it started in its session's first process group; one that has ended already is no error. */
export function killTree(pid: number): void {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, 'SIGKILL')
    } catch {
      // It has ended meanwhile, or leads no group.
    }
  }
}
