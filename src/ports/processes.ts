import type { Result } from '../api/result.ts'

export type ProcessError = Readonly<{
  /** NotFound: there is no such program. */
  code: 'NotFound' | 'PermissionDenied' | 'Other'
  message: string
}>

export type Program = Readonly<{
  /** The program, found along PATH, and its arguments. */
  argv: readonly string[]
  /** Added to a minimal environment (PATH, LC_ALL=C); nothing else is inherited. */
  env?: Readonly<Record<string, string>>
  workingDirectory?: string
}>

export type RunOptions = Readonly<{
  stdin?: Uint8Array
  /** The program is killed after this time. */
  timeoutMs: number
  /** Of each of stdout and stderr; what goes beyond is read and dropped. */
  outputLimitBytes: number
}>

export type ProcessEnd = Readonly<{
  /** 128 + signal number when a signal ended it, as shells count. */
  exitCode: number
}>

export type RunOutcome = ProcessEnd & Readonly<{ stdout: Uint8Array; stderr: Uint8Array; timedOut: boolean }>

export interface RunningProcess {
  readonly pid: number
  readonly stdout: AsyncIterable<Uint8Array>
  readonly stderr: AsyncIterable<Uint8Array>
  /** Resolves when there is room for more; dropped once the program has closed its end. */
  write(chunk: Uint8Array): Promise<void>
  closeStdin(): void
  /** No error when it has ended. */
  kill(signal: 'SIGTERM' | 'SIGKILL'): void
  /** When the program has ended and its output is closed. */
  readonly ended: Promise<ProcessEnd>
}

/** Programs of the machine. The one place where processes are started. */
export interface Processes {
  /** Runs a short-lived program to its end. */
  run(program: Program, options: RunOptions): Promise<Result<RunOutcome, ProcessError>>
  /** Starts a program that goes on beside us, and ends when its stdin does or when it is killed. Read both of its outputs. */
  start(program: Program): Promise<Result<RunningProcess, ProcessError>>
}
