import { fail, ok, type Result } from '../../api/result.ts'

/** The mode that a file or folder gets instead of its own. */
export type ChangeMode = (mode: number, isDirectory: boolean) => number

/** COPY --chmod: octal ('0755'), or symbolic ('u=rwX,go+rX,a-w') as chmod(1) reads it with a umask of 0. */
export function parseFileMode(text: string): Result<ChangeMode, string> {
  if (/^[0-9]+$/.test(text)) {
    const mode = /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.POSITIVE_INFINITY
    return mode <= 0o7777
      ? ok(() => mode)
      : fail(`invalid chmod parameter: '${text}'. it should be octal string and between 0 and 07777`)
  }
  const clauses = text.split(',').map(parseClause)
  if (clauses.includes(undefined)) return fail(`invalid chmod parameter: '${text}'`)
  const steps = clauses.flatMap((clause) => clause ?? [])
  return ok((mode, isDirectory) => steps.reduce((so, step) => step(so, isDirectory), mode))
}

const shifts: Readonly<Record<string, number>> = { u: 6, g: 3, o: 0 }

/** 'ug+rw-x' */
function parseClause(text: string): readonly ChangeMode[] | undefined {
  const [, who = '', actions = ''] = /^([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)$/.exec(text) ?? []
  if (actions === '') return undefined
  const whom = who === '' || who.includes('a') ? ['u', 'g', 'o'] : [...new Set(who)]
  return (actions.match(/[-+=][^-+=]*/g) ?? []).map((action) => actionOf(whom, action[0] ?? '', action.slice(1)))
}

function actionOf(whom: readonly string[], operator: string, permissions: string): ChangeMode {
  return (mode, isDirectory) => {
    const bits = whom.reduce((all, person) => all | bitsFor(mode, isDirectory, person, permissions), 0)
    const reach = whom.reduce((all, person) => all | (7 << (shifts[person] ?? 0)) | specialBit(person), 0)
    if (operator === '+') return mode | bits
    return operator === '-' ? mode & ~bits : (mode & ~reach) | bits
  }
}

function specialBit(person: string): number {
  return person === 'u' ? 0o4000 : person === 'g' ? 0o2000 : 0
}

function bitsFor(mode: number, isDirectory: boolean, person: string, permissions: string): number {
  const shift = shifts[person] ?? 0
  const copied = shifts[permissions]
  if (copied !== undefined) return ((mode >> copied) & 7) << shift
  let bits = 0
  for (const permission of permissions) {
    if (permission === 'r') bits |= 4 << shift
    else if (permission === 'w') bits |= 2 << shift
    else if (permission === 'x') bits |= 1 << shift
    else if (permission === 'X') bits |= isDirectory || (mode & 0o111) !== 0 ? 1 << shift : 0
    else if (permission === 's') bits |= specialBit(person)
    else bits |= 0o1000
  }
  return bits
}
