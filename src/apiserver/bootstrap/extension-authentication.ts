import type { ApiObject } from '../../api/object.ts'
import type { FrontProxy } from '../server.ts'

/** By which servers that extend the API know whose word about users to take: ours, by the front proxy's certificate. */
export function extensionAuthentication(clientCaPem: string, { caPem, commonName }: FrontProxy): ApiObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'extension-apiserver-authentication', namespace: 'kube-system' },
    data: {
      'client-ca-file': clientCaPem,
      'requestheader-allowed-names': JSON.stringify([commonName]),
      'requestheader-client-ca-file': caPem,
      'requestheader-extra-headers-prefix': JSON.stringify(['X-Remote-Extra-']),
      'requestheader-group-headers': JSON.stringify(['X-Remote-Group']),
      'requestheader-uid-headers': JSON.stringify(['X-Remote-Uid']),
      'requestheader-username-headers': JSON.stringify(['X-Remote-User']),
    },
  }
}
