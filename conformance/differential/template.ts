/** What earlier steps were answered, parsed where it was JSON. */
export type Known = Readonly<{ namespace: string; answers: readonly unknown[] }>

/**
 * Fills `{{ns}}` (a namespace of the case's own) and `{{N.a.b.0}}` (a field of the answer to step N) in every text of a value.
 * `{{#N.a}}` as a whole text becomes the value itself, not its text.
 */
export function fill(value: unknown, known: Known): unknown {
  if (typeof value === 'string') {
    const whole = /^\{\{#([^}]*)\}\}$/.exec(value)
    return whole === null ? fillText(value, known) : lookUp(whole[1] ?? '', known)
  }
  if (Array.isArray(value)) return value.map((one) => fill(one, known))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [fillText(key, known), fill(one, known)]))
}

export function fillText(text: string, known: Known): string {
  return text.replace(/\{\{([^}]*)\}\}/g, (_, name: string) => {
    const value = lookUp(name, known)
    return typeof value === 'object' ? JSON.stringify(value) : String(value)
  })
}

/** What is missing is told by its own name, so that both sides are asked something and the difference, if any, is seen. */
function lookUp(name: string, { namespace, answers }: Known): unknown {
  if (name === 'ns') return namespace
  const [step, ...path] = name.split('.')
  const value = path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined),
    answers[Number(step)],
  )
  return value ?? `missing-${name}`
}
