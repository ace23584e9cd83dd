/** Why a build cannot go on. Thrown within the performing of a step; the build's end tells it with the step's line. */
export class BuildError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'BuildError'
  }
}
