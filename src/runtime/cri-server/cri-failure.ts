import { fail, type Result } from '../../api/result.ts'
import type { GrpcCode, GrpcFailure } from '../../ports/grpc.ts'
import type { RuntimeError } from '../pod-runtime.ts'

/** As containerd maps its errors; what it has no class for is 'Unknown'. */
const codes: Readonly<Record<RuntimeError['code'], GrpcCode>> = {
  NotFound: 'NotFound',
  ImageNotFound: 'NotFound',
  AlreadyExists: 'AlreadyExists',
  InvalidArgument: 'InvalidArgument',
  InvalidImageName: 'InvalidArgument',
  ErrImagePull: 'Unknown',
  Failed: 'Unknown',
  NoSpace: 'Unknown',
}

export function refuse(code: GrpcCode, message: string): Result<never, GrpcFailure> {
  return fail({ code, message })
}

/** What the engine refused, after what was tried where it does not say so itself: 'failed to start container "ID"'. */
export function refused({ code, message }: RuntimeError, tried?: string): Result<never, GrpcFailure> {
  return refuse(codes[code], tried === undefined ? message : `${tried}: ${message}`)
}
