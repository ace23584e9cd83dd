/** A request as data. `{{...}}` in any text stands for something known only when the case runs: see template.ts. */
export type Step = Readonly<{
  /** Default GET. */
  method?: string
  path: string
  /** A text goes out as it is, anything else as JSON. */
  body?: unknown
  headers?: Readonly<Record<string, string>>
  /** Impersonates; the sender is an administrator. '' sends no client certificate. */
  as?: Readonly<{ user: string; groups?: readonly string[] }> | ''
  /** A watch: hang up after so many lines. */
  events?: number
  /** Asked again until the answer (its status, a space and its text) matches: for what a server does a moment later. */
  until?: RegExp
  /** What of the answer is compared, where not all of it can be: a name in views.ts. */
  view?: View
}>

/**
 * 'shared': of lists of named things only those that Coracle serves too; what it has besides still differs. 'status': only code and headers
 * that matter. 'keys': only the names of the top-level fields.
 */
export type View = 'shared' | 'status' | 'keys'

export type Case = Readonly<{ name: string; steps: readonly Step[] }>

/** Brief ways to write steps. */
export const get = (path: string, more: Partial<Step> = {}): Step => ({ path, ...more })
export const post = (path: string, body: unknown, more: Partial<Step> = {}): Step => ({
  method: 'POST',
  path,
  body,
  ...more,
})
export const put = (path: string, body: unknown, more: Partial<Step> = {}): Step => ({
  method: 'PUT',
  path,
  body,
  ...more,
})
export const del = (path: string, body?: unknown, more: Partial<Step> = {}): Step => ({
  method: 'DELETE',
  path,
  ...(body === undefined ? {} : { body }),
  ...more,
})

const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
}

export const patch = (
  type: keyof typeof patchTypes,
  path: string,
  body: unknown,
  { headers, ...more }: Partial<Step> = {},
): Step => ({ method: 'PATCH', path, body, headers: { 'content-type': patchTypes[type], ...headers }, ...more })

/** A table of cases of one step each. */
export function singles(area: string, rows: Readonly<Record<string, Step>>): readonly Case[] {
  return Object.entries(rows).map(([name, step]) => ({ name: `${area}: ${name}`, steps: [step] }))
}

/** A table of cases that begin with the same steps. */
export function after(
  area: string,
  before: readonly Step[],
  rows: Readonly<Record<string, Step | readonly Step[]>>,
): readonly Case[] {
  return Object.entries(rows).map(([name, steps]) => ({
    name: `${area}: ${name}`,
    steps: [...before, ...(Array.isArray(steps) ? (steps as readonly Step[]) : [steps as Step])],
  }))
}
