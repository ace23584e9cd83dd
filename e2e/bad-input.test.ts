import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeCluster, type Ran, run, type TestCluster } from './cluster.ts'

/** What a person gets to read who errs. The words are those of kube-apiserver 1.36 to the same commands. */

const deployment = (name: string, spec = ''): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  ${spec}
  selector: {matchLabels: {a: b}}
  template:
    metadata: {labels: {a: b}}
    spec: {containers: [{name: c, image: x}]}
`
const configMap = (name: string, data: string, more = ''): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}${more}}\ndata: {a: "${data}"}`
const service = (spec: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 80}], ${spec}}`

type Case = Readonly<{ of: string; args: string; input?: string; says: string }>

const manifests: readonly Case[] = [
  {
    of: 'YAML that is malformed',
    args: 'create -f -',
    input: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n data: x\n',
    says: 'error: error parsing STDIN: error converting YAML to JSON: yaml: line 4: did not find expected key',
  },
  {
    of: 'a field that there is not',
    args: 'create -f -',
    input: deployment('u', 'replica: 3'),
    says: 'Error from server (BadRequest): error when creating "STDIN": Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.replica"',
  },
  {
    of: 'a value of the wrong type',
    args: 'create -f -',
    input: deployment('w', 'replicas: three'),
    says: 'Error from server (BadRequest): error when creating "STDIN": Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
  },
  {
    of: 'a value out of range',
    args: 'create -f -',
    input: deployment('negative', 'replicas: -1'),
    says: 'The Deployment "negative" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
  },
  {
    of: 'a name with a capital letter',
    args: 'create namespace Bad_Name',
    says: `The Namespace "Bad_Name" is invalid: metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`,
  },
  {
    of: 'more data than an object may hold',
    args: 'create -f -',
    input: configMap('big', 'x'.repeat(1_100_000)),
    says: 'The ConfigMap "big" is invalid: []: Too long: may not be more than 1048576 bytes',
  },
  {
    of: 'a body larger than a request may be',
    args: 'create -f -',
    input: configMap('big', 'x'.repeat(3_300_000)),
    says: 'Error from server (RequestEntityTooLarge): error when creating "STDIN": Request entity too large: limit is 3145728',
  },
  {
    of: 'a namespace that there is not',
    args: 'create configmap x -n nowhere',
    says: 'error: failed to create configmap: namespaces "nowhere" not found',
  },
  {
    of: 'a cluster IP outside the range',
    args: 'create -f -',
    input: service('clusterIP: 1.2.3.4'),
    says: 'The Service "s" is invalid: spec.clusterIPs: Invalid value: ["1.2.3.4"]: failed to allocate IP 1.2.3.4: the provided network does not match the current range',
  },
]

const changes: readonly Case[] = [
  {
    of: 'what there is already',
    args: 'create -f -',
    input: configMap('kept', '1'),
    says: 'Error from server (AlreadyExists): error when creating "STDIN": configmaps "kept" already exists',
  },
  {
    of: 'a resource version that is stale',
    args: 'replace -f -',
    input: configMap('kept', '2', ', resourceVersion: "1"'),
    says: 'Error from server (Conflict): error when replacing "STDIN": Operation cannot be fulfilled on configmaps "kept": the object has been modified; please apply your changes to the latest version and try again',
  },
  {
    of: 'an immutable config map',
    args: 'patch configmap fixed -p {"data":{"a":"2"}}',
    says: 'The ConfigMap "fixed" is invalid: data: Forbidden: field is immutable when `immutable` is set',
  },
  {
    of: 'an immutable field',
    args: 'patch deployment kept --type=json -p [{"op":"replace","path":"/spec/selector/matchLabels/a","value":"z"}]',
    says: 'The Deployment "kept" is invalid: \n* spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`\n* spec.selector: Invalid value: {"matchLabels":{"a":"z"}}: field is immutable',
  },
  {
    of: 'a patch that is no JSON object',
    args: 'patch deployment kept --type=merge -p "nonsense"',
    says: 'Error from server (BadRequest): error decoding patch: json: cannot unmarshal string into Go value of type map[string]interface {}',
  },
  {
    of: 'a patch whose test fails',
    args: 'patch deployment kept --type=json -p [{"op":"test","path":"/spec/replicas","value":7}]',
    says: 'The request is invalid: the server rejected our request due to an error in our request',
  },
  {
    of: 'a namespace that must stay',
    args: 'delete namespace kube-system',
    says: 'Error from server (Forbidden): namespaces "kube-system" is forbidden: this namespace may not be deleted',
  },
]

const reads: readonly Case[] = [
  {
    of: 'an object that there is not',
    args: 'get pod nothing',
    says: 'Error from server (NotFound): pods "nothing" not found',
  },
  {
    of: 'a kind that there is not',
    args: 'get nonsense',
    says: `error: the server doesn't have a resource type "nonsense"`,
  },
  {
    of: 'a selector that is none',
    args: 'get pods -l a=b=c',
    says: `Error from server (BadRequest): Unable to find "/v1, Resource=pods" that match label selector "a=b=c", field selector "": found '=', expected: ',' or 'end of string'`,
  },
  {
    of: 'a field that cannot be selected by',
    args: 'get pods --field-selector=spec.nonsense=1',
    says: 'Error from server (BadRequest): Unable to find "/v1, Resource=pods" that match label selector "", field selector "spec.nonsense=1": field label not supported: spec.nonsense',
  },
  {
    of: 'a limit that is no number',
    args: 'get --raw /api/v1/namespaces/default/pods?limit=x',
    says: 'Error from server (BadRequest): strconv.ParseInt: parsing "x": invalid syntax',
  },
  {
    of: 'a path that there is not',
    args: 'get --raw /nonsense',
    says: 'Error from server (NotFound): the server could not find the requested resource',
  },
  {
    of: "others' objects",
    args: 'get pods --as=nobody',
    says: 'Error from server (Forbidden): pods is forbidden: User "nobody" cannot list resource "pods" in API group "" in the namespace "default"',
  },
  {
    of: "the cluster's objects without a right to them",
    args: 'get nodes --as=nobody',
    says: 'Error from server (Forbidden): nodes is forbidden: User "nobody" cannot list resource "nodes" in API group "" at the cluster scope',
  },
  {
    of: "the deletion of others' objects",
    args: 'delete deployment kept --as=nobody',
    says: 'Error from server (Forbidden): deployments.apps "kept" is forbidden: User "nobody" cannot delete resource "deployments" in API group "apps" in the namespace "default"',
  },
]

describe('bad input to the API is refused in the words of the original', () => {
  let cluster: TestCluster

  beforeAll(async () => {
    cluster = await makeCluster(2, ['--simulate', '1'])
    const kept = [configMap('kept', '1'), `immutable: true\n${configMap('fixed', '1')}`]
    const created = await cluster.tryKubectl(['create', '-f', '-'], [...kept, deployment('kept')].join('\n---\n'))
    expect(created.stderr).toBe('')
  })
  afterAll(() => cluster?.remove())

  /** kubectl's own notes, which differ from version to version, come before. */
  const lastWords = ({ code, stderr }: Ran) => ({
    code,
    says: stderr.replaceAll(/^Warning: .*\n/gm, '').trimEnd(),
  })

  it.each([...manifests, ...changes, ...reads])('$of', async ({ args, input, says }) => {
    expect(lastWords(await cluster.tryKubectl(args.split(' '), input))).toEqual({ code: 1, says })
  })

  it('warns of a field that there is not, or is silent, when asked to', async () => {
    const create = (validate: string): Promise<Ran> =>
      cluster.tryKubectl(
        ['create', '--dry-run=server', `--validate=${validate}`, '-f', '-'],
        deployment('u', 'replica: 3'),
      )
    const done = { code: 0, stdout: 'deployment.apps/u created (server dry run)\n' }
    expect(await create('warn')).toEqual({ ...done, stderr: 'Warning: unknown field "spec.replica"\n' })
    expect(await create('ignore')).toEqual({ ...done, stderr: '' })
  })

  it('a token that is wrong', async () => {
    const server = JSON.parse((await cluster.coracle('status', '--json')).stdout).server
    const env = { ...process.env, KUBECONFIG: '/dev/null' }
    const args = ['--server', server, '--insecure-skip-tls-verify', '--token', 'wrong', 'get', 'pods']
    const { code, stderr } = await run('kubectl', args, { env })
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'error: You must be logged in to the server (Unauthorized)\n',
    })
  })

  it('an image for simulated nodes, however large', async () => {
    const file = join(tmpdir(), `coracle-image-${process.pid}.tar`)
    await writeFile(file, Buffer.alloc(8 << 20))
    try {
      const { code, stderr } = await cluster.coracle('image', 'load', file)
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: 'coracle: simulated nodes run no containers and hold no images\n',
      })
    } finally {
      await rm(file)
    }
  })

  it('changes nothing', async () => {
    expect(await cluster.kubectl('get', 'configmaps', 'kept', '-o', 'jsonpath={.data.a}')).toBe('1')
    expect(await cluster.kubectl('get', 'deployments,services', '-o', 'name')).toBe(
      'deployment.apps/kept\nservice/kubernetes\n',
    )
  })
})
