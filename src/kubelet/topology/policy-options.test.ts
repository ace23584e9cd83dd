import { describe, expect, it } from 'vitest'
import { cpuOptions, topologyOptions } from './policy-options.ts'

describe('options of the CPU manager', () => {
  it.each([
    [{}, { wholeCores: false, strictReservation: false }],
    [{ 'full-pcpus-only': 'true' }, { wholeCores: true, strictReservation: false }],
    [
      { 'strict-cpu-reservation': '1', 'full-pcpus-only': 'f' },
      { wholeCores: false, strictReservation: true },
    ],
  ])('%j', (options, value) => expect(cpuOptions(options)).toEqual({ ok: true, value }))

  it.each([
    [{ fast: 'true' }, 'unknown CPU Manager Policy option: "fast"'],
    [
      { 'align-by-socket': 'true' },
      'CPU Manager Policy Alpha-level Options not enabled, but option "align-by-socket" provided',
    ],
    [{ 'distribute-cpus-across-numa': 'true' }, 'unsupported cpumanager option: "distribute-cpus-across-numa" (true)'],
    [
      { 'full-pcpus-only': 'yes' },
      'bad value for option "full-pcpus-only": strconv.ParseBool: parsing "yes": invalid syntax',
    ],
  ])('not %j', (options, error) => expect(cpuOptions(options)).toEqual({ ok: false, error }))
})

describe('options of the topology manager', () => {
  it.each([
    [{}, { closest: false, mostNodes: 8 }],
    [
      { 'prefer-closest-numa-nodes': 'true', 'max-allowable-numa-nodes': '16' },
      { closest: true, mostNodes: 16 },
    ],
  ])('%j', (options, value) => expect(topologyOptions(options)).toEqual({ ok: true, value }))

  it.each([
    [{ near: 'true' }, 'unknown Topology Manager Policy option: "near"'],
    [
      { 'max-allowable-numa-nodes': 'x' },
      'unable to convert policy option to integer "max-allowable-numa-nodes": strconv.Atoi: parsing "x": invalid syntax',
    ],
    [{ 'max-allowable-numa-nodes': '4' }, 'the minimum value of "max-allowable-numa-nodes" should not be less than 8'],
  ])('not %j', (options, error) => expect(topologyOptions(options)).toEqual({ ok: false, error }))
})
