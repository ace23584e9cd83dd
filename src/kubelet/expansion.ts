/**
 * Kubernetes' $(VAR) references: $(NAME) is replaced where NAME is known and left as it is otherwise, $$ is a dollar. `unknown` hears of
 * names that are not known.
 */
export function expand(
  text: string,
  lookUp: (name: string) => string | undefined,
  unknown: (name: string) => void = () => {},
): string {
  let out = ''
  let at = 0
  while (at < text.length) {
    const next = text[at + 1]
    if (text[at] !== '$' || next === undefined) {
      out += text[at]
      at += 1
    } else if (next === '$') {
      out += '$'
      at += 2
    } else if (next === '(') {
      const close = text.indexOf(')', at + 2)
      if (close < 0) {
        // An opening without an end is only text.
        out += '$('
        at += 2
        continue
      }
      const name = text.slice(at + 2, close)
      const value = lookUp(name)
      if (value === undefined) unknown(name)
      out += value ?? `$(${name})`
      at = close + 1
    } else {
      out += `$${next}`
      at += 2
    }
  }
  return out
}
