import { type Ender, type Ending, makeEnder } from '../../api/ending.ts'

/** Ends with the exchange. Most exchanges never look at it: only what is looked at listens. */
export class ClosedEnding implements Ending {
  readonly #closing: NodeJS.EventEmitter
  #ender: Ender | undefined

  constructor(closing: NodeJS.EventEmitter) {
    this.#closing = closing
  }

  get aborted(): boolean {
    return this.#listening().aborted
  }

  addEventListener(type: 'abort', listener: () => void): void {
    this.#listening().addEventListener(type, listener)
  }

  removeEventListener(type: 'abort', listener: () => void): void {
    this.#ender?.signal.removeEventListener(type, listener)
  }

  #listening(): Ending {
    if (this.#ender === undefined) {
      const ender = makeEnder()
      this.#ender = ender
      this.#closing.once('close', () => ender.abort())
    }
    return this.#ender.signal
  }
}
