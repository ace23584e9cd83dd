import { describe, expect, it } from 'vitest'
import { selectorErrors } from './device-expression.ts'

const deep = (depth: number): string => (depth === 0 ? 'true' : `device.attributes.all(v${depth}, ${deep(depth - 1)})`)

/** As kube-apiserver 1.36.1 answers. */
describe('what is wrong with the expression of a device selector', () => {
  it.each([
    ["device.driver == 'd.test'", undefined],
    ['device.attributes["a.test"].b == 1', undefined],
    ['device.attributes["a.test"].b', undefined],
    ['cel.bind(a, device.attributes["a.test"], a.b && a.c)', undefined],
    ['device.capacity["a.test"].memory.isGreaterThan(quantity("1Gi"))', undefined],
    ['device.allowMultipleAllocations', undefined],
    ['1', 'Invalid value: "1": must evaluate to bool or the unknown type, not int'],
    [
      'device.',
      'Invalid value: "device.": compilation failed: ERROR: <input>:1:8: Syntax error: no viable alternative at input \'.\'\n | device.\n | .......^',
    ],
    [
      'device.other',
      'Invalid value: "device.other": compilation failed: ERROR: <input>:1:7: undefined field \'other\'\n | device.other\n | ......^',
    ],
    [deep(2), undefined],
    [deep(6), 'Forbidden: too complex, exceeds cost limit'],
  ])('%s', (expression, message) => {
    expect(selectorErrors('f', expression).map((error) => error.message)).toEqual(
      message === undefined ? [] : [message],
    )
  })
})
