import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { type Document, isMap, isSeq, parseDocument, type YAMLMap } from 'yaml'
import { homeDirectory } from './instance.ts'

/** How a client reaches the cluster as its administrator. */
export type Access = Readonly<{ server: string; caPem: string; certificatePem: string; keyPem: string }>

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** Where kubectl would write: the first file that KUBECONFIG names, or ~/.kube/config. */
export function kubeconfigPath(environment: Readonly<Record<string, string | undefined>>, home?: string): string {
  const first = (environment.KUBECONFIG ?? '').split(path.delimiter).find((entry) => entry !== '')
  return first ?? path.join(home ?? homeDirectory(), '.kube', 'config')
}

/** A kubeconfig of its own for the one cluster. */
export function kubeconfigText(name: string, access: Access): string {
  return mergeKubeconfig('', name, access)
}

/** The text with the context added or renewed and made current; all else, comments included, stays as it is. */
export function mergeKubeconfig(text: string, name: string, access: Access): string {
  const document = parseKubeconfig(text)
  const { server, caPem, certificatePem, keyPem } = access
  setNamed(document, 'clusters', name, { cluster: { server, 'certificate-authority-data': base64(caPem) } })
  setNamed(document, 'users', name, {
    user: { 'client-certificate-data': base64(certificatePem), 'client-key-data': base64(keyPem) },
  })
  setNamed(document, 'contexts', name, { context: { cluster: name, user: name } })
  document.set('current-context', name)
  return document.toString()
}

/** The text without the context, its cluster and its user. */
export function removeFromKubeconfig(text: string, name: string): string {
  const document = parseKubeconfig(text)
  for (const list of ['clusters', 'users', 'contexts']) {
    const items = document.get(list)
    if (isSeq(items)) items.items = items.items.filter((item) => !(isMap(item) && item.get('name') === name))
  }
  if (document.get('current-context') === name) document.set('current-context', '')
  return document.toString()
}

function parseKubeconfig(text: string): Document {
  const document = parseDocument(text.trim() === '' ? 'apiVersion: v1\nkind: Config\npreferences: {}\n' : text)
  const [error] = document.errors
  if (error !== undefined) throw new Error(`it is not valid YAML: ${error.message}`)
  if (!isMap(document.contents)) throw new Error('it is not a kubeconfig: its top is not a map')
  return document
}

function setNamed(document: Document, list: string, name: string, content: Readonly<Record<string, unknown>>): void {
  const entry = document.createNode({ name, ...content }) as YAMLMap
  const items = document.get(list)
  if (!isSeq(items)) {
    document.set(list, document.createNode([{ name, ...content }]))
    return
  }
  // A list written as [] would swallow its items on one line.
  items.flow = false
  const at = items.items.findIndex((item) => isMap(item) && item.get('name') === name)
  if (at < 0) items.items.push(entry)
  else items.items[at] = entry
}

/** Whether the text has a context of that name. */
export function hasContext(text: string, name: string): boolean {
  const contexts = parseKubeconfig(text).get('contexts')
  return isSeq(contexts) && contexts.items.some((item) => isMap(item) && item.get('name') === name)
}

/** Throws with the path and the mend when the file could not be changed later on. */
export function checkKubeconfig(file: string): void {
  explained(file, () => parseKubeconfig(readIfThere(file)))
}

/** Reads, changes and atomically replaces the file, under kubectl's own lock. Throws with the path and the mend when it cannot. */
export function editKubeconfig(file: string, edit: (text: string) => string): void {
  explained(file, () => {
    const before = readIfThere(file)
    if (edit(before) === before) return
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
    // A link stays one: what it leads to is changed.
    const target = existsSync(file) ? realpathSync(file) : file
    const unlock = lock(target)
    try {
      replace(target, edit(readIfThere(target)))
    } finally {
      unlock()
    }
  })
}

function explained(file: string, run: () => void): void {
  try {
    run()
  } catch (error) {
    throw new Error(`cannot use ${file} as kubeconfig: ${reasonOf(error as NodeJS.ErrnoException)}`)
  }
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  const another = 'or set KUBECONFIG to another file'
  switch (code) {
    case 'EISDIR':
      return 'it is a folder; set KUBECONFIG to a file'
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `this user may not read and write it; change that, ${another}`
    case 'ENOTDIR':
    case 'EEXIST':
      return 'a part of its path is not a folder; set KUBECONFIG to another file'
    default:
      return `${message}; mend it, ${another}`
  }
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

const lockAttempts = 40
const lockPauseMs = 50

/** The lock that kubectl takes for `config` commands: a file beside, there or not. */
function lock(file: string): () => void {
  const lockFile = `${file}.lock`
  for (let attempt = 1; ; attempt++) {
    try {
      closeSync(openSync(lockFile, 'wx', 0o600))
      return () => rmSync(lockFile, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      if (attempt === lockAttempts)
        throw new Error(`another program holds ${lockFile}, or died with it: remove it if none runs`)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, lockPauseMs)
    }
  }
}

function replace(file: string, text: string): void {
  const draft = `${file}.coracle`
  const mode = existsSync(file) ? statSync(file).mode & 0o777 : 0o600
  writeFileSync(draft, text, { mode })
  renameSync(draft, file)
}
