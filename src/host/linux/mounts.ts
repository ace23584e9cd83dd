import { fail, ok, type Result } from '../../api/result.ts'
import type { MountError, MountRequest, Mounts } from '../../ports/mounts.ts'
import type { Processes } from '../../ports/processes.ts'
import { mountPointsUnder } from './mount-table.ts'
import { runScript, type ScriptOutcome } from './run-script.ts'

/** mount(2) copies one page of options and silently drops the rest. */
const optionsLimitBytes = 4095

// Arguments come as: type, options, source, target, folder to stand in. A failure tells how many were mounted before.
const mountScript = `
done_=0
while [ $# -gt 0 ]; do
  if [ "$1" = bind ]; then
    cd "$5" && mount --rbind "$3" "$4" && { [ "$2" = rw ] || mount -o remount,bind,ro "$4" || { umount "$4"; false; }; }
  elif [ "$1" = shared ]; then
    mount --rbind "$4" "$4" && mount --make-rshared "$4"
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
  if (/unknown filesystem type/.test(message)) return 'Unsupported'
  if (/does not exist|No such file|special device .* does not exist|can't cd/.test(message)) return 'NotFound'
  if (/mount: not found/.test(message)) return 'Unavailable'
  return 'Other'
}
