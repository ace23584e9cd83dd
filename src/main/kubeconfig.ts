import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { type Document, isMap, isSeq, parseDocument, type YAMLMap } from 'yaml'

/** How a client reaches the cluster as its administrator. */
export type Access = Readonly<{ server: string; caPem: string; certificatePem: string; keyPem: string }>

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** Where kubectl would write: the first file that KUBECONFIG names, or ~/.kube/config. */
export function kubeconfigPath(environment: Readonly<Record<string, string | undefined>>, home: string): string {
  const first = (environment.KUBECONFIG ?? '').split(path.delimiter).find((entry) => entry !== '')
  return first ?? path.join(home, '.kube', 'config')
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

/** Reads, changes and atomically replaces the file. Throws with the path and the mend when it cannot be understood. */
export function editKubeconfig(file: string, edit: (text: string) => string): void {
  let text = ''
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  let edited: string
  try {
    edited = edit(text)
  } catch (error) {
    throw new Error(`cannot change ${file}: ${(error as Error).message}. Mend it, or set KUBECONFIG to another file`)
  }
  if (edited === text) return
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(`${file}.coracle`, edited, { mode: 0o600 })
  renameSync(`${file}.coracle`, file)
}
