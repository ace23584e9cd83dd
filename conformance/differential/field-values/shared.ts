/** Values that fit, or do not fit, fields of several kinds. */

export const longName = 'x'.repeat(64)
export const selector = { matchLabels: { app: 'x' } }
export const names = ['ok', 'Upper', 'a.b', '-a', longName, '']
export const quantities = ['1Gi', '0', '-1', 'many', '1.5', 2]
export const selectors = [
  {},
  { matchLabels: { 'bad key!': 'x' } },
  { matchLabels: { a: 'bad value!' } },
  { matchExpressions: [{ key: 'a', operator: 'In' }] },
  { matchExpressions: [{ key: 'a', operator: 'Exists', values: ['x'] }] },
  { matchExpressions: [{ key: 'a', operator: 'Near', values: ['x'] }] },
  { matchExpressions: [{ key: '', operator: 'Exists' }] },
]
export const labelMaps = [{ a: 'b' }, { 'bad key!': 'x' }, { a: 'bad value!' }, { a: longName }]
export const nodeTerms = [
  { nodeSelectorTerms: [] },
  { nodeSelectorTerms: [{}] },
  { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Gt', values: ['x'] }] }] },
  { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['a', 'b'] }] }] },
  { nodeSelectorTerms: [{ matchFields: [{ key: 'spec.other', operator: 'In', values: ['a'] }] }] },
]
