import { describe, expect, it } from 'vitest'
import { defaultConfiguration } from './kubelet-configuration.ts'
import { parseKubeletConfiguration } from './parse-configuration.ts'

const head = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n'
const parse = (body: string) => parseKubeletConfiguration(head + body)
const invalid = (fault: string) => `failed to validate kubelet configuration, error: invalid configuration: ${fault}`

describe('a KubeletConfiguration', () => {
  it('has the defaults where it says nothing', () => {
    expect(parse('')).toEqual({ ok: true, value: defaultConfiguration })
  })

  it('means all thresholds when it names one, unless they are to be merged', () => {
    const body = 'evictionHard: {memory.available: 1Gi}\n'
    const alone = parse(body)
    expect(alone.ok && alone.value.evictionHard).toEqual({ 'memory.available': '1Gi' })
    const merged = parse(`${body}mergeDefaultEvictionSettings: true\n`)
    expect(merged.ok && merged.value.evictionHard).toEqual({
      ...defaultConfiguration.evictionHard,
      'memory.available': '1Gi',
    })
  })

  it('counts processors that are reserved by their numbers in place of amounts', () => {
    const parsed = parse('reservedSystemCPUs: 0-2\nsystemReserved: {cpu: "1", memory: 1Gi}\nkubeReserved: {cpu: "1"}\n')
    expect(parsed.ok && parsed.value).toMatchObject({ systemReserved: { cpu: '3', memory: '1Gi' }, kubeReserved: {} })
  })

  it('fills in what stands inside of objects', () => {
    const parsed = parse('authentication: {anonymous: {enabled: true}}\n')
    expect(parsed.ok && parsed.value.authentication).toEqual({
      anonymous: { enabled: true },
      webhook: { enabled: true, cacheTTL: '2m0s' },
    })
  })

  it.each([
    ['podPidLimit: 3\n', 'failed to decode: strict decoding error: unknown field "podPidLimit"'],
    [
      'authentication: {webhook: {ttl: 1s}}\n',
      'failed to decode: strict decoding error: unknown field "authentication.webhook.ttl"',
    ],
    [
      'maxPods: 1\nmaxPods: 2\n',
      'failed to decode: strict decoding error: yaml: unmarshal errors:\n  line 4: key "maxPods" already set in map',
    ],
    ['maxPods: -1\n', invalid('maxPods (--max-pods) -1 must not be a negative number')],
    [
      'imageGCLowThresholdPercent: 90\n',
      invalid(
        'imageGCLowThresholdPercent (--image-gc-low-threshold) 90 must be less than imageGCHighThresholdPercent (--image-gc-high-threshold) 85',
      ),
    ],
    [
      'shutdownGracePeriodCriticalPods: 10s\n',
      invalid('shutdownGracePeriodCriticalPods 10s must be <= shutdownGracePeriod 0s'),
    ],
    ['systemReserved: {gpu: "1"}\n', 'failed to validate kubelet configuration, error: cannot reserve "gpu" resource'],
    [
      'topologyManagerPolicy: near\n',
      invalid(
        'topologyManagerPolicy (--topology-manager-policy) "near" must be one of: ["none" "best-effort" "restricted" "single-numa-node"]',
      ),
    ],
    [
      'topologyManagerScope: node\n',
      invalid('topologyManagerScope (--topology-manager-scope) "node" must be one of: "container", or "pod"'),
    ],
    [
      'reservedSystemCPUs: 0-x\n',
      invalid(
        'unable to parse reservedSystemCPUs (--reserved-cpus) 0-x, error: strconv.Atoi: parsing "x": invalid syntax',
      ),
    ],
    ['userNamespaces: {idsPerPod: 1000}\n', invalid('userNamespaces.idsPerPod must not be less than 65536')],
    ['userNamespaces: {idsPerPod: 70000}\n', invalid('userNamespaces.idsPerPod must be a multiple of 65536')],
    ['imageMinimumGCAge: soon\n', 'failed to validate kubelet configuration, error: time: invalid duration "soon"'],
  ])('is refused in the words of the original: %j', (body, error) => {
    expect(parse(body)).toEqual({ ok: false, error })
  })

  it('is refused when it is another kind of object', () => {
    expect(parseKubeletConfiguration('apiVersion: kubelet.config.k8s.io/v1beta1\nkind: Pod\n')).toEqual({
      ok: false,
      error: 'failed to decode: no kind "Pod" is registered for version "kubelet.config.k8s.io/v1beta1"',
    })
  })
})
