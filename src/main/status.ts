import { daemonPid, statusOf } from './daemon-client.ts'
import { instanceNamed, readSettings } from './instance.ts'
import { kubeconfigText } from './kubeconfig.ts'
import { readAccess } from './pki.ts'

/** Exit code 0 when the cluster runs, 3 when it does not (yet), as `systemctl status` has it. */
export async function status(name: string, asJson: boolean): Promise<void> {
  const instance = instanceNamed(name)
  const holder = await daemonPid(instance)
  const running = holder === undefined ? undefined : await statusOf(instance)
  if (running === undefined) {
    process.exitCode = 3
    const state = holder !== undefined ? 'starting' : readSettings(instance) !== undefined ? 'down' : 'not made yet'
    const sentence = state === 'starting' ? `starting (pid ${holder})` : `${state}: \`coracle up\` starts it`
    process.stdout.write(asJson ? '{"running":false}\n' : `Cluster "${name}" is ${sentence}\n`)
    return
  }
  if (asJson) return void process.stdout.write(`${JSON.stringify({ running: true, ...running })}\n`)
  const { version, server, pid, startedAt, memoryBytes, nodes, pods } = running
  process.stdout.write(`Cluster "${name}" is up since ${startedAt} (pid ${pid}, ${Math.round(memoryBytes / (1 << 20))} MiB)
Kubernetes ${version} at ${server}
${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}, ${nodes.filter((node) => node.ready).length} ready; ${pods.total} pods, ${pods.running} running
Log: ${instance.logPath}
`)
}

export function printKubeconfig(name: string): void {
  process.stdout.write(kubeconfigText(name, readAccess(instanceNamed(name))))
}
