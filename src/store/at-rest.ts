/** The form in which objects lie on disk: what is in memory is never anything but JSON. */
export interface AtRest {
  seal(key: string, json: Uint8Array): Uint8Array
  /** Throws, naming the key, where nothing that is known now opens it. */
  open(key: string, stored: Uint8Array): Uint8Array
  /** For keys that have to be asked for: before anything is opened, `see` is called with all that is stored, and then `ready`. */
  prepare?(): Readonly<{ see(stored: Uint8Array): void; ready(): Promise<void> }>
}

const openingBrace = '{'.charCodeAt(0)

/** What begins as JSON does was never sealed. */
export function isPlain(stored: Uint8Array): boolean {
  return stored.length === 0 || stored[0] === openingBrace
}

export const plainAtRest: AtRest = {
  seal: (_key, json) => json,
  open(key, stored) {
    if (isPlain(stored)) return stored
    throw new Error(`${key} is encrypted on disk: an encryption configuration with its key must be given`)
  },
}
