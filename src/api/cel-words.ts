/** Words that no name of an expression can be (cel-spec: RESERVED and the literals true, false and null). */
export const celReservedWords: ReadonlySet<string> = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
)
