import { expect, test } from 'vitest'
import { unstructuredProblem } from './unstructured-problem.ts'

const pod = 'io.k8s.api.core.v1.Pod'

/** Asked of kube-apiserver 1.36.1 with strategic merge patches. */
const cases: readonly (readonly [object, string | undefined])[] = [
  [{ metadata: { generation: '5' } }, 'unrecognized type: int64'],
  [{ metadata: { generation: 1.5 } }, 'cannot convert float64 to int64'],
  [{ metadata: { finalizers: [7] } }, 'cannot convert int64 to string'],
  [{ metadata: { finalizers: { a: 'b' } } }, 'cannot restore slice from map'],
  [{ metadata: { labels: true } }, 'cannot restore map from bool'],
  [{ metadata: [] }, 'cannot restore struct from: slice'],
  [{ metadata: { deletionTimestamp: 5 } }, 'json: cannot unmarshal number into Go value of type string'],
  [{ spec: { hostNetwork: 'true' } }, 'unrecognized type: bool'],
  [{ spec: { dnsPolicy: 7 } }, 'cannot convert int64 to v1.DNSPolicy'],
  [{ spec: { containers: [{ ports: [{ protocol: 7 }] }] } }, 'cannot convert int64 to v1.Protocol'],
  [{ spec: { activeDeadlineSeconds: 1, containers: null } }, undefined],
]

for (const [value, problem] of cases) {
  test(`the converter says of ${JSON.stringify(value)}: ${problem ?? 'nothing'}`, () => {
    expect(unstructuredProblem(pod, value)).toBe(problem)
  })
}

test('the first field of the type is named, whatever the order of the text', () => {
  expect(unstructuredProblem(pod, { spec: { hostPID: 1 }, metadata: { generation: '5' } })).toBe(
    'unrecognized type: int64',
  )
})
