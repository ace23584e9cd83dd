import { describe, expect, it } from 'vitest'
import type { CustomResourceDefinition } from '../../api/kinds.generated.ts'
import type { ApiObject } from '../../api/object.ts'
import { fail, ok } from '../../api/result.ts'
import { simClock } from '../../host/sim/clock.ts'
import { simRandom } from '../../host/sim/random.ts'
import type { Http } from '../../ports/http.ts'
import type { Store } from '../../store/store.ts'
import { webhookConverter } from './webhook-conversion.ts'

const definition = {
  spec: {
    conversion: {
      strategy: 'Webhook',
      webhook: { clientConfig: { url: 'https://hook.test/convert' }, conversionReviewVersions: ['v2', 'v1'] },
    },
  },
} as unknown as CustomResourceDefinition

const object = (name: string, apiVersion = 'a.io/v1', more: object = {}): ApiObject =>
  ({ apiVersion, kind: 'Widget', metadata: { name, uid: name }, ...more }) as ApiObject

type Request = Readonly<{ uid: string; desiredAPIVersion: string; objects: readonly ApiObject[] }>

/** Converts by a webhook that answers so; undefined: there is none. */
async function converted(
  objects: readonly ApiObject[],
  answer: (request: Request) => object | undefined,
  asked: Request[] = [],
) {
  const http: Pick<Http, 'request'> = {
    async request({ body }) {
      const { request } = JSON.parse(new TextDecoder().decode(body as Uint8Array)) as { request: Request }
      asked.push(request)
      const response = answer(request)
      if (response === undefined) return fail({ code: 'Refused', message: 'connect ECONNREFUSED 192.0.2.7:443' })
      const review = {
        kind: 'ConversionReview',
        apiVersion: 'apiextensions.k8s.io/v1',
        response: { uid: request.uid, result: { status: 'Success' }, ...response },
      }
      const bytes = new TextEncoder().encode(JSON.stringify(review))
      const whole = { bytes: async () => ok(bytes), async *chunks() {} }
      return ok({ status: 200, headers: {}, body: whole })
    },
  }
  const convert = webhookConverter({ store: {} as Store, clock: simClock(), random: simRandom(1), http }, definition)
  return convert?.(objects, 'a.io/v2')
}

const renamed = ({ objects, desiredAPIVersion }: Request): object => ({
  convertedObjects: objects.map((one) => ({ ...one, apiVersion: desiredAPIVersion })),
})

describe('a conversion webhook', () => {
  it('is asked once for all objects of other versions, which stay in their order', async () => {
    const asked: Request[] = []
    const result = await converted([object('a'), object('b', 'a.io/v2'), object('c')], renamed, asked)
    expect(asked.map(({ objects }) => objects.map(({ metadata }) => metadata.name))).toEqual([['a', 'c']])
    expect(result).toEqual(ok(['a', 'b', 'c'].map((name) => object(name, 'a.io/v2'))))
  })

  it('is not asked where there is nothing to convert', async () => {
    const asked: Request[] = []
    expect(await converted([object('b', 'a.io/v2')], renamed, asked)).toEqual(ok([object('b', 'a.io/v2')]))
    expect(asked).toEqual([])
  })

  it('may change labels and annotations, and nothing else of the metadata', async () => {
    const metadata = { name: 'a', uid: 'a', labels: { x: 'y' }, generation: 7 }
    const result = await converted([object('a')], () => ({ convertedObjects: [object('a', 'a.io/v2', { metadata })] }))
    expect(result).toEqual(ok([object('a', 'a.io/v2', { metadata: { name: 'a', uid: 'a', labels: { x: 'y' } } })]))
  })

  const one = (made: unknown) => () => ({ convertedObjects: [made] })
  it.each<[string, (request: Request) => object | undefined, string]>([
    ['cannot be reached', () => undefined, 'failed: Post "https://hook.test/convert?timeout=30s": '],
    ['says why not', () => ({ result: { status: 'Failed', message: 'no' } }), 'failed: no'],
    ['does not say why', () => ({ result: {} }), "failed: response.result.status was '', not 'Success'"],
    ['answers another request', () => ({ uid: 'x' }), 'failed: expected response.uid="'],
    ['loses objects', () => ({ convertedObjects: [] }), 'returned 0 objects, expected 1'],
    [
      'makes another version',
      one(object('a')),
      'returned invalid object: invalid groupVersion (expected a.io/v2, received a.io/v1)',
    ],
    [
      'makes another kind',
      one(object('a', 'a.io/v2', { kind: 'X' })),
      'returned invalid object: invalid kind (expected Widget, received X)',
    ],
    ['gives another name', one(object('b', 'a.io/v2')), 'returned invalid object: must have the same name: a != b'],
    [
      'leaves out the metadata',
      one({ apiVersion: 'a.io/v2', kind: 'Widget' }),
      'returned invalid object: missing metadata in converted object',
    ],
  ])('that %s is told of', async (_, answer, message) => {
    const text = `conversion webhook for a.io/v1, Kind=Widget ${message}`
    expect(await converted([object('a')], answer)).toMatchObject({
      ok: false,
      error: { reason: 'InternalError', message: expect.stringContaining(text) },
    })
  })
})
