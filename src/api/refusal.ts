import type { Status } from './kinds.generated.ts'

/** One field that is wrong, worded as k8s.io/apimachinery field.Error words it. */
export type FieldError = Readonly<{
  /** FieldValueRequired, FieldValueInvalid, FieldValueNotSupported, FieldValueForbidden, FieldValueDuplicate, FieldValueTooLong, FieldValueTypeInvalid … */
  reason: string
  /** 'spec.containers[0].name' */
  field: string
  /** 'Invalid value: "x": must …', without the field in front. */
  message: string
}>

/** Everything the API server can refuse, as values. `statusOf` (status.ts) is the one place that words them for clients. */
export type Refusal =
  | Readonly<{ reason: 'BadRequest'; message: string }>
  | Readonly<{ reason: 'Unauthorized' }>
  | Readonly<{ reason: 'Forbidden'; resource?: string; name?: string; message: string }>
  | Readonly<{ reason: 'NotFound'; group: string; resource: string; name: string }>
  /** A path that names nothing at all: 'the server could not find the requested resource'. */
  | Readonly<{ reason: 'NoSuchPath' }>
  /** `isLeaving`: what is there is on its way out. */
  | Readonly<{ reason: 'AlreadyExists'; group: string; resource: string; name: string; isLeaving?: true }>
  | Readonly<{ reason: 'Conflict'; group: string; resource: string; name: string; message: string }>
  /** Server-side apply: fields that other managers own. */
  | Readonly<{ reason: 'ApplyConflict'; causes: readonly Readonly<{ field: string; message: string }>[] }>
  | Readonly<{ reason: 'Invalid'; group: string; kind: string; name: string; errors: readonly FieldError[] }>
  | Readonly<{ reason: 'MethodNotAllowed'; message: string }>
  | Readonly<{ reason: 'NotAcceptable'; message: string }>
  | Readonly<{ reason: 'UnsupportedMediaType'; message: string }>
  | Readonly<{ reason: 'RequestEntityTooLarge'; message: string }>
  | Readonly<{ reason: 'Expired'; message: string }>
  | Readonly<{ reason: 'Timeout'; message: string; retryAfterSeconds?: number }>
  | Readonly<{ reason: 'TooManyRequests'; message: string; retryAfterSeconds: number }>
  | Readonly<{ reason: 'ServiceUnavailable'; message: string }>
  | Readonly<{ reason: 'InternalError'; message: string }>
  /** A Status that came from elsewhere (a kubelet, another server) and is passed on as it is. */
  | Readonly<{ reason: 'Passed'; status: Status }>
