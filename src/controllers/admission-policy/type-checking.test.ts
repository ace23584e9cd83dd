import { expect, it } from 'vitest'
import type {
  CustomResourceDefinition,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicySpec,
} from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import { schema } from '../../api/schema-reader.ts'
import { reconcileTypeChecking } from './type-checking.ts'

const definition = {
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: '',
    names: { plural: 'widgets', kind: 'Widget' },
    versions: [
      {
        name: 'v1',
        served: true,
        schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: {} } } } },
      },
    ],
  },
} as unknown as Stored<CustomResourceDefinition>

function statusOf(spec: ValidatingAdmissionPolicySpec, observedGeneration = 0, resources = ['deployments']): unknown {
  const policy = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'p', uid: 'u', resourceVersion: '1', creationTimestamp: '', generation: 1 },
    spec: {
      matchConstraints: {
        resourceRules: [{ apiGroups: ['', 'apps'], apiVersions: ['v1'], operations: ['*'], resources }],
      },
      ...spec,
    },
    status: { observedGeneration },
  } as unknown as Stored<ValidatingAdmissionPolicy>
  return reconcileTypeChecking({ policy, schema, definitions: [definition] }).map((action) => {
    if (action.type !== 'patch') return undefined
    const { status } = action.patch.body as Readonly<{ status: unknown }>
    return status
  })
}

it('says where expressions do not fit the kinds that they are for', () => {
  const validations = [
    { expression: 'object.spec.replicas > 1' },
    { expression: "object.spec.replicas > '1'", messageExpression: 'object.nope' },
  ]
  expect(statusOf({ validations })).toEqual([
    {
      observedGeneration: 1,
      typeChecking: {
        expressionWarnings: [
          {
            fieldRef: 'spec.validations[1].expression',
            warning:
              "apps/v1, Kind=Deployment: ERROR: <input>:1:22: found no matching overload for '_>_' applied to '(int, string)'\n | object.spec.replicas > '1'\n | .....................^\n",
          },
          {
            fieldRef: 'spec.validations[1].messageExpression',
            warning:
              "apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'nope'\n | object.nope\n | ......^\n",
          },
        ],
      },
    },
  ])
})

it('knows the types of variables and parameters, and tells each kind apart', () => {
  const spec = {
    paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
    variables: [{ name: 'n', expression: 'object.metadata.name' }],
    validations: [{ expression: 'variables.n + 1 == params.data.x' }, { expression: 'params.nope' }],
  }
  expect(statusOf(spec, 0, ['deployments', 'pods'])).toMatchObject([
    {
      typeChecking: {
        expressionWarnings: [
          {
            warning: expect.stringMatching(
              /^\/v1, Kind=Pod: .*'\(string, int\)'[\s\S]*\n\napps\/v1, Kind=Deployment: /,
            ),
          },
          { warning: expect.stringContaining("undefined field 'nope'") },
        ],
      },
    },
  ])
})

it('knows custom kinds by their schemas', () => {
  const validations = [{ expression: "object.spec.nope == 1 && object.metadata.name == 'a'" }]
  const warning = expect.stringContaining("/v1, Kind=Widget: ERROR: <input>:1:12: undefined field 'nope'")
  expect(statusOf({ validations }, 0, ['widgets'])).toMatchObject([
    { typeChecking: { expressionWarnings: [{ fieldRef: 'spec.validations[0].expression', warning }] } },
  ])
})

it('has nothing to say of kinds that it does not know, or for a second time', () => {
  const validations = [{ expression: 'object.nope' }]
  expect(statusOf({ validations }, 0, ['*'])).toEqual([{ observedGeneration: 1, typeChecking: {} }])
  expect(statusOf({ validations }, 1)).toEqual([])
})
