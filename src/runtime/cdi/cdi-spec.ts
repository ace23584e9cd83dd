import { fail, ok, type Result } from '../../api/result.ts'
import { parseYamlText } from '../../api/yaml-text.ts'

/** Container Device Interface 1.0: what vendors want containers to have that are given a device of theirs. */
export type ContainerEdits = Readonly<{
  env?: readonly string[]
  deviceNodes?: readonly CdiDeviceNode[]
  mounts?: readonly CdiMount[]
  hooks?: readonly CdiHook[]
  additionalGids?: readonly number[]
}>

export type CdiDeviceNode = Readonly<{
  path: string
  hostPath?: string
  type?: string
  major?: number
  minor?: number
  fileMode?: number
  permissions?: string
  uid?: number
  gid?: number
}>
export type CdiMount = Readonly<{
  hostPath: string
  containerPath: string
  type?: string
  options?: readonly string[]
}>
export type CdiHook = Readonly<{
  /** 'prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop' */
  hookName: string
  path: string
  args?: readonly string[]
  env?: readonly string[]
  timeout?: number
}>

export type CdiSpec = Readonly<{
  /** 'vendor.com/class' */
  kind: string
  containerEdits?: ContainerEdits
  devices: readonly Readonly<{ name: string; containerEdits?: ContainerEdits }>[]
}>

/** A specification file, in JSON or YAML. */
export function parseCdiSpec(text: string): Result<CdiSpec, string> {
  const parsed = parseYamlText(text)
  if (!parsed.ok) return parsed
  const spec = parsed.value.value as Partial<CdiSpec> | null
  if (typeof spec !== 'object' || spec === null) return fail('invalid CDI Spec: no object')
  if (typeof spec.kind !== 'string' || !/^[^/]+\/[^/]+$/.test(spec.kind)) return fail('invalid CDI Spec: invalid kind')
  if (!Array.isArray(spec.devices) || spec.devices.length === 0) return fail('invalid CDI Spec: no devices')
  return ok(spec as CdiSpec)
}

/**
 * The edits that the devices ask for, those of their specification before their own. `folders`: the specifications of each folder, later
 * ones with precedence; a name that a folder has twice is none, as in the vendors' library.
 */
export function editsFor(
  names: readonly string[],
  folders: readonly (readonly CdiSpec[])[],
): Result<readonly ContainerEdits[], string> {
  const edits: ContainerEdits[] = []
  const missing: string[] = []
  const used = new Set<CdiSpec>()
  for (const name of names) {
    const found = find(name, folders)
    if (found === undefined) {
      missing.push(name)
      continue
    }
    const [spec, device] = found
    if (!used.has(spec) && spec.containerEdits !== undefined) edits.push(spec.containerEdits)
    used.add(spec)
    if (device.containerEdits !== undefined) edits.push(device.containerEdits)
  }
  return missing.length === 0
    ? ok(edits)
    : fail(`CDI device injection failed: unresolvable CDI devices ${missing.join(', ')}`)
}

function find(
  qualified: string,
  folders: readonly (readonly CdiSpec[])[],
): readonly [CdiSpec, CdiSpec['devices'][number]] | undefined {
  const [kind, name] = qualified.split('=')
  for (const specs of [...folders].reverse()) {
    const hits = specs
      .filter((spec) => spec.kind === kind)
      .flatMap((spec) => spec.devices.filter((device) => device.name === name).map((device) => [spec, device] as const))
    if (hits.length > 0) return hits.length === 1 ? hits[0] : undefined
  }
  return undefined
}
