import { ok } from '../../api/result.ts'
import type { Admission, Admit } from './admission.ts'

/** Each plugin sees what the one before made of the object; the first refusal stands. */
export function admissionChain(plugins: readonly Admit[]): Admission {
  return (attributes, object) => {
    let admitted = object
    for (const plugin of plugins) {
      const result = plugin(attributes, admitted)
      if (!result.ok) return result
      admitted = result.value
    }
    return ok(admitted)
  }
}
