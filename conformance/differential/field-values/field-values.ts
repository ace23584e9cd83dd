import type { kinds } from '../../../src/api/kinds.ts'
import { accessValues } from './access.ts'
import { admissionValues } from './admission.ts'
import { devicesValues } from './devices.ts'
import { networkValues } from './network.ts'
import { storageValues } from './storage.ts'
import { workloadsValues } from './workloads.ts'

/** Paths of fields, with values for each. `undefined` takes the field away. */
export type FieldValues = Readonly<Record<string, readonly unknown[]>>

export type KindValues = Readonly<Partial<Record<keyof typeof kinds, FieldValues>>>

/** Values for single fields of the samples, right ones and wrong ones. */
export const fieldValues: KindValues = {
  ...storageValues,
  ...networkValues,
  ...devicesValues,
  ...admissionValues,
  ...workloadsValues,
  ...accessValues,
}
