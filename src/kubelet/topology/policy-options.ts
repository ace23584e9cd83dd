import { fail, ok, type Result } from '../../api/result.ts'

type Options = Readonly<Record<string, string>>

export type CpuOptions = Readonly<{ wholeCores: boolean; strictReservation: boolean }>

const alphaCpuOptions = ['align-by-socket', 'distribute-cpus-across-cores']
/** Known to the original, and not done here. */
const furtherCpuOptions = ['distribute-cpus-across-numa', 'prefer-align-cpus-by-uncorecache']

/** cpuManagerPolicyOptions. Errors are the original's. */
export function cpuOptions(options: Options): Result<CpuOptions, string> {
  let [wholeCores, strictReservation] = [false, false]
  for (const [name, value] of Object.entries(options)) {
    const quoted = JSON.stringify(name)
    if (alphaCpuOptions.includes(name))
      return fail(`CPU Manager Policy Alpha-level Options not enabled, but option ${quoted} provided`)
    if (furtherCpuOptions.includes(name)) return fail(`unsupported cpumanager option: ${quoted} (${value})`)
    if (name !== 'full-pcpus-only' && name !== 'strict-cpu-reservation')
      return fail(`unknown CPU Manager Policy option: ${quoted}`)
    const parsed = parseBool(name, value)
    if (!parsed.ok) return parsed
    if (name === 'full-pcpus-only') wholeCores = parsed.value
    else strictReservation = parsed.value
  }
  return ok({ wholeCores, strictReservation })
}

export type TopologyOptions = Readonly<{ closest: boolean; mostNodes: number }>

const usualMostNodes = 8

/** topologyManagerPolicyOptions. */
export function topologyOptions(options: Options): Result<TopologyOptions, string> {
  let closest = false
  let mostNodes = usualMostNodes
  for (const [name, value] of Object.entries(options)) {
    if (name === 'prefer-closest-numa-nodes') {
      const parsed = parseBool(name, value)
      if (!parsed.ok) return parsed
      closest = parsed.value
    } else if (name === 'max-allowable-numa-nodes') {
      if (!/^[+-]?\d+$/.test(value))
        return fail(
          `unable to convert policy option to integer ${JSON.stringify(name)}: strconv.Atoi: parsing ${JSON.stringify(value)}: invalid syntax`,
        )
      mostNodes = Number(value)
      if (mostNodes < usualMostNodes)
        return fail(`the minimum value of ${JSON.stringify(name)} should not be less than ${usualMostNodes}`)
    } else return fail(`unknown Topology Manager Policy option: ${JSON.stringify(name)}`)
  }
  return ok({ closest, mostNodes })
}

/** As Go's strconv.ParseBool. */
function parseBool(name: string, value: string): Result<boolean, string> {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(value)) return ok(true)
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(value)) return ok(false)
  const why = `strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`
  return fail(`bad value for option ${JSON.stringify(name)}: ${why}`)
}
