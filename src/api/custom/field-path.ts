/** 'spec.list[0].name': how unknown and repeated fields are named. */
export function childPath(parent: string, step: string | number): string {
  if (typeof step === 'number') return `${parent}[${step}]`
  return parent === '' ? step : `${parent}.${step}`
}
