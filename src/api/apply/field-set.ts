import { isJsonObject } from '../json-value.ts'
import { fail, ok, type Result } from '../result.ts'
import { compareElements, elementText, normalElement, type PathElement, selfMark } from './path-element.ts'

/**
 * A set of field paths, in the form FieldsV1 has on the wire: a tree of path elements. A node is a member when it is empty or holds
 * '.'; the root is never a member. Nodes are in FieldsV1's order and immutable, so that sets can be shared and sent as they are.
 */
export type FieldSet = Readonly<{ [element: PathElement]: FieldSet }>

type Building = Record<PathElement, FieldSet>

export const emptySet: FieldSet = Object.freeze({})
const leaf: FieldSet = emptySet

export function isEmptySet(set: FieldSet): boolean {
  for (const _ in set) return false
  return true
}

/** Whether the path that leads to this node is in the set. */
export function isMember(node: FieldSet): boolean {
  return node[selfMark] !== undefined || isEmptySet(node)
}

/** Whether paths beneath this node are in the set. */
export function hasChildren(node: FieldSet): boolean {
  for (const element in node) if (element !== selfMark) return true
  return false
}

/** A node from its membership and its children (sorted, or not); undefined when nothing is left of it. */
export function nodeOf(member: boolean, children: FieldSet): FieldSet | undefined {
  if (isEmptySet(children)) return member ? leaf : undefined
  const ordered = inOrder(children)
  return member ? { [selfMark]: leaf, ...ordered } : ordered
}

/** The children in FieldsV1's order; the very same object when they are so already. */
export function inOrder(children: FieldSet): FieldSet {
  let previous: PathElement | undefined
  for (const element in children) {
    if (previous !== undefined && compareElements(previous, element) > 0) return sorted(children)
    previous = element
  }
  return children
}

function sorted(children: FieldSet): FieldSet {
  const ordered: Building = {}
  for (const element of Object.keys(children).sort(compareElements)) ordered[element] = children[element] ?? leaf
  return ordered
}

/** Paths in either set. Gives `a` itself when `b` adds nothing. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || isEmptySet(b)) return a
  if (isEmptySet(a)) return b
  return joined(a, b) ?? a
}

/** undefined: `b` adds nothing to `a`. Both are roots, or nodes whose own membership is settled elsewhere. */
function joined(a: FieldSet, b: FieldSet): FieldSet | undefined {
  let result: Building | undefined
  for (const element in b) {
    if (element === selfMark) continue
    const theirs = b[element] ?? leaf
    const ours = a[element]
    const both = ours === undefined ? theirs : joinedNode(ours, theirs)
    if (both === ours) continue
    result ??= { ...a }
    result[element] = both
  }
  if (result === undefined) return undefined
  const { [selfMark]: self, ...children } = result
  return self === undefined ? inOrder(children) : { [selfMark]: self, ...inOrder(children) }
}

function joinedNode(a: FieldSet, b: FieldSet): FieldSet {
  const member = isMember(a) || isMember(b)
  const children = joined(a, b)
  if (children === undefined && member === isMember(a)) return a
  const { [selfMark]: _, ...own } = children ?? a
  return nodeOf(member, own) ?? leaf
}

/** Paths in the first set that are not in the second. Gives `a` itself when nothing is taken away. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  let result: Building | undefined
  for (const element in b) {
    const ours = a[element]
    if (element === selfMark || ours === undefined) continue
    const rest = differenceNode(ours, b[element] ?? leaf)
    if (rest === ours) continue
    result ??= { ...a }
    if (rest === undefined) delete result[element]
    else result[element] = rest
  }
  return result ?? a
}

function differenceNode(a: FieldSet, b: FieldSet): FieldSet | undefined {
  const member = isMember(a) && !isMember(b)
  const children = difference(a, b)
  if (children === a && member === isMember(a)) return a
  const { [selfMark]: _, ...own } = children
  return nodeOf(member, own)
}

/** Paths in both sets. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const result: Building = {}
  for (const element in a) {
    const ours = a[element]
    const theirs = b[element]
    if (element === selfMark || ours === undefined || theirs === undefined) continue
    const node = nodeOf(isMember(ours) && isMember(theirs), intersection(ours, theirs))
    if (node !== undefined) result[element] = node
  }
  return result
}

/** Every path of the set, a node before what is beneath it, in the set's order: members of a level first, as the original lists them. */
export function pathsOf(set: FieldSet, prefix: readonly PathElement[] = []): readonly (readonly PathElement[])[] {
  const own: (readonly PathElement[])[] = []
  const beneath: (readonly PathElement[])[] = []
  for (const element in set) {
    if (element === selfMark) continue
    const node = set[element] ?? leaf
    const path = [...prefix, element]
    if (isMember(node)) own.push(path)
    if (hasChildren(node)) beneath.push(...pathsOf(node, path))
  }
  return [...own, ...beneath]
}

/** '.spec.containers[name="c"].image' */
export function pathText(path: readonly PathElement[]): string {
  return path.map(elementText).join('')
}

/** The set of these paths. */
export function setOf(...paths: readonly (readonly PathElement[])[]): FieldSet {
  return paths.reduce<FieldSet>((set, path) => union(set, setOfPath(path)), emptySet)
}

function setOfPath(path: readonly PathElement[]): FieldSet {
  return path.reduceRight<FieldSet>((node, element) => ({ [element]: node }), leaf)
}

/** Sets by the FieldsV1 they were read from, and by themselves. */
const known = new WeakMap<object, FieldSet>()

/**
 * Reads FieldsV1 as it came from a client: checked and in order. A tree that was read before, or made by this module, is known by its
 * identity and costs nothing. Errors: what is wrong with a path element.
 */
export function readFieldSet(fieldsV1: unknown): Result<FieldSet, string> {
  if (fieldsV1 === undefined || fieldsV1 === null) return ok(emptySet)
  if (!isJsonObject(fieldsV1)) return fail('ReadMapCB: expect { or n')
  const before = known.get(fieldsV1)
  if (before !== undefined) return ok(before)
  try {
    const set = markKnown(readChildren(fieldsV1))
    known.set(fieldsV1, set)
    return ok(set)
  } catch (error) {
    if (error instanceof SyntaxError) return fail(`parsing key as path element: ${error.message}`)
    throw error
  }
}

/** Remembers that a set made by this module needs no reading when it comes back. */
export function markKnown(set: FieldSet): FieldSet {
  known.set(set, set)
  return set
}

function readChildren(tree: Readonly<Record<string, unknown>>): FieldSet {
  const children: Building = {}
  for (const [text, inner] of Object.entries(tree)) {
    if (text === selfMark) continue
    const element = normalElement(text)
    if (element === undefined) continue
    children[element] = isJsonObject(inner) ? readNode(inner) : leaf
  }
  return inOrder(children)
}

function readNode(tree: Readonly<Record<string, unknown>>): FieldSet {
  const children = readChildren(tree)
  return nodeOf(Object.hasOwn(tree, selfMark) || isEmptySet(children), children) ?? leaf
}
