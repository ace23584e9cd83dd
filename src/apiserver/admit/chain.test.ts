import { describe, expect, it } from 'vitest'
import { kinds } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Refusal } from '../../api/refusal.ts'
import { fail, ok } from '../../api/result.ts'
import { withMeta } from '../object-meta.ts'
import type { Attributes, Plugin } from './admission.ts'
import { admissionChain, throughBoth } from './chain.ts'

const attributes: Attributes = {
  operation: 'CREATE',
  user: { name: 'u', groups: [] },
  kind: kinds.configMaps,
  namespace: 'default',
  name: 'c',
  options: {},
  dryRun: false,
  deadlineMs: 0,
  warn() {},
  annotate() {},
  outside() {},
}
const object: ApiObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } }
const no: Refusal = { reason: 'BadRequest', message: 'no' }

const labels = (name: string): Plugin => ({
  mutate: (_, seen) => ok(withMeta(seen, { labels: { ...seen.metadata.labels, [name]: '' } })),
})
const later = ({ mutate, validate }: Plugin): Plugin => ({
  ...(mutate && { mutate: async (...args) => mutate(...args) }),
  ...(validate && { validate: async (...args) => validate(...args) }),
})
const refuses: Plugin = { mutate: () => fail(no), validate: () => no }
const never: Plugin = {
  mutate() {
    throw new Error('is not asked')
  },
  validate() {
    throw new Error('is not asked')
  },
}

describe('the admission chain', () => {
  it('answers at once where every plugin does', () => {
    const chain = admissionChain([labels('a'), labels('b'), { validate: () => undefined }])
    expect(chain.mutate(attributes, object)).toEqual(ok(withMeta(object, { labels: { a: '', b: '' } })))
    expect(chain.validate(attributes, object)).toBeUndefined()
    expect(throughBoth(chain, attributes, object)).toBeUndefined()
  })

  it('shows each plugin what the one before made of the object, however long that took', async () => {
    const chain = admissionChain([labels('a'), later(labels('b')), labels('c'), later(labels('d'))])
    const mutated = await chain.mutate(attributes, object)
    expect(mutated).toEqual(ok(withMeta(object, { labels: { a: '', b: '', c: '', d: '' } })))
  })

  it.each([
    ['at once', refuses],
    ['later', later(refuses)],
  ])('ends with a refusal that comes %s', async (_, plugin) => {
    const chain = admissionChain([later(labels('a')), plugin, never])
    expect(await chain.mutate(attributes, object)).toEqual(fail(no))
    expect(await chain.validate(attributes, object)).toEqual(no)
    expect(await throughBoth(chain, attributes, object)).toEqual(no)
  })
})
