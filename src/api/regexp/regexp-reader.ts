export type Flags = Readonly<{ fold: boolean; multiLine: boolean; dotAll: boolean; ungreedy: boolean }>

/** `text` is what remains to be read. */
export type Reader = { text: string; readonly whole: string; flags: Flags; depth: number }

export class RegexpError extends Error {}

export function refuse(problem: string, at: string): never {
  throw new RegexpError(`error parsing regexp: ${problem}: \`${at}\``)
}
