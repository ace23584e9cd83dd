import { fail, ok, type Result } from '../../api/result.ts'
import type { MountError, MountRequest, Mounts } from '../../ports/mounts.ts'
import type { Processes } from '../../ports/processes.ts'
import { mountPointsUnder } from './mount-table.ts'
import { runScript, type ScriptOutcome } from './run-script.ts'

/** mount(2) copies one page of options and silently drops the rest. */
const optionsLimitBytes = 4095

// mount(8) can do this since 2.39; perl is in every Debian. Arguments: source, target, user namespace. The numbers are those of open_tree,
// mount_setattr and move_mount on every architecture that has the kernel's common table.
const idmapProgram = `
my ($source, $target, $users) = @ARGV; my $here = "";
open(my $namespace, "<", $users) or die "$users: $!\\n";
my $tree = syscall(428, -100, $source, 1 | 02000000);
die "cannot clone the mount of $source: $!\\n" if $tree < 0;
my $attributes = pack("QQQQ", 0x00100000, 0, 0, fileno($namespace));
syscall(442, $tree, $here, 0x1000, $attributes, 32) == 0 or die "cannot map the owners of $source: $!\\n";
syscall(429, $tree, $here, -100, $target, 4) == 0 or die "$target: $!\\n";`

// Arguments come as: type, options, source, target, folder to stand in. A failure tells how many were mounted before.
const mountScript = `
done_=0
while [ $# -gt 0 ]; do
  if [ "$1" = bind ]; then
    cd "$5" && mount --rbind "$3" "$4" && { [ "$2" = rw ] || mount -o remount,bind,ro "$4" || { umount "$4"; false; }; }
  elif [ "$1" = shared ]; then
    mount --rbind "$4" "$4" && mount --make-rshared "$4"
  elif [ "$1" = idmapped ]; then
    perl -e '${idmapProgram}' "$3" "$4" "$2"
  else
    cd "$5" && mount -t "$1" -o "$2" "$3" "$4"
  fi || { echo "$done_"; exit 32; }
  done_=$((done_ + 1))
  shift 5
done`

// A busy mount is detached: it goes when its last user does.
const unmountScript = `
for target; do umount "$target" 2>/dev/null || umount -l "$target" || failed=1; done
[ -z "$failed" ]`

/** Drives mount(8): one process for any number of mounts. */
export function linuxMounts({ processes }: Readonly<{ processes: Processes }>): Mounts {
  return {
    async mount(requests) {
      if (requests.length === 0) return ok(undefined)
      const args: string[] = []
      for (const request of requests) {
        const [type, options, source, folder] = argumentsOf(request)
        if (options.length > optionsLimitBytes)
          return fail({ code: 'TooLong', message: `${options.length} bytes of options are more than mount takes` })
        args.push(type, options, source, request.target, folder)
      }
      const outcome = await runScript(processes, mountScript, args)
      if (outcome.type === 'ended' && outcome.exitCode !== 0) {
        const done = requests.slice(0, Number.parseInt(outcome.stdout, 10) || 0).map(({ target }) => target)
        await runScript(processes, 'for target; do umount -l "$target"; done', done.reverse())
      }
      return resultOf(outcome)
    },
    async unmount(targets) {
      const points = (await Promise.all(targets.map(mountPointsUnder))).flat()
      if (points.length === 0) return ok(undefined)
      const outcome = resultOf(await runScript(processes, unmountScript, points))
      const left = (await Promise.all(targets.map(mountPointsUnder))).flat()
      return left.length === 0 ? ok(undefined) : outcome
    },
    list: mountPointsUnder,
  }
}

function argumentsOf(request: MountRequest): readonly [string, string, string, string] {
  switch (request.type) {
    case 'overlay': {
      const { lower, upper, work, lowerDirectory } = request
      return ['overlay', `lowerdir=${lower.join(':')},upperdir=${upper},workdir=${work}`, 'overlay', lowerDirectory]
    }
    case 'tmpfs':
      return ['tmpfs', `size=${request.sizeBytes},mode=${request.mode.toString(8)},nosuid,nodev,noexec`, 'tmpfs', '/']
    case 'bind':
      return ['bind', request.readOnly ? 'ro' : 'rw', request.source, '/']
    case 'idmapped':
      return ['idmapped', request.userNamespace, request.source, '/']
    case 'shared':
      return ['shared', '', request.target, '/']
  }
}

function resultOf(outcome: ScriptOutcome): Result<void, MountError> {
  if (outcome.type === 'missing') return fail({ code: 'Unavailable', message: outcome.message })
  if (outcome.type === 'timed-out') return fail({ code: 'Other', message: 'mount did not end in time' })
  if (outcome.exitCode === 0) return ok(undefined)
  return fail({ code: codeOf(outcome.stderr), message: outcome.stderr })
}

function codeOf(message: string): MountError['code'] {
  if (/must be superuser|permission denied|not permitted/i.test(message)) return 'PermissionDenied'
  if (/unknown filesystem type|cannot map the owners|perl: not found|Function not implemented/.test(message))
    return 'Unsupported'
  if (/does not exist|No such file|special device .* does not exist|can't cd/.test(message)) return 'NotFound'
  if (/mount: not found/.test(message)) return 'Unavailable'
  return 'Other'
}
