import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { kubeconfigPath, kubeconfigText, mergeKubeconfig, removeFromKubeconfig } from './kubeconfig.ts'

const access = { server: 'https://127.0.0.1:6443', caPem: 'CA', certificatePem: 'CERT', keyPem: 'KEY' }
const others = `# my clusters
apiVersion: v1
kind: Config
current-context: prod
clusters:
- name: prod # do not touch
  cluster: {server: "https://prod:6443"}
contexts:
- name: prod
  context: {cluster: prod, user: me}
users: []
`

describe('the kubeconfig', () => {
  it('is whole when there was none', () => {
    const config = parse(kubeconfigText('coracle', access))
    expect(config['current-context']).toBe('coracle')
    expect(config.clusters).toEqual([
      { name: 'coracle', cluster: { server: access.server, 'certificate-authority-data': 'Q0E=' } },
    ])
    expect(config.contexts).toEqual([{ name: 'coracle', context: { cluster: 'coracle', user: 'coracle' } }])
  })

  it('keeps what else stands there, comments too', () => {
    const merged = mergeKubeconfig(others, 'coracle', access)
    expect(merged).toContain('# my clusters')
    expect(merged).toContain('# do not touch')
    expect(parse(merged).clusters.map((c: { name: string }) => c.name)).toEqual(['prod', 'coracle'])
    expect(parse(merged)['current-context']).toBe('coracle')
  })

  it('says the same when it is merged twice', () => {
    const once = mergeKubeconfig(others, 'coracle', access)
    expect(mergeKubeconfig(once, 'coracle', access)).toBe(once)
  })

  it('removes what it added and nothing else', () => {
    const removed = parse(removeFromKubeconfig(mergeKubeconfig(others, 'coracle', access), 'coracle'))
    expect(removed.clusters.map((c: { name: string }) => c.name)).toEqual(['prod'])
    expect(removed.users).toEqual([])
    expect(removed['current-context']).toBe('')
  })

  it('refuses a file that is no kubeconfig', () => {
    expect(() => mergeKubeconfig('[1, 2]', 'coracle', access)).toThrow('not a kubeconfig')
    expect(() => mergeKubeconfig('a: [', 'coracle', access)).toThrow('not valid YAML')
  })

  it('stands where kubectl would write it', () => {
    expect(kubeconfigPath({ KUBECONFIG: '/a/b:/c' }, '/root')).toBe('/a/b')
    expect(kubeconfigPath({}, '/root')).toBe('/root/.kube/config')
  })
})
