import { mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises'
import { assert } from '../../api/assert.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { NamespaceError, NamespaceRequest, Namespaces, PinnedNamespaces } from '../../ports/namespaces.ts'
import type { Processes } from '../../ports/processes.ts'
import { mountPointsUnder } from './mount-table.ts'
import { runScript, type ScriptOutcome } from './run-script.ts'

/** ip and nsenter look here. */
const netnsFolder = '/run/netns'

export type LinuxNamespacesOptions = Readonly<{
  processes: Processes
  /** Where the files of UTS and IPC namespaces stand; not on a shared mount. */
  directory: string
  /** What counts as the host's; absent: this process's own. */
  host?: Pick<PinnedNamespaces, 'netPath' | 'utsPath'>
}>

// Arguments: hostname, then pairs of a path below /proc/sys and a value. Only shell built-ins, so that it costs no process.
const fillScript = `
[ -z "$1" ] || printf %s "$1" > /proc/sys/kernel/hostname || exit 3
shift
while [ $# -gt 0 ]; do printf %s "$2" > "/proc/sys/$1" || { echo "sysctl $1" >&2; exit 4; }; shift 2; done`

/**
 * Makes the folder a shared mount, as `ip netns add` does where it is none. When anybody first called it after us, what is bound in the
 * folder would be bound a second time on top, and the first could not be reached any more to let it go. Argument: the folder.
 */
export const shareScript = `
exec 9< "$1" && flock 9 || exit 1
mount --make-shared "$1" 2> /dev/null || { mount --bind "$1" "$1" && mount --make-shared "$1"; }`

const pinScript = `
net=$1 uts=$2 ipc=$3 script=$4 hostname=$5
shift 5
if [ -z "$net$ipc" ]; then exit 0; fi
if [ -z "$net" ]; then exec unshare --ipc="$ipc" sh -c "$script" sh "" "$@"; fi
unshare --net="$net" --uts="$uts" \${ipc:+"--ipc=$ipc"} sh -c "$script" sh "$hostname" "$@" && exec nsenter --net="$net" ip link set lo up`

// Arguments: files to bind the user, network, UTS and IPC namespace to, first id and how many, then as pinScript. All are made at once by a
// process that waits until they are bound: only from outside can its ids be mapped, and its host be named. Without an answer from it, it could not be made.
const pinUsersScript = `
user=$1 net=$2 uts=$3 ipc=$4 first=$5 count=$6 script=$7 hostname=$8
shift 8
mkfifo "$user-ready" || exit 1
unshare --user --net --uts --ipc sh -c 'echo; exec sleep 60' > "$user-ready" & holder=$!
trap 'kill "$holder" 2> /dev/null; rm -f "$user-ready"' EXIT
read _ < "$user-ready" || exit 1
printf '0 %s %s' "$first" "$count" > "/proc/$holder/uid_map" && printf '0 %s %s' "$first" "$count" > "/proc/$holder/gid_map" || exit 1
for name in user net uts ipc; do
  eval file=\\$$name
  mount --bind "/proc/$holder/ns/$name" "$file" || exit 1
done
nsenter --uts="$uts" sh -c "$script" sh "$hostname" && nsenter --user="$user" --net="$net" --ipc="$ipc" sh -c "$script" sh "" "$@" && nsenter --net="$net" ip link set lo up`

// Arguments: the file to bind the namespace to, the file for the number of its first process and for its program, the user
// namespace or nothing. That process is seen by
// the host's /proc, so it reads its number there; a child whose end it ignores is taken away by the kernel. It bears the name that a pod's
// first process has everywhere, and which nobody looks for who looks for a `sleep`; it stands beside its program, for it may not see the way there.
const pinProcessesScript = `
ns=$1 file=$2 pause=$3 user=$4
ln -sf "$(command -v sleep)" "$pause" || exit 1
mkfifo "$file" && cd "\${pause%/*}" || exit 1
\${user:+nsenter "--user=$user"} unshare --pid --fork sh -c 'read pid _ < /proc/self/stat; trap "" CHLD; echo "$pid"; exec "./$1" infinity > /dev/null' sh "\${pause##*/}" </dev/null >"$file" 2>/dev/null &
read pid < "$file"
rm "$file"
[ -n "$pid" ] || exit 1
echo "$pid" > "$file"
read _ _ _ parent _ < "/proc/$pid/stat"
mount --bind "/proc/$pid/ns/pid" "$ns" || { kill -9 "$pid"; exit 1; }
kill -9 "$parent"`

/** Drives unshare(1), which binds each new namespace to a file. */
export function linuxNamespaces({ processes, directory, host = {} }: LinuxNamespacesOptions): Namespaces {
  const pathsOf = (name: string) => ({
    net: `${netnsFolder}/${name}`,
    uts: `${directory}/${name}.uts`,
    ipc: `${directory}/${name}.ipc`,
    user: `${directory}/${name}.user`,
    pid: `${directory}/${name}.pid`,
  })
  const unpin = async (name: string): Promise<Result<void, NamespaceError>> => {
    const paths = Object.values(pathsOf(checked(name)))
    await endFirstProcess(pathsOf(name).pid)
    const bound = (await Promise.all(paths.map(mountPointsUnder))).flat()
    if (bound.length > 0) {
      const outcome = await runScript(processes, 'umount -l "$@"', bound)
      const left = (await Promise.all(paths.map(mountPointsUnder))).flat()
      if (left.length > 0) return fail(errorOf(outcome))
    }
    await Promise.all(paths.map((path) => rm(path, { force: true })))
    return ok(undefined)
  }
  const pin = async (request: NamespaceRequest): Promise<Result<PinnedNamespaces, NamespaceError>> => {
    const { net, uts, ipc, pid, user } = pathsOf(checked(request.name))
    const { hostNetwork, hostIpc, processes: own, users } = request
    assert(
      users === undefined || !(hostNetwork || hostIpc),
      'who has users of its own shares no namespace with the host',
    )
    // The first file marks what is pinned, even where nothing is bound to it.
    const files = [ipc, ...(hostNetwork ? [] : [uts, net]), ...(own ? [pid] : []), ...(users ? [user] : [])]
    const folder = hostNetwork ? ok(undefined) : await shareFolder(processes)
    if (!folder.ok) return folder
    const made = await makeFiles([directory, netnsFolder], files)
    if (!made.ok) return made
    const outcome = await makeNamespaces(processes, pathsOf(request.name), `${directory}/pause`, request)
    if (succeeded(outcome))
      return ok({
        ...(hostNetwork ? host : { netPath: net, utsPath: uts }),
        ...(hostIpc ? {} : { ipcPath: ipc }),
        ...(own ? { pidPath: pid } : {}),
        ...(users === undefined ? {} : { userPath: user }),
      })
    await unpin(request.name)
    return fail(errorOf(outcome))
  }
  const find = async (name: string): Promise<PinnedNamespaces | undefined> => {
    const { net, uts, ipc, pid, user } = pathsOf(checked(name))
    const isBound = async (path: string): Promise<boolean> => (await mountPointsUnder(path)).includes(path)
    const [hasNet, hasUts, hasIpc, hasPid, hasUser] = await Promise.all([net, uts, ipc, pid, user].map(isBound))
    if (!hasNet || !hasUts) return undefined
    return {
      ...{ netPath: net, utsPath: uts },
      ...(hasIpc ? { ipcPath: ipc } : {}),
      ...(hasPid ? { pidPath: pid } : {}),
      ...(hasUser ? { userPath: user } : {}),
    }
  }
  return { pin, unpin, find, list: (prefix) => listNames(directory, prefix) }
}

async function makeNamespaces(
  processes: Processes,
  { net, uts, ipc, pid, user }: Readonly<Record<'net' | 'uts' | 'ipc' | 'pid' | 'user', string>>,
  pause: string,
  { hostname, hostNetwork, hostIpc, processes: own, users, sysctls }: NamespaceRequest,
): Promise<ScriptOutcome> {
  const settings = Object.entries(sysctls).flatMap(([key, value]) => [sysctlPath(key), value])
  const fill = [fillScript, hostname, ...settings]
  const made =
    users === undefined
      ? await runScript(processes, pinScript, [...(hostNetwork ? ['', ''] : [net, uts]), hostIpc ? '' : ipc, ...fill])
      : await runScript(processes, pinUsersScript, [user, net, uts, ipc, `${users.firstId}`, `${users.count}`, ...fill])
  if (!own || !succeeded(made)) return made
  return runScript(processes, pinProcessesScript, [pid, processFile(pid), pause, users === undefined ? '' : user])
}

async function shareFolder(processes: Processes): Promise<Result<void, NamespaceError>> {
  await mkdir(netnsFolder, { recursive: true })
  if ((await mountPointsUnder(netnsFolder)).includes(netnsFolder)) return ok(undefined)
  const outcome = await runScript(processes, shareScript, [netnsFolder])
  return succeeded(outcome) ? ok(undefined) : fail(errorOf(outcome))
}

function succeeded(outcome: ScriptOutcome): boolean {
  return outcome.type === 'ended' && outcome.exitCode === 0
}

/** Beside the file of a process namespace: its first process, as the host counts. */
function processFile(pidNamespace: string): string {
  return `${pidNamespace}-process`
}

/** With the first process all others of its namespace end. A number that has passed on to another process is left alone. */
async function endFirstProcess(pidNamespace: string): Promise<void> {
  const file = processFile(pidNamespace)
  const pid = Number.parseInt(await readFile(file, 'utf8').catch(() => ''), 10)
  if (Number.isNaN(pid)) return
  const [bound, own] = await Promise.all([inodeOf(pidNamespace), inodeOf(`/proc/${pid}/ns/pid`)])
  if (bound !== undefined && bound === own) process.kill(pid, 'SIGKILL')
  await rm(file, { force: true })
}

async function inodeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ ino }) => ino,
    () => undefined,
  )
}

async function makeFiles(folders: readonly string[], files: readonly string[]): Promise<Result<void, NamespaceError>> {
  const made: string[] = []
  try {
    for (const folder of folders) await mkdir(folder, { recursive: true })
    for (const file of files) {
      await (await open(file, 'wx', 0o444)).close()
      made.push(file)
    }
    return ok(undefined)
  } catch (error) {
    await Promise.all(made.map((file) => rm(file, { force: true })))
    const { code, message } = error as NodeJS.ErrnoException
    return fail({ code: code === 'EEXIST' ? 'Exists' : code === 'EACCES' ? 'PermissionDenied' : 'Other', message })
  }
}

async function listNames(directory: string, prefix: string): Promise<readonly string[]> {
  const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => [])
  const own = (await namesIn(directory)).map((name) => name.replace(/\.(uts|ipc|pid|pid-process|user|user-ready)$/, ''))
  const names = new Set([...own, ...(await namesIn(netnsFolder))])
  return [...names].filter((name) => name.startsWith(prefix)).sort()
}

function sysctlPath(name: string): string {
  if (!/^[\w./-]+$/.test(name) || name.includes('..')) return 'invalid'
  return name.replace(/[./]/g, (c) => (c === '.' ? '/' : '.'))
}

function checked(name: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9-]*$/.test(name)) throw new Error(`assertion failed: ${name} is no name for a namespace`)
  return name
}

function errorOf(outcome: ScriptOutcome): NamespaceError {
  if (outcome.type === 'missing') return { code: 'Unavailable', message: outcome.message }
  if (outcome.type === 'timed-out') return { code: 'Other', message: 'unshare did not end in time' }
  const message = outcome.stderr
  if (outcome.exitCode === 4) return { code: 'InvalidSysctl', message }
  if (/not found/.test(message) && outcome.exitCode === 127) return { code: 'Unavailable', message }
  return { code: /not permitted|denied/i.test(message) ? 'PermissionDenied' : 'Other', message }
}
