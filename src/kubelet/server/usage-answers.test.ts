import { afterEach, describe, expect, it } from 'vitest'
import { simMachine } from '../../host/sim/machine.ts'
import type { HttpRequest } from '../../ports/http.ts'
import type { Kubelet } from '../kubelet.ts'
import { kubeletWorld } from '../test-kubelet.ts'
import { testContainer } from '../test-pod.ts'

const running: Kubelet[] = []
afterEach(async () => {
  for (const kubelet of running.splice(0)) await kubelet.stop()
})

/** A node with one pod that uses something of everything. */
async function busyNode() {
  const simulated = simMachine()
  const made = kubeletWorld(simulated, running)
  const kubelet = await made.start()
  const resources = { requests: { cpu: '250m' }, limits: { cpu: '500m', memory: '64Mi' } }
  made.run('web', { containers: [testContainer('a', { resources })] })
  await made.until('the pod is ready', () => made.isReady('web'))
  const { script } = made.runtime
  const [container] = made.runtime.containers()
  const id = container?.id ?? ''
  const usage = { memoryUsageBytes: 2000, memoryWorkingSetBytes: 1500, memoryRssBytes: 1000, pids: 3 }
  script.stats = [{ containerId: id, cpuUsageNs: 2.5e9, ...usage, atMs: 5000 }]
  script.layers.set('a', { bytes: 4096, inodes: 2 })
  const get = async (target: string): Promise<string> => {
    let text: string | undefined
    void kubelet
      .handler({ method: 'GET', target, headers: {}, peer: { address: '' } } as HttpRequest)
      .then((answer) => {
        if (answer.type === 'whole') text = new TextDecoder().decode(answer.body as Uint8Array)
      })
    await made.until('it answers', () => text !== undefined)
    return text ?? ''
  }
  return { ...made, id, get }
}

describe('what the kubelet tells of usage', () => {
  it('names containers as cAdvisor does', async () => {
    const { get, id, pod, clock } = await busyNode()
    const uid = pod('web')?.metadata.uid ?? ''
    const lines = (await get('/metrics/cadvisor')).split('\n')
    const nowMs = clock.nowMs()
    const labels = `container="a",id="/kubepods/burstable/pod${uid}/${id}",image="img:1",name="${id}",namespace="shop",pod="web"`
    expect(lines).toEqual(
      expect.arrayContaining([
        '# TYPE container_cpu_usage_seconds_total counter',
        `container_cpu_usage_seconds_total{${labels},cpu="total"} 2.5 5000`,
        `container_memory_working_set_bytes{${labels}} 1500 5000`,
        `container_spec_cpu_quota{${labels}} 50000`,
        `container_spec_cpu_shares{${labels}} 256`,
        `container_spec_memory_limit_bytes{${labels}} ${64 * 2 ** 20}`,
        `container_fs_usage_bytes{${labels},device="/dev/sda"} 4096 ${nowMs}`,
        `container_fs_inodes_total{${labels},device="/dev/sda"} 1000000 ${nowMs}`,
        'machine_cpu_cores{boot_id="b",machine_id="m",system_uuid="s"} 2',
        'container_scrape_error 0',
      ]),
    )
    expect(lines.some((line) => line.startsWith('container_memory_usage_bytes{container="",id="/"'))).toBe(true)
  })

  it('sums up disks and processes, unless only processors and memory are asked for', async () => {
    const { get } = await busyNode()
    const summary = JSON.parse(await get('/stats/summary'))
    expect(summary.node.fs).toMatchObject({ inodes: 1_000_000, capacityBytes: expect.any(Number) })
    expect(summary.node.runtime.imageFs).toMatchObject({ usedBytes: 1000, inodesFree: 900_000 })
    const [pod] = summary.pods
    expect(pod).toMatchObject({ podRef: { name: 'web' }, process_stats: { process_count: 3 }, volume: [] })
    expect(pod.containers[0]).toMatchObject({ name: 'a', memory: { rssBytes: 1000 }, rootfs: { usedBytes: 4096 } })
    expect(pod['ephemeral-storage'].usedBytes).toBeGreaterThan(4096)
    const short = JSON.parse(await get('/stats/summary?only_cpu_and_memory=true'))
    expect(short.node.fs).toBeUndefined()
    expect(short.pods[0].containers[0].rootfs).toBeUndefined()
    expect(short.pods[0].memory.workingSetBytes).toBe(1500)
  })

  it('counts pods, containers and probes', async () => {
    const { get, run, until, isReady } = await busyNode()
    const readinessProbe = { exec: { command: ['true'] }, periodSeconds: 1 }
    run('own', { hostUsers: false })
    run('probed', { containers: [testContainer('p', { readinessProbe })] })
    await until('it is ready', () => isReady('probed'))
    const own = await get('/metrics')
    const started = (what: string) => Number(new RegExp(`^kubelet_started_${what}_total (\\d+)$`, 'm').exec(own)?.[1])
    // The one that this runtime cannot run is tried again and again.
    const tries = started('user_namespaced_pods')
    expect(tries).toBeGreaterThan(0)
    expect([started('pods'), started('user_namespaced_pods_errors')]).toEqual([2 + tries, tries])
    expect(own).toContain('kubelet_running_pods 2\n')
    expect(own).toContain('kubelet_running_containers{container_state="running"} 2\n')
    expect(own).toContain('kubelet_node_name{node="n1"} 1\n')
    expect(await get('/metrics/probes')).toMatch(
      /prober_probe_total\{container="p",namespace="shop",pod="probed",pod_uid="[^"]+",probe_type="Readiness",result="successful"\} [1-9]/,
    )
  })
})
