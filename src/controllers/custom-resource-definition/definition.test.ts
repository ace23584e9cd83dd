import { describe, expect, it } from 'vitest'
import type { CustomResourceDefinition } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { type ObservedDefinition, reconcileDefinition } from './definition.ts'

type Definition = Stored<CustomResourceDefinition>

const names = { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList', shortNames: ['wd'] }
const noNames = { plural: '', kind: '' }

function definition(more: Readonly<{ metadata?: object; spec?: object; status?: object }> = {}): Definition {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.acme.io', uid: 'u', resourceVersion: '1', creationTimestamp: '', ...more.metadata },
    spec: { group: 'acme.io', scope: 'Namespaced', names, versions: [], ...more.spec },
    status: { acceptedNames: noNames, storedVersions: ['v1'], conditions: null, ...more.status },
  } as unknown as Definition
}

const condition = (type: string, status = 'True') => ({ type, status, reason: '', message: '' })
const named = { acceptedNames: names, conditions: [condition('NamesAccepted')] }
const serving = { acceptedNames: names, conditions: [condition('NamesAccepted'), condition('Established')] }
const going = {
  deletionTimestamp: '2026-01-01T00:00:00Z',
  finalizers: ['customresourcecleanup.apiextensions.k8s.io'],
}
const deleting = {
  type: 'Terminating',
  status: 'True',
  reason: 'InstanceDeletionInProgress',
  message: 'CustomResource deletion is in progress',
}

function reconciled(own: Definition, more: Partial<ObservedDefinition> = {}): readonly object[] {
  return reconcileDefinition({ nowMs: 0, definition: own, others: [], ...more })
}

function other(acceptedNames: object): CustomResourceDefinition {
  return definition({ metadata: { name: 'other.acme.io' }, status: { acceptedNames } })
}

describe('a definition', () => {
  it('gets its names where they are free, is then established, and then left alone', () => {
    expect(reconciled(definition())).toMatchObject([
      {
        object: {
          status: {
            acceptedNames: names,
            conditions: [
              { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
              { type: 'Established', status: 'False', reason: 'Installing' },
            ],
          },
        },
      },
    ])
    expect(reconciled(definition({ status: named }))).toMatchObject([
      {
        object: {
          status: { conditions: [{}, { type: 'Established', status: 'True', reason: 'InitialNamesAccepted' }] },
        },
      },
    ])
    expect(reconciled(definition({ status: serving }))).toEqual([])
  })

  it.each([
    ['plural', { plural: 'widgets', kind: 'W' }, 'PluralConflict', '"widgets" is already in use'],
    ['singular', { plural: 'x', singular: 'widget', kind: 'W' }, 'SingularConflict', '"widget" is already in use'],
    ['short name', { plural: 'x', kind: 'W', shortNames: ['wd'] }, 'ShortNamesConflict', '"wd" is already in use'],
    ['kind', { plural: 'x', kind: 'Widget' }, 'KindConflict', '"Widget" is already in use'],
    [
      'kind of lists',
      { plural: 'x', kind: 'W', listKind: 'WidgetList' },
      'ListKindConflict',
      '"WidgetList" is already in use',
    ],
  ])('is not established while another has its %s', (_, taken, reason, message) => {
    const others = [other(taken)]
    const [action] = reconciled(definition(), { others }) as readonly { object: Definition }[]
    expect(action?.object.status.conditions).toMatchObject([
      { type: 'NamesAccepted', status: 'False', reason, message },
      { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' },
    ])
    expect(reconciled(action?.object ?? definition(), { others })).toEqual([])
  })

  it('of a protected group says whether somebody has approved of it', () => {
    const spec = { group: 'x.k8s.io' }
    const url = 'https://github.com/kubernetes/kubernetes/pull/1'
    const metadata = { annotations: { 'api-approved.kubernetes.io': url } }
    expect(reconciled(definition({ spec, metadata, status: serving }))).toMatchObject([
      {
        object: {
          status: {
            conditions: [
              {},
              {},
              {
                type: 'KubernetesAPIApprovalPolicyConformant',
                status: 'True',
                reason: 'ApprovedAnnotation',
                message: `approved in ${url}`,
              },
            ],
          },
        },
      },
    ])
  })

  it('that is deleted goes after its objects', () => {
    const kind = kinds.configMaps
    const object = { metadata: { name: 'a', namespace: 'n', uid: 'a', resourceVersion: '1', creationTimestamp: '' } }
    const left = (objects: readonly object[]) =>
      ({ instances: { kind, objects } }) as unknown as Partial<ObservedDefinition>
    const started = definition({ metadata: going, status: serving })
    expect(reconciled(started, left([object]))).toMatchObject([
      { object: { status: { conditions: [{}, {}, deleting] } } },
    ])
    const own = definition({ metadata: going, status: { ...serving, conditions: [...serving.conditions, deleting] } })
    expect(reconciled(own, left([object]))).toMatchObject([{ type: 'delete' }, { type: 'requeue' }])
    const waiting = { metadata: { ...object.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }
    expect(reconciled(own, left([waiting]))).toMatchObject([{ type: 'requeue' }])
    const [last] = reconciled(own, left([])) as readonly { object: Definition }[]
    expect(last?.object.metadata.finalizers).toEqual([])
    expect(last?.object.status.conditions?.at(-1)).toMatchObject({
      status: 'False',
      reason: 'InstanceDeletionCompleted',
      message: 'removed all instances',
    })
  })
})
