/** What the error stream of exec and attach says at the end: a v1 Status. */
export type CommandStatus = Readonly<{
  metadata: Readonly<Record<string, never>>
  status: 'Success' | 'Failure'
  message?: string
  reason?: 'NonZeroExitCode' | 'InternalError'
  details?: Readonly<{ causes: readonly Readonly<{ reason: 'ExitCode'; message: string }>[] }>
  code?: number
}>

export const commandSucceeded: CommandStatus = { metadata: {}, status: 'Success' }

export function exitStatus(command: readonly string[], exitCode: number): CommandStatus {
  if (exitCode === 0) return commandSucceeded
  const detail = `error executing command [${command.join(' ')}], exit code ${exitCode}`
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: ${detail}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  }
}

export function internalError(message: string): CommandStatus {
  return {
    metadata: {},
    status: 'Failure',
    message: `Internal error occurred: ${message}`,
    reason: 'InternalError',
    code: 500,
  }
}
