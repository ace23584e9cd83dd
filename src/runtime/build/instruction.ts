import type { Heredoc } from './heredoc.ts'
import type { Pair } from './instruction-words.ts'

/** A command line: as a list of arguments, or as a line for the shell. */
export type CommandLine = Readonly<{
  /** The arguments; of a line for the shell, the line. */
  args: readonly string[]
  isShell: boolean
}>

export type CopyInstruction = Readonly<{
  type: 'copy' | 'add'
  sources: readonly string[]
  destination: string
  /** Files that stand in the Dockerfile itself. */
  heredocs: readonly Heredoc[]
  /** COPY: a stage, by name or number, or an image; empty: the build's context. */
  from: string
  chown: string
  chmod: string
  isLink: boolean
  /** COPY: the sources' folders are made too. */
  hasParents: boolean
  excludes: readonly string[]
  /** ADD: of what is fetched. */
  checksum: string
  /** ADD: whether archives are unpacked; absent: local ones only. */
  unpack?: boolean
}>

export type RunInstruction = Readonly<{
  type: 'run'
  command: CommandLine
  heredocs: readonly Heredoc[]
  /** Values of --mount, to be expanded when the build is planned. */
  mounts: readonly string[]
  network: 'default' | 'none' | 'host'
}>

/** HEALTHCHECK as the image's configuration keeps it; times in nanoseconds. */
export type Healthcheck = Readonly<{
  Test: readonly string[]
  Interval?: number
  Timeout?: number
  StartPeriod?: number
  StartInterval?: number
  Retries?: number
}>

export type InstructionBody =
  | Readonly<{ type: 'arg'; args: readonly Readonly<{ name: string; value?: string }>[] }>
  | Readonly<{ type: 'env' | 'label'; pairs: readonly Pair[] }>
  | Readonly<{ type: 'maintainer'; name: string }>
  | CopyInstruction
  | RunInstruction
  | Readonly<{ type: 'cmd' | 'entrypoint'; command: CommandLine }>
  | Readonly<{ type: 'shell'; args: readonly string[] }>
  | Readonly<{ type: 'workdir'; path: string }>
  | Readonly<{ type: 'user'; user: string }>
  | Readonly<{ type: 'volume'; paths: readonly string[] }>
  | Readonly<{ type: 'expose'; ports: readonly string[] }>
  | Readonly<{ type: 'stopsignal'; signal: string }>
  | Readonly<{ type: 'healthcheck'; check: Healthcheck }>
  /** The instruction that a build on top of this image is to begin with. */
  | Readonly<{ type: 'onbuild'; trigger: string }>

export type Instruction = InstructionBody &
  Readonly<{
    line: number
    /** As written, for those who watch. */
    text: string
  }>

export type Stage = Readonly<{
  /** In lower case; empty: it has none. */
  name: string
  /** A stage, an image or 'scratch', yet with its variables. */
  base: string
  platform: string
  instructions: readonly Instruction[]
  line: number
}>

export type Dockerfile = Readonly<{
  /** ARGs before the first FROM. */
  globalArgs: readonly Extract<Instruction, { type: 'arg' }>[]
  stages: readonly Stage[]
  escapeToken: string
}>
