import type { RunMount } from './run-mount.ts'

/** Where files come from. */
export type SourceRef =
  | Readonly<{ type: 'context' }>
  | Readonly<{ type: 'stage'; index: number }>
  | Readonly<{ type: 'image'; reference: string }>

export type PlannedMount = Omit<RunMount, 'from' | 'target'> &
  Readonly<{
    /** Absolute. */
    target: string
    /** Absent: it begins empty. */
    from?: SourceRef
  }>

export type RunStep = Readonly<{
  type: 'run'
  args: readonly string[]
  env: readonly string[]
  /** Proxies, which neither the image nor the cache knows of. */
  proxyEnv: readonly string[]
  user: string
  workingDir: string
  network: 'default' | 'none' | 'host'
  mounts: readonly PlannedMount[]
  /** The heredoc that is run as a program of its own, in /dev/pipes. */
  script?: Readonly<{ name: string; content: string }>
}>

export type CopyStep = Readonly<{
  type: 'copy'
  isAdd: boolean
  from: SourceRef
  sources: readonly string[]
  files: readonly Readonly<{ name: string; content: string }>[]
  /** Absolute; with a slash at its end it is a folder. */
  destination: string
  chown: string
  chmod: string
  isLink: boolean
  hasParents: boolean
  excludes: readonly string[]
  checksum: string
  unpack?: boolean
}>

export type WorkdirStep = Readonly<{ type: 'workdir'; path: string; user: string }>

/** What makes a layer. */
export type BuildStep = (RunStep | CopyStep | WorkdirStep) &
  Readonly<{
    /** '[build 2/4] RUN make' */
    name: string
    line: number
    /** Which entry of the image's history tells of it. */
    historyIndex: number
  }>
