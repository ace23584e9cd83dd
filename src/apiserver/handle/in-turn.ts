/** Runs what is to be done with values in the order in which they came, at once where none has to be waited for. */
export type InTurn = <T>(value: T | Promise<T>, done: (value: T) => void) => void

export function inTurn(): InTurn {
  let waiting = 0
  let last: Promise<void> = Promise.resolve()
  return (value, done) => {
    if (waiting === 0 && !(value instanceof Promise)) {
      done(value)
      return
    }
    waiting += 1
    last = last.then(async () => {
      done(await value)
      waiting -= 1
    })
  }
}
