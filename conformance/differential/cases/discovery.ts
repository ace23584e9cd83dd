import { apiVersionOf } from '../../../src/api/kinds.ts'
import { type Case, get, singles } from '../case.ts'
import { storedKinds } from '../samples.ts'

const aggregated = (version: string) => ({
  headers: {
    accept: `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList,application/json`,
  },
  view: 'shared' as const,
})

/** What each says about itself. The original serves more: only what Coracle serves is compared. */
export function discoveryCases(): readonly Case[] {
  const groupVersions = [
    ...new Set([...storedKinds.map(apiVersionOf), 'authentication.k8s.io/v1', 'authorization.k8s.io/v1']),
  ]
  const grouped = groupVersions.filter((one) => one.includes('/'))
  return singles('discovery', {
    'core versions': get('/api', { view: 'shared' }),
    groups: get('/apis', { view: 'shared' }),
    'core, aggregated': get('/api', aggregated('v2')),
    'groups, aggregated': get('/apis', aggregated('v2')),
    'groups, aggregated before': get('/apis', aggregated('v2beta1')),
    'groups, aggregated some day': get('/apis', aggregated('v9')),
    'OpenAPI v3': get('/openapi/v3', { view: 'status' }),
    'OpenAPI v3 of nothing': get('/openapi/v3/none'),
    'OpenAPI v2': get('/openapi/v2', { view: 'status' }),
    ...Object.fromEntries(
      groupVersions.map((one) => [
        `of ${one}`,
        get(one.includes('/') ? `/apis/${one}` : `/api/${one}`, { view: 'shared' }),
      ]),
    ),
    ...Object.fromEntries(
      grouped.map((one) => [`group of ${one}`, get(`/apis/${one.split('/')[0]}`, { view: 'shared' })]),
    ),
  })
}
