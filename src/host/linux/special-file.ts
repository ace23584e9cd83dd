import { spawn } from 'node:child_process'
import { chmod, lstat, readFile } from 'node:fs/promises'
import path from 'node:path'

export async function makeFifoNode(file: string, mode: number): Promise<void> {
  await run(file, 'mkfifo', ['--', file])
  await chmod(file, mode)
}

export async function makeDeviceNode(
  file: string,
  type: 'block' | 'character',
  major: number,
  minor: number,
  mode: number,
): Promise<void> {
  await run(file, 'mknod', ['--', file, type === 'block' ? 'b' : 'c', String(major), String(minor)])
  await chmod(file, mode)
}

/**
 * Node has no call for this, and setfattr is not on every machine; tar is: it sets what a pax header names on extracting. The entry's
 * own content, mode, owner and time are those the file has.
 */
export async function setExtendedAttribute(file: string, name: string, value: Uint8Array): Promise<void> {
  const hex = Buffer.from(value).toString('hex')
  const set = ['-h', '-n', name, ...(value.length === 0 ? [] : ['-v', `0x${hex}`]), '--', file]
  try {
    await run(file, 'setfattr', set)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall?.startsWith('spawn') !== true) throw error
    await setByTar(file, name, value)
  }
}

async function setByTar(file: string, name: string, value: Uint8Array): Promise<void> {
  const found = await lstat(file)
  if (!found.isDirectory() && !found.isFile())
    throw new Error(`setfattr is not installed: cannot set ${name} on ${file}, which is neither file nor folder`)
  const content = found.isFile() ? await readFile(file) : Buffer.alloc(0)
  const own = { mode: found.mode & 0o7777, uid: found.uid, gid: found.gid, mtimeSeconds: found.mtimeMs / 1000 }
  const attribute = paxRecord(`SCHILY.xattr.${name}`, value)
  const times = paxRecord('mtime', Buffer.from(own.mtimeSeconds.toFixed(6)))
  const body = Buffer.concat([attribute, times, paxRecord('path', Buffer.from(`./${path.basename(file)}`))])
  const archive = Buffer.concat([
    tarHeader('pax', 'x', body.length, own),
    body,
    Buffer.alloc((512 - (body.length % 512)) % 512),
    tarHeader('x', found.isFile() ? '0' : '5', content.length, own),
    content,
    Buffer.alloc((512 - (content.length % 512)) % 512),
    Buffer.alloc(1024),
  ])
  const options = ['-x', '-p', '--xattrs', '--xattrs-include=*', '--numeric-owner', '--overwrite']
  // Not by -C, whose argument tar takes escapes out of.
  await run(file, 'tar', [...options, '-f', '-'], archive, path.dirname(path.resolve(file)))
}

function paxRecord(key: string, value: Uint8Array): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')])
  let length = rest.length
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length
  return Buffer.concat([Buffer.from(String(length)), rest])
}

type Own = Readonly<{ mode: number; uid: number; gid: number; mtimeSeconds: number }>

function tarHeader(name: string, type: string, sizeBytes: number, own: Own): Buffer {
  const header = Buffer.alloc(512)
  const octal = (value: number, width: number): string =>
    `${Math.floor(value)
      .toString(8)
      .padStart(width - 1, '0')}\0`
  header.write(name, 0)
  header.write(octal(own.mode, 8), 100)
  header.write(octal(own.uid, 8), 108)
  header.write(octal(own.gid, 8), 116)
  header.write(octal(sizeBytes, 12), 124)
  header.write(octal(own.mtimeSeconds, 12), 136)
  header.write('        ', 148)
  header.write(type, 156)
  header.write('ustar\0'.concat('00'), 257)
  header.write(
    octal(
      header.reduce((sum, byte) => sum + byte, 0),
      7,
    ),
    148,
  )
  return header
}

/** The program's error output becomes the error's message; "No space left on device" and the like become its code. */
function run(
  file: string,
  program: string,
  args: readonly string[],
  input?: Uint8Array,
  folder?: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['pipe', 'ignore', 'pipe'],
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
      ...(folder === undefined ? {} : { cwd: folder }),
    })
    let errors = ''
    child.stderr.on('data', (chunk: Buffer) => {
      if (errors.length < 4096) errors += chunk.toString()
    })
    child.stdin.on('error', () => {})
    child.on('error', reject)
    child.on('close', (status) => {
      if (status === 0) resolve()
      else reject(Object.assign(new Error(`${program} ${file}: ${errors.trim()}`), { code: codeOf(errors) }))
    })
    child.stdin.end(input)
  })
}

const codes: readonly (readonly [string, string])[] = [
  ['File exists', 'EEXIST'],
  ['No such file or directory', 'ENOENT'],
  ['No space left on device', 'ENOSPC'],
  ['Not a directory', 'ENOTDIR'],
  ['Operation not permitted', 'EPERM'],
  ['Permission denied', 'EACCES'],
  ['Read-only file system', 'EROFS'],
]

function codeOf(errors: string): string | undefined {
  return codes.find(([text]) => errors.includes(text))?.[1]
}
