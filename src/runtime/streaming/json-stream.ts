/** Longer than any terminal size. */
const longestChars = 4096

/** Cuts a stream of flat JSON objects, one after the other with anything between them, into their texts. */
export function jsonObjectBuffer(): Readonly<{ push(text: string): readonly string[] }> {
  let rest = ''
  return {
    push(text) {
      rest += text
      const objects: string[] = []
      for (let end = rest.indexOf('}'); end >= 0; end = rest.indexOf('}')) {
        const start = rest.indexOf('{')
        if (start >= 0 && start < end) objects.push(rest.slice(start, end + 1))
        rest = rest.slice(end + 1)
      }
      if (rest.length > longestChars) rest = ''
      return objects
    },
  }
}
