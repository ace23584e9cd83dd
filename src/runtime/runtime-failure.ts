import { fail, type Result } from '../api/result.ts'
import { DiskError } from '../ports/disk.ts'
import type { RuntimeError } from './pod-runtime.ts'

export function failed(message: string, code: RuntimeError['code'] = 'Failed'): Result<never, RuntimeError> {
  return fail({ code, message })
}

/** Failures of the disk are outcomes here: a full disk must not end the process. Anything else is a bug, and goes on. */
export async function withinDisk<T>(work: () => Promise<Result<T, RuntimeError>>): Promise<Result<T, RuntimeError>> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof DiskError)) throw error
    return failed(error.message, error.code === 'NoSpace' ? 'NoSpace' : 'Failed')
  }
}
