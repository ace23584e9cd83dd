import { addAtPlace, editJson, getPlace, type JsonEditor, removePlace, setPlace } from './json-editor.ts'
import { equalJson, isJsonObject, type JsonObject, jsonTypeName } from './json-value.ts'
import type { PatchError } from './patch-error.ts'
import { fail, ok, type Result } from './result.ts'

/** kube-apiserver's limits: operations in one patch, and JSON bytes that its copy operations may add. */
const maxOperations = 10_000
const maxCopiedBytes = 3 * 1024 * 1024

type Applied = Result<void, string>

/**
 * Applies an RFC 6902 patch (already parsed) and returns the new document; the given one is not changed and shares its unchanged
 * parts with the result. As evanphx/json-patch v4, which Kubernetes uses: negative array indexes count from the end, and replace
 * also adds a missing key of an object.
 */
export function applyJsonPatch(document: unknown, patch: unknown): Result<unknown, PatchError> {
  const operations = operationsOf(patch)
  if (!operations.ok) return operations
  const editor = editJson(document)
  let copiedBytes = 0
  for (const operation of operations.value) {
    if (operation.op === 'copy') copiedBytes += copiedSize(editor, operation)
    const applied = apply(editor, operation)
    if (!applied.ok) return fail({ reason: 'Unprocessable', message: applied.error })
    if (copiedBytes > maxCopiedBytes) return fail({ reason: 'Unprocessable', message: tooMuchCopied(copiedBytes) })
  }
  return ok(editor.root())
}

function tooMuchCopied(bytes: number): string {
  return `Unable to complete the copy, the accumulated size increase of copy is ${bytes}, exceeding the limit ${maxCopiedBytes}`
}

function operationsOf(patch: unknown): Result<readonly JsonObject[], PatchError> {
  if (patch === null) return ok([])
  if (!Array.isArray(patch))
    return fail(undecodable(`${jsonTypeName(patch)} into Go value of type []handlers.jsonPatchOp`))
  for (const operation of patch) {
    if (operation === null) continue
    if (!isJsonObject(operation)) {
      return fail(undecodable(`${jsonTypeName(operation)} into Go value of type handlers.jsonPatchOp`))
    }
    for (const key of ['op', 'path', 'from']) {
      const value = operation[key]
      if (value === undefined || value === null || typeof value === 'string') continue
      return fail(undecodable(`${jsonTypeName(value)} into Go struct field jsonPatchOp.${key} of type string`))
    }
  }
  if (patch.length <= maxOperations) return ok(patch.map((operation) => operation ?? {}))
  const message = `The allowed maximum operations in a JSON patch is ${maxOperations}, got ${patch.length}`
  return fail({ reason: 'TooLarge', message })
}

function undecodable(what: string): PatchError {
  return { reason: 'BadRequest', message: `error decoding patch: json: cannot unmarshal ${what}` }
}

function apply(editor: JsonEditor, operation: JsonObject): Applied {
  switch (operation.op) {
    case 'add':
      return add(editor, operation)
    case 'remove':
      return remove(editor, operation)
    case 'replace':
      return replace(editor, operation)
    case 'move':
      return move(editor, operation)
    case 'test':
      return test(editor, operation)
    case 'copy':
      return copy(editor, operation)
    default:
      return fail(`Unexpected kind: ${typeof operation.op === 'string' ? operation.op : 'unknown'}`)
  }
}

function pathOf(operation: JsonObject): string | undefined {
  return typeof operation.path === 'string' ? operation.path : undefined
}

function add(editor: JsonEditor, operation: JsonObject): Applied {
  const path = pathOf(operation)
  if (path === undefined) return fail('add operation failed to decode path: missing value')
  const place = editor.find(path)
  if (place === undefined) return fail(`add operation does not apply: doc is missing path: "${path}": missing value`)
  const added = addAtPlace(place, operation.value ?? null)
  return added.ok ? added : fail(`error in add for path: '${path}': ${added.error}`)
}

function remove(editor: JsonEditor, operation: JsonObject): Applied {
  const path = pathOf(operation)
  if (path === undefined) return fail('remove operation failed to decode path: missing value')
  const place = editor.find(path)
  if (place === undefined) return fail(`remove operation does not apply: doc is missing path: "${path}": missing value`)
  const removed = removePlace(place)
  return removed.ok ? removed : fail(`error in remove for path: '${path}': ${removed.error}`)
}

function replace(editor: JsonEditor, operation: JsonObject): Applied {
  const path = pathOf(operation)
  if (path === undefined) {
    return fail('replace operation failed to decode path: operation missing path field: missing value')
  }
  if (path === '') return replaceRoot(editor, operation.value)
  const place = editor.find(path)
  if (place === undefined) return fail(`replace operation does not apply: doc is missing path: ${path}: missing value`)
  if (!getPlace(place).ok) return fail(`replace operation does not apply: doc is missing key: ${path}: missing value`)
  setPlace(place, operation.value ?? null)
  return ok(undefined)
}

function replaceRoot(editor: JsonEditor, value: unknown): Applied {
  if (typeof value !== 'object' || value === null) return fail('replace operation value must be object or array')
  editor.replaceRoot(value)
  return ok(undefined)
}

function move(editor: JsonEditor, operation: JsonObject): Applied {
  const { from } = operation
  if (typeof from !== 'string') {
    return fail('move operation failed to decode from: operation, missing from field: missing value')
  }
  const source = editor.find(from)
  if (source === undefined)
    return fail(`move operation does not apply: doc is missing from path: ${from}: missing value`)
  const value = getPlace(source)
  if (!value.ok) return fail(`error in move for path: '${source.key}': ${value.error}`)
  const removed = removePlace(source)
  if (!removed.ok) return fail(`error in move for path: '${source.key}': ${removed.error}`)
  const path = pathOf(operation)
  if (path === undefined)
    return fail('move operation failed to decode path: operation missing path field: missing value')
  const target = editor.find(path)
  if (target === undefined) return fail(missingDestination('move', path))
  const added = addAtPlace(target, value.value ?? null)
  return added.ok ? added : fail(`error in move for path: '${path}': ${added.error}`)
}

function missingDestination(operation: string, path: string): string {
  return `${operation} operation does not apply: doc is missing destination path: ${path}: missing value`
}

function test(editor: JsonEditor, operation: JsonObject): Applied {
  const path = pathOf(operation)
  if (path === undefined)
    return fail('test operation failed to decode path: operation missing path field: missing value')
  const failed = `testing value ${path} failed: test failed`
  if (path === '') return equalJson(editor.root(), operation.value) ? ok(undefined) : fail(failed)
  const place = editor.find(path)
  if (place === undefined) return fail(`test operation does not apply: is missing path: ${path}: missing value`)
  const value = getPlace(place)
  if (!value.ok) return fail(`error in test for path: '${path}': ${value.error}`)
  // A missing key and null are the same to a test.
  return equalJson(value.value ?? null, operation.value ?? null) ? ok(undefined) : fail(failed)
}

function copy(editor: JsonEditor, operation: JsonObject): Applied {
  const { from } = operation
  if (typeof from !== 'string') {
    return fail('copy operation failed to decode from: operation, missing from field: missing value')
  }
  const source = editor.find(from)
  if (source === undefined)
    return fail(`copy operation does not apply: doc is missing from path: ${from}: missing value`)
  const value = getPlace(source)
  if (!value.ok) return fail(`error in copy for from: '${from}': ${value.error}`)
  const path = pathOf(operation)
  if (path === undefined) return fail('copy operation failed to decode path: missing value')
  const target = editor.find(path)
  if (target === undefined) return fail(missingDestination('copy', path))
  const added = addAtPlace(target, editor.share(value.value ?? null))
  return added.ok ? added : fail(`error while adding value during copy: ${added.error}`)
}

function copiedSize(editor: JsonEditor, { from }: JsonObject): number {
  const source = typeof from === 'string' ? editor.find(from) : undefined
  const value = source === undefined ? undefined : getPlace(source)
  if (value?.ok !== true || value.value === undefined || value.value === null) return 0
  return JSON.stringify(value.value).length
}
