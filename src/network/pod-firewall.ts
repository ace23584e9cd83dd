import type { FirewallTable } from '../ports/firewall.ts'

/**
 * What pods need of the host besides links: traffic that leaves the cluster carries the host's address; forwarding is accepted (though
 * an accept here cannot overrule another firewall's drop); and nothing that a pod sends reaches the host's loopback (route_localnet,
 * which node ports on 127.0.0.1 need, would open it: CVE-2020-8558). Redirects would teach pods a way past the host, and past the
 * translation of addresses with it.
 */
export function podFirewall(
  table: string,
  {
    bridgeName,
    clusterCidrs,
    podCidr,
  }: Readonly<{ bridgeName: string; clusterCidrs: readonly string[]; podCidr: string }>,
): FirewallTable {
  return {
    name: table,
    lookups: [{ name: 'cluster', key: ['ipv4_addr'], interval: true, elements: clusterCidrs.map((key) => ({ key })) }],
    chains: [
      {
        name: 'guard',
        hook: { type: 'filter', hook: 'prerouting', priority: -300, policy: 'accept' },
        rules: [`iifname ${bridgeName} ip daddr 127.0.0.0/8 drop`],
      },
      {
        name: 'forward',
        hook: { type: 'filter', hook: 'forward', priority: 0, policy: 'accept' },
        rules: [`iifname ${bridgeName} accept`, `oifname ${bridgeName} accept`],
      },
      {
        name: 'output',
        hook: { type: 'filter', hook: 'output', priority: 0, policy: 'accept' },
        rules: [`oifname ${bridgeName} icmp type redirect drop`],
      },
      {
        name: 'leaving',
        hook: { type: 'nat', hook: 'postrouting', priority: 110, policy: 'accept' },
        rules: [`ip saddr ${podCidr} ip daddr != @cluster ip daddr != 224.0.0.0/4 oifname != ${bridgeName} masquerade`],
      },
    ],
  }
}
