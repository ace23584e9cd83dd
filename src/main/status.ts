import { daemonPid, statusOf } from './daemon-client.ts'
import { readSettings } from './instance.ts'
import { kubeconfigText } from './kubeconfig.ts'
import { readAccess } from './pki.ts'
import { hostInstance } from './up.ts'

/** Exit code 3 when the cluster is not running, as `systemctl status` has it. */
export async function status(name: string, asJson: boolean): Promise<void> {
  const instance = hostInstance(name)
  const running = daemonPid(instance) === undefined ? undefined : await statusOf(instance)
  if (running === undefined) {
    process.exitCode = 3
    const made = readSettings(instance) !== undefined
    process.stdout.write(
      asJson
        ? '{"running":false}\n'
        : `Cluster "${name}" is ${made ? 'down' : 'not made yet'}: \`coracle up\` starts it\n`,
    )
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
  process.stdout.write(kubeconfigText(name, readAccess(hostInstance(name))))
}
