import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import type { Disk } from '../../ports/disk.ts'

type Taken = Awaited<ReturnType<Disk['lock']>>

const attempts = 20

/**
 * A file that names its holder: process id, start time and boot. A holder that is no more, or whose id belongs to another process
 * by now, holds nothing: the file is moved out of the way and the lock taken. Node has no flock.
 */
export async function takeLock(path: string): Promise<Taken> {
  const mine = `${process.pid} ${await startTime(process.pid)} ${await bootId()}\n`
  const draft = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`
  await writeFile(draft, mine, { mode: 0o600, flag: 'wx' })
  try {
    for (let attempt = 0; attempt < attempts; attempt++) {
      // A link comes into being whole, or fails where the name exists: nobody ever reads half a lock file.
      if (await linked(draft, path)) return { ok: true, release: () => release(path, mine) }
      const theirs = await readIfThere(path)
      if (theirs === undefined) continue
      if (await isAlive(theirs)) return { ok: false, holderPid: Number.parseInt(theirs, 10) }
      await clearStale(path, theirs, `${draft}.stale`)
    }
    return { ok: false }
  } finally {
    await unlink(draft)
  }
}

/** The process that holds the lock. Undefined where none does, also when its number belongs to another process by now. */
export async function lockHolder(path: string): Promise<number | undefined> {
  const holder = await readIfThere(path)
  return holder !== undefined && (await isAlive(holder)) ? Number.parseInt(holder, 10) : undefined
}

async function linked(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Another may have cleared and taken the lock since it was read: then theirs is put back. */
async function clearStale(path: string, stale: string, aside: string): Promise<void> {
  try {
    await rename(path, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  if ((await readIfThere(aside)) !== stale) await linked(aside, path)
  await unlink(aside)
}

async function release(path: string, mine: string): Promise<void> {
  if ((await readIfThere(path)) === mine) await unlink(path)
}

async function isAlive(holder: string): Promise<boolean> {
  const [pid, start, boot] = holder.trim().split(' ')
  if (boot !== (await bootId())) return false
  return pid !== undefined && (await startTime(Number(pid))) === start
}

/** Field 22 of /proc/PID/stat: with the process id, it names a process for good. Undefined where there is none. */
async function startTime(pid: number): Promise<string | undefined> {
  if (!Number.isInteger(pid) || pid <= 0) return undefined
  if (process.platform !== 'linux') return startTimeByPs(pid)
  const stat = await readIfThere(`/proc/${pid}/stat`)
  // The second field is the program's name in brackets, which may hold anything.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  const state = fields?.[0]
  return state === 'Z' || state === 'X' ? undefined : fields?.[19]
}

/** Where there is no /proc: the date and second of its start, as one word. */
function startTimeByPs(pid: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile('ps', ['-o', 'lstart=', '-p', String(pid)], (error, stdout) =>
      resolve(error === null ? stdout.trim().replaceAll(/\s+/g, '_') : undefined),
    )
  })
}

async function bootId(): Promise<string> {
  // Elsewhere the date in the start time tells boots apart.
  if (process.platform !== 'linux') return 'any'
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH') return undefined
    throw error
  }
}
