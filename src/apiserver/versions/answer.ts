import { assert } from '../../api/assert.ts'
import type { Kind } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Refusal } from '../../api/refusal.ts'
import { ok, type Result } from '../../api/result.ts'
import type { Answer, Call, Endpoint, Handle, Verb } from '../call.ts'
import { convertOne, type Shown, settled, showEntries, showEntry } from './shown.ts'

/** Handlers answer with what is stored: here it gets the form of the version that was asked. */
export function showingHandles(kind: Kind, handles: Endpoint['handles']): Endpoint['handles'] {
  if (kind.versioning === undefined) return handles
  const wrapped = Object.entries(handles).map(([verb, handle]) => [verb, showing(kind, handle)] as const)
  return Object.fromEntries(wrapped) as Partial<Record<Verb, Handle>>
}

function showing(kind: Kind, handle: Handle): Handle {
  return async (call: Call) => {
    const answered = await handle(call)
    return answered.ok ? showAnswer(kind, answered.value) : answered
  }
}

function showAnswer(kind: Kind, answer: Answer): Shown<Answer> {
  switch (answer.type) {
    case 'entry':
      return settled(showEntry(kind, answer.entry), (shown) =>
        shown.ok ? ok({ ...answer, kind, entry: shown.value }) : shown,
      )
    case 'list':
      return showList(kind, answer)
    case 'object':
      return answer.kind === undefined ? ok(answer) : showObject(kind, answer, answer.object as ApiObject)
    case 'review':
    case 'response':
      return ok(answer)
  }
}

function showObject(kind: Kind, answer: Extract<Answer, { type: 'object' }>, object: ApiObject): Shown<Answer> {
  const { versioning } = kind
  if (versioning === undefined) return ok(answer)
  return settled(convertOne(versioning.fromStored, object), (shown) =>
    shown.ok ? ok({ ...answer, kind, object: shown.value }) : shown,
  )
}

type ListAnswer = Extract<Answer, { type: 'list' }>

/** All items together: a webhook is asked once. Nobody else is, before they are needed: the bytes of the list may have been kept. */
function showList(kind: Kind, answer: ListAnswer): Shown<Answer> {
  if (kind.versioning?.waits !== true) return ok({ ...answer, kind, entries: () => shownNow(kind, answer.entries()) })
  const of = (shown: Result<Entries, Refusal>): Result<Answer, Refusal> =>
    shown.ok ? ok({ ...answer, kind, entries: () => shown.value }) : shown
  return settled(showEntries(kind, answer.entries()), of)
}

type Entries = ReturnType<ListAnswer['entries']>

function shownNow(kind: Kind, entries: Entries): Entries {
  const shown = showEntries(kind, entries)
  assert(!(shown instanceof Promise) && shown.ok, 'only what a webhook converts may be waited for, or refused')
  return shown.value
}
