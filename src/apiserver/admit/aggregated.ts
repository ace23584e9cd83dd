/** Several errors as one: repeated ones once, more than one in brackets. apimachinery's Aggregate. */
export function aggregated(errors: readonly string[]): string {
  const distinct = [...new Set(errors)]
  return distinct.length === 1 ? (distinct[0] ?? '') : `[${distinct.join(', ')}]`
}
