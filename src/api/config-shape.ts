/** The form of a configuration file, as data: what is not said here is a mistake in the file. */
export type Shape =
  | 'string'
  | 'number'
  | 'boolean'
  | 'any'
  | Readonly<{ list: Shape }>
  | Readonly<{ map: Shape }>
  | Readonly<{ fields: Readonly<Record<string, Shape>> }>

export function list(of: Shape): Shape {
  return { list: of }
}

export function fields(shapes: Readonly<Record<string, Shape>>): Shape {
  return { fields: shapes }
}

/** What is wrong with the value, each with its path; what is absent or null is not. */
export function shapeFaults(shape: Shape, value: unknown, path = ''): readonly string[] {
  if (value === undefined || value === null || shape === 'any') return []
  if (typeof shape === 'string') {
    return typeof value === shape ? [] : [`${path}: must be a ${shape}, not ${JSON.stringify(value)}`]
  }
  if ('list' in shape) {
    if (!Array.isArray(value)) return [`${path}: must be a list`]
    return value.flatMap((one, at) => shapeFaults(shape.list, one, `${path}[${at}]`))
  }
  if (typeof value !== 'object' || Array.isArray(value))
    return [`${path === '' ? 'the file' : path}: must be an object`]
  const inside = (key: string): string => (path === '' ? key : `${path}.${key}`)
  return Object.entries(value).flatMap(([key, one]) => {
    if ('map' in shape) return shapeFaults(shape.map, one, inside(key))
    const known = shape.fields[key]
    return known === undefined ? [`unknown field "${inside(key)}"`] : shapeFaults(known, one, inside(key))
  })
}
