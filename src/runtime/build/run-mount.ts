import { fail, ok, type Result } from '../../api/result.ts'

export type RunMountType = 'bind' | 'cache' | 'tmpfs' | 'secret'

/** RUN --mount=…, as BuildKit's frontend/dockerfile/instructions reads it. */
export type RunMount = Readonly<{
  type: RunMountType
  /** A stage or an image; empty: the build's context. */
  from: string
  source: string
  target: string
  isReadOnly: boolean
  /** Of tmpfs; 0: no limit of its own. */
  sizeBytes: number
  /** Of caches and secrets. */
  id: string
  sharing: 'shared' | 'private' | 'locked'
  isRequired: boolean
  /** Of a secret: the variable that holds it. */
  env?: string
  mode?: number
  uid?: number
  gid?: number
}>

export type Expand = (text: string) => Result<string, string>

type Draft = { -readonly [key in keyof RunMount]?: RunMount[key] }

const types = ['bind', 'cache', 'tmpfs', 'secret', 'ssh']

/**
 * Reads a mount. Without `expand`, variables are not known yet: then only what may have none is looked at, and the rest is found when the
 * mount is read again.
 */
export function parseRunMount(text: string, expand: Expand | undefined): Result<RunMount, string> {
  const draft: Draft & { isReadOnlySaid?: boolean } = {}
  for (const field of csvFields(text)) {
    const equals = field.indexOf('=')
    const key = (equals < 0 ? field : field.slice(0, equals)).toLowerCase()
    const raw = equals < 0 ? undefined : field.slice(equals + 1)
    if (expand === undefined) {
      if (key === 'from' && /\$./.test(raw ?? ''))
        return fail("'from' doesn't support variable expansion, define alias stage instead")
      if (key !== 'type' || /\$/.test(raw ?? '')) continue
    }
    const value = raw === undefined || expand === undefined ? ok(raw) : expand(raw)
    if (!value.ok) return value
    const refusal = setField(draft, key, value.value, field)
    if (refusal !== undefined) return fail(refusal)
  }
  return finished(draft, expand !== undefined)
}

/** Fields between commas; quotes hold commas. */
function csvFields(text: string): readonly string[] {
  return (text.match(/(?:^|,)("(?:[^"]|"")*"|[^,]*)/g) ?? []).map((field) =>
    field.replace(/^,/, '').replace(/^"(.*)"$/s, (_, inner: string) => inner.replaceAll('""', '"')),
  )
}

const aliases: Readonly<Record<string, string>> = {
  src: 'source',
  dst: 'target',
  destination: 'target',
  ro: 'readonly',
  rw: 'readwrite',
}

/** Why the field is refused; undefined where it is not. */
function setField(
  draft: Draft & { isReadOnlySaid?: boolean },
  written: string,
  value: string | undefined,
  field: string,
): string | undefined {
  const key = aliases[written] ?? written
  const type = draft.type ?? 'bind'
  const unexpected = `unexpected key '${written}' for mount type '${type}'`
  if (key === 'readonly' || key === 'readwrite' || key === 'required') {
    const flag = booleanOf(value)
    if (flag === undefined) return `invalid value for ${written}: ${value}`
    if (key === 'required') {
      if (type !== 'secret') return unexpected
      draft.isRequired = flag
    } else {
      draft.isReadOnly = key === 'readonly' ? flag : !flag
      draft.isReadOnlySaid = true
    }
    return undefined
  }
  if (value === undefined) return `invalid field '${field}' must be a key=value pair`
  switch (key) {
    case 'type':
      return setType(draft, value.toLowerCase())
    case 'from':
    case 'source':
    case 'target':
    case 'id':
    case 'env':
      draft[key] = value
      return undefined
    case 'sharing':
      if (value !== 'shared' && value !== 'private' && value !== 'locked')
        return `unsupported sharing value ${JSON.stringify(value)}`
      draft.sharing = value
      return undefined
    case 'size': {
      const size = sizeBytesOf(value)
      if (type !== 'tmpfs') return unexpected
      if (size === undefined) return `invalid value for size: ${value}`
      draft.sizeBytes = size
      return undefined
    }
    case 'mode':
    case 'uid':
    case 'gid': {
      if (!(key === 'mode' ? /^[0-7]{1,10}$/ : /^\d{1,10}$/).test(value)) return `invalid value ${value} for ${key}`
      draft[key] = Number.parseInt(value, key === 'mode' ? 8 : 10)
      return undefined
    }
    default:
      return `unexpected key '${written}' in '${field}'`
  }
}

function setType(draft: Draft, type: string): string | undefined {
  if (!types.includes(type)) return `unsupported mount type ${JSON.stringify(type)}`
  if (type === 'ssh') return 'mounts of type ssh are not supported: give the key as a secret'
  draft.type = type as RunMountType
  return undefined
}

function booleanOf(value: string | undefined): boolean | undefined {
  if (value === undefined || /^(?:1|t|true)$/i.test(value)) return true
  return /^(?:0|f|false)$/i.test(value) ? false : undefined
}

/** '64m', '1.5GiB', '1000'. */
export function sizeBytesOf(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?) ?([kmgtp]?)(?:i?b)?$/i.exec(text) ?? []
  if (digits === undefined) return undefined
  return Math.floor(Number(digits) * 1024 ** ['', 'k', 'm', 'g', 't', 'p'].indexOf(unit.toLowerCase()))
}

function finished(draft: Draft & { isReadOnlySaid?: boolean }, isWhole: boolean): Result<RunMount, string> {
  const { type = 'bind', from = '', source = '', target = '', id = '' } = draft
  const mount: RunMount = {
    type,
    from,
    source,
    target,
    id,
    isReadOnly: draft.isReadOnlySaid === true ? (draft.isReadOnly ?? true) : type === 'bind' || type === 'secret',
    sizeBytes: draft.sizeBytes ?? 0,
    sharing: draft.sharing ?? 'shared',
    isRequired: draft.isRequired ?? false,
    ...(draft.env === undefined ? {} : { env: draft.env }),
    ...(draft.mode === undefined ? {} : { mode: draft.mode }),
    ...(draft.uid === undefined ? {} : { uid: draft.uid }),
    ...(draft.gid === undefined ? {} : { gid: draft.gid }),
  }
  const refusal = isWhole ? refusalOf(mount, draft.sharing !== undefined) : undefined
  return refusal === undefined ? ok(mount) : fail(refusal)
}

function refusalOf(mount: RunMount, saysSharing: boolean): string | undefined {
  const { type, from, source, target, id } = mount
  for (const field of ['mode', 'uid', 'gid'] as const)
    if (mount[field] !== undefined && type !== 'secret' && type !== 'cache')
      return `${field} not allowed for ${JSON.stringify(type)} type mounts`
  if (type === 'secret') {
    if (from !== '') return 'secret mount should not have a from'
    if (saysSharing) return 'secret mount should not define sharing'
    if (source === '' && target === '' && id === '') return 'invalid secret mount. one of source, target required'
    if (source !== '' && id !== '') return "both source and id can't be set"
  } else if (saysSharing && type !== 'cache') return `invalid cache sharing set for ${type} mount`
  else if (target === '' || target === '/') return `invalid mount target ${JSON.stringify(target)}`
  return undefined
}
