import type { ContainerStart } from '../../ports/containers.ts'

/** What a simulated container does. Everything absent: it runs for ever, and ends at SIGTERM. */
export type Workload = Readonly<{
  /** The runtime refuses to start it, with this message. */
  refusal?: string
  /** How long it runs; absent: for ever. */
  runsForMs?: number
  /** With which it ends by itself; 0 by default. */
  exitCode?: number
  oomKilled?: boolean
  /** It also crashes (exit code 1) at a random moment, after this long on average. */
  crashesAfterMs?: number
  /** How long it takes to end at SIGTERM; 'ignored' waits for SIGKILL. Default 100. */
  termination?: number | 'ignored'
  /** Lines of its log, written when it starts. */
  output?: readonly string[]
  /** What a command run in it does. Default: it succeeds at once, without output. */
  exec?: (args: readonly string[]) => Readonly<{ exitCode: number; stdout?: string; stderr?: string; takesMs?: number }>
}>

/** Chooses by the container's image (annotation io.kubernetes.cri.image-name) and arguments. */
export type Workloads = (start: ContainerStart) => Workload
