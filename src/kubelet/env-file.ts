import type { EnvVarSource } from '../api/kinds.generated.ts'
import { fail, ok, type Result } from '../api/result.ts'
import { type Disk, DiskError } from '../ports/disk.ts'
import type { MountedVolume } from './volumes/pod-volumes.ts'
import { resolveWithin } from './volumes/sub-path.ts'

export type FileKeyRef = NonNullable<EnvVarSource['fileKeyRef']>

/** The value of a key in a file of one of the pod's volumes; undefined where it is optional and not there. */
export async function fileKeyValue(
  disk: Disk,
  volumes: ReadonlyMap<string, MountedVolume>,
  { volumeName = '', path = '', key = '', optional = false }: FileKeyRef,
): Promise<Result<string | undefined, string>> {
  const volume = volumes.get(volumeName)
  if (volume === undefined) return fail(`cannot find the volume ${JSON.stringify(volumeName)} referenced by FileKeyRef`)
  const text = await readWithin(disk, volume.path, path)
  const value = text === undefined ? undefined : parseEnvFile(text, key)
  // What is wrong with it stays here: the file may hold secrets.
  if (value === undefined || !value.ok) return fail("couldn't parse env file")
  if (value.value !== '') return value
  const file = JSON.stringify(`${volume.path}/${path}`)
  return optional ? ok(undefined) : fail(`environment variable key ${JSON.stringify(key)} not found in file ${file}`)
}

/** Containers of the pod may have put links into the volume: they are followed within it only. */
async function readWithin(disk: Disk, root: string, path: string): Promise<string | undefined> {
  try {
    const found = await resolveWithin(disk, root, path, false)
    return found === undefined ? undefined : new TextDecoder().decode(await disk.readFile(found.path))
  } catch (error) {
    if (error instanceof DiskError) return undefined
    throw error
  }
}

/**
 * The value of a key in lines of KEY='value', '' where there is none: the part of a shell's syntax that Kubernetes' EnvFiles allow. A value
 * may go on over several lines. What stands behind the key is not looked at.
 */
export function parseEnvFile(text: string, key: string): Result<string, string> {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''))
  for (let at = 0; at < lines.length; at++) {
    const line = (lines[at] ?? '').replace(/^[ \t]+/, '')
    if (line === '' || line.startsWith('#')) continue
    const bad = (fault: string) => fail(`invalid environment variable format at line ${at + 1}: ${fault}`)
    const equals = line.indexOf('=')
    if (equals < 0) return bad("missing '='")
    const name = line.slice(0, equals)
    if (name.trimEnd() === '') return bad('empty variable name')
    if (/[ \t]$/.test(name)) return bad("whitespace before '=' is not allowed")
    const rest = line.slice(equals + 1)
    // As in a shell: the value is empty, and what follows a word of its own.
    if (/^[ \t]/.test(rest)) {
      if (name === key) return ok('')
      continue
    }
    if (!rest.startsWith("'")) return bad('value must be enclosed in single quotes')
    const begunAt = at
    let value = rest.slice(1)
    while (!value.includes("'")) {
      at += 1
      if (at >= lines.length) {
        return fail(`invalid environment variable format starting at line ${begunAt + 1}: unclosed single quote`)
      }
      value += `\n${lines[at]}`
    }
    const end = value.indexOf("'")
    if (!/^[ \t]*(#|$)/.test(value.slice(end + 1)))
      return fail(`invalid environment variable format at line ${at + 1}: unexpected content after closing quote`)
    if (name === key) return ok(value.slice(0, end))
  }
  return ok('')
}
