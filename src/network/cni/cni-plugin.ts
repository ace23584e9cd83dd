import { type Disk, DiskError } from '../../ports/disk.ts'
import type { RuntimeConfiguration } from '../../runtime/cri/cri-status.ts'

export type CniPlugin = Readonly<{
  /** Of the cluster. */
  name: string
  /** Where the cluster answers. */
  socketPath: string
  /** A folder of ours that remembers what was put where. */
  directory: string
}>

const configured = /\.(conf|conflist|json)$/

/**
 * Makes the runtime ask this cluster's pod network for each pod's. Where somebody else has configured one, that one stays: its files are
 * the answer, and nothing is done.
 */
export async function placeCniPlugin(
  disk: Disk,
  plugin: CniPlugin,
  folders: RuntimeConfiguration['network'],
): Promise<readonly string[]> {
  const { name, directory } = plugin
  const paths = {
    program: `${folders.programs}/coracle-${name}`,
    configuration: `${folders.configuration}/10-coracle-${name}.conflist`,
  }
  const others = (await namesIn(disk, folders.configuration)).filter(
    (file) => configured.test(file) && `${folders.configuration}/${file}` !== paths.configuration,
  )
  if (others.length > 0) return others
  const text = new TextEncoder()
  await disk.makeDirectory(directory)
  await disk.writeFile(placedPath(directory), text.encode(JSON.stringify(Object.values(paths))))
  await disk.makeDirectory(folders.programs)
  await disk.writeFile(paths.program, text.encode(program(plugin)), { mode: 0o755 })
  await disk.setMode(paths.program, 0o755)
  await disk.makeDirectory(folders.configuration)
  // The last: the runtime watches for it.
  await disk.writeFile(paths.configuration, text.encode(configuration(name)), { mode: 0o644 })
  return []
}

export function isCniPluginPlaced(disk: Disk, { directory }: Pick<CniPlugin, 'directory'>): Promise<boolean> {
  return disk.exists(placedPath(directory))
}

/** Takes away what was put into the runtime's folders; no error when there is nothing. */
export async function removeCniPlugin(disk: Disk, { directory }: Pick<CniPlugin, 'directory'>): Promise<void> {
  if (!(await isCniPluginPlaced(disk, { directory }))) return
  const paths = JSON.parse(new TextDecoder().decode(await disk.readFile(placedPath(directory)))) as readonly string[]
  for (const path of paths) await disk.remove(path)
  await disk.remove(placedPath(directory))
}

function placedPath(directory: string): string {
  return `${directory}/placed.json`
}

async function namesIn(disk: Disk, folder: string): Promise<readonly string[]> {
  try {
    return await disk.list(folder)
  } catch (error) {
    if (error instanceof DiskError && error.code === 'NotFound') return []
    throw error
  }
}

function configuration(name: string): string {
  const plugin = { type: `coracle-${name}`, capabilities: { portMappings: true } }
  return `${JSON.stringify({ cniVersion: '1.0.0', name: `coracle-${name}`, plugins: [plugin] }, null, 2)}\n`
}

/**
 * A runtime starts it for each pod that comes and goes: a shell and socat are up and gone before anything larger would be up. What it is
 * asked goes to the cluster as it came; what it does not get from there is an error that says to try again. It may not close its half of
 * the connection: HTTP takes that for a caller who has left.
 */
function program({ name, socketPath }: CniPlugin): string {
  return `#!/bin/sh
# The pod network of the cluster "${name}", as a CNI plugin: the cluster's process does what is asked.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL=C
if [ "$CNI_COMMAND" = VERSION ]; then
  echo '{"cniVersion":"1.0.0","supportedVersions":["0.4.0","1.0.0"]}'
  exit 0
fi
config=$(cat)
answer=$(printf 'POST /%s HTTP/1.0\\r\\ncni-containerid: %s\\r\\ncni-netns: %s\\r\\ncni-ifname: %s\\r\\ncontent-length: %d\\r\\n\\r\\n%s' \\
  "$CNI_COMMAND" "$CNI_CONTAINERID" "$CNI_NETNS" "$CNI_IFNAME" "\${#config}" "$config" |
  socat -t 120 - 'UNIX-CONNECT:${socketPath},shut-none' 2>&1)
case "$answer" in
  'HTTP/1.1 200 '*) code=0 ;;
  'HTTP/1.1 '*) code=1 ;;
  *)
    echo '{"cniVersion":"1.0.0","code":11,"msg":"the process of the cluster \\"${name}\\" does not answer"}'
    exit 1
    ;;
esac
printf '%s\\n' "$answer" | sed '1,/^\\r*$/d'
exit $code
`
}
