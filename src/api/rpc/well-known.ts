import { message } from './message.ts'

/** Of google.protobuf, as storage drivers use them. */
export const timestamp = message('google.protobuf.Timestamp', { seconds: [1, 'int64'], nanos: [2, 'int32'] })
export const boolValue = message('google.protobuf.BoolValue', { value: [1, 'bool'] })
export const int64Value = message('google.protobuf.Int64Value', { value: [1, 'int64'] })
