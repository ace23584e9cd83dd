import { describe, expect, it } from 'vitest'
import type { BuildStep } from './build-step.ts'
import { emptyDocument, type ImageDocument, parseImageDocument } from './image-document.ts'
import { parseDockerfile } from './parse-dockerfile.ts'
import { type BuildOptions, type BuildPlan, planBuild } from './plan-build.ts'

const machine = { architecture: 'amd64' }
const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

const base: ImageDocument = {
  ...emptyDocument(machine),
  config: { Env: ['PATH=/bin', 'LANG=C'], Cmd: ['sh'], Entrypoint: ['/init'], WorkingDir: '/home', User: 'app' },
  history: [{ created_by: 'FROM ages ago', created: '2020-01-01T00:00:00Z' }],
}

const images = new Map([['docker.io/library/base:1', base]])

type Asked = Partial<Omit<BuildOptions, 'machine'>>

function planOf(
  text: string,
  asked: Asked = {},
  known: ReadonlyMap<string, ImageDocument> = images,
): BuildPlan | string {
  const dockerfile = parseDockerfile(text)
  if (!dockerfile.ok) return dockerfile.error.message
  const options = { target: '', buildArgs: {}, labels: {}, ...asked, machine }
  const planned = planBuild(dockerfile.value, options, known)
  if (!planned.ok) return `${planned.error.line}: ${planned.error.message}`
  return 'plan' in planned.value ? planned.value.plan : `missing: ${[...planned.value.missing.keys()].join(' ')}`
}

function target(text: string, asked: Asked = {}) {
  const plan = planOf(text, asked)
  const stage = typeof plan === 'string' ? undefined : plan.stages.find(({ index }) => index === plan.target)
  if (stage === undefined) throw new Error(String(plan))
  return stage
}

const configOf = (text: string, asked: Asked = {}) => target(text, asked).document.config
const historyOf = (text: string, asked: Asked = {}) =>
  target(text, asked)
    .document.history.slice(1)
    .map(({ created_by }) => created_by)

function stepOf<T extends BuildStep['type']>(
  text: string,
  type: T,
  asked: Asked = {},
): Extract<BuildStep, { type: T }> {
  const found = target(text, asked).steps.find((step) => step.type === type)
  if (found === undefined) throw new Error(`no step ${type}`)
  return found as Extract<BuildStep, { type: T }>
}

describe('the configuration of an image', () => {
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: a Dockerfile's variables
  it.each<readonly [text: string, config: object]>([
    ['ENV PATH=/x:$PATH', { Env: ['PATH=/x:/bin', 'LANG=C'] }],
    ['ENV a=1 b=$a\nENV c=$a', { Env: ['PATH=/bin', 'LANG=C', 'a=1', 'b=', 'c=1'] }],
    ['ARG a=1\nENV b=${a}2', { Env: ['PATH=/bin', 'LANG=C', 'b=12'] }],
    ['CMD ["x"]', { Cmd: ['x'], Entrypoint: ['/init'] }],
    ['CMD x y', { Cmd: ['/bin/sh', '-c', 'x y'] }],
    ['ENTRYPOINT ["x"]', { Entrypoint: ['x'], Cmd: [] }],
    ['CMD ["y"]\nENTRYPOINT ["x"]', { Entrypoint: ['x'], Cmd: ['y'] }],
    ['SHELL ["/bin/bash", "-c"]\nENTRYPOINT x', { Entrypoint: ['/bin/bash', '-c', 'x'], Shell: ['/bin/bash', '-c'] }],
    ['WORKDIR a\nWORKDIR ../b', { WorkingDir: '/home/b' }],
    ['ARG u=1\nUSER $u:2', { User: '1:2' }],
    [
      'EXPOSE 80 8000-8002/udp 80/TCP',
      { ExposedPorts: { '80/tcp': {}, '8000/udp': {}, '8001/udp': {}, '8002/udp': {} } },
    ],
    ['ARG p="1 2"\nEXPOSE $p', { ExposedPorts: { '1/tcp': {}, '2/tcp': {} } }],
    ['VOLUME /a $LANG', { Volumes: { '/a': {}, C: {} } }],
    ['LABEL a=1 a=2 "b c"=$LANG', { Labels: { a: '2', 'b c': 'C' } }],
    ['STOPSIGNAL SIGRTMIN+3', { StopSignal: 'SIGRTMIN+3' }],
    ['HEALTHCHECK NONE', { Healthcheck: { Test: ['NONE'] } }],
    ['ONBUILD RUN x', { OnBuild: ['RUN x'] }],
  ])('%s', (text, config) => expect(configOf(`FROM base:1\n${text}`)).toMatchObject(config))

  it('of scratch has a PATH and nothing else', () => {
    expect(configOf('FROM scratch\nCOPY a /')).toEqual({ Env: [path], WorkingDir: '/', OnBuild: [] })
  })

  it('is taken over from an earlier stage, with its arguments but without its triggers', () => {
    const text = 'FROM base:1 AS a\nARG v=1\nENV e=2\nONBUILD ENV o=$v\nFROM a\nRUN x'
    expect(configOf(text)).toMatchObject({ Env: ['PATH=/bin', 'LANG=C', 'e=2', 'o=1'], OnBuild: [] })
    expect(stepOf(text, 'run').env).toEqual(['PATH=/bin', 'LANG=C', 'v=1', 'e=2', 'o=1'])
  })

  it('gets the labels that are asked for', () => {
    expect(configOf('FROM base:1\nLABEL a=1 b=1', { labels: { b: '2' } }).Labels).toEqual({ a: '1', b: '2' })
  })
})

describe('arguments', () => {
  it.each<readonly [text: string, buildArgs: Record<string, string>, env: readonly string[]]>([
    ['ARG v=1', {}, ['v=1']],
    ['ARG v=1', { v: '2' }, ['v=2']],
    ['ARG v', { v: '2' }, ['v=2']],
    ['ARG v', {}, []],
    ['ARG a=1\nARG b=${a:-0}$c', {}, ['a=1', 'b=1']],
    ['ARG G', {}, ['G=global']],
    ['ARG G=own', {}, ['G=own']],
    ['ARG G', { G: 'given' }, ['G=given']],
    ['ARG TARGETARCH\nARG BUILDPLATFORM', {}, ['TARGETARCH=amd64', 'BUILDPLATFORM=linux/amd64']],
    ['ARG v=1\nENV v=2', {}, ['v=2']],
  ])('%s with %j', (text, buildArgs, env) => {
    const run = stepOf(`ARG G=global\nFROM base:1\n${text}\nRUN x`, 'run', { buildArgs })
    expect(run.env.slice(2)).toEqual(env)
  })
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: a Dockerfile's variables

  it('before the first stage choose its base', () => {
    expect(planOf('ARG V=2\nFROM base:$V')).toBe('missing: docker.io/library/base:2')
    expect(target('ARG V=2\nFROM base:$V', { buildArgs: { V: '1' } }).base).toMatchObject({ type: 'image' })
  })

  it('that are proxies reach commands without being declared, and nobody else', () => {
    const text = 'FROM base:1\nRUN x'
    const buildArgs = { HTTP_PROXY: 'http://p' }
    expect(stepOf(text, 'run', { buildArgs })).toMatchObject({
      env: ['PATH=/bin', 'LANG=C'],
      proxyEnv: ['HTTP_PROXY=http://p', 'http_proxy=http://p'],
    })
    expect(historyOf(text, { buildArgs })).toEqual(['RUN /bin/sh -c x'])
  })
})

describe('history', () => {
  it.each<readonly [text: string, said: string]>([
    ['ARG a=1\nRUN x', 'RUN |1 a=1 /bin/sh -c x'],
    ['RUN ["x", "y"]', 'RUN x y'],
    ['COPY --chown=1 --chmod=644 a b /c/', 'COPY --chown=1 --chmod=644 a b /c/'],
    ['ADD a .', 'ADD a .'],
    ['WORKDIR x', 'WORKDIR /home/x'],
    ['CMD x "y"', 'CMD ["/bin/sh" "-c" "x \\"y\\""]'],
    ['EXPOSE 2 1', 'EXPOSE [1/tcp 2/tcp]'],
    [
      'HEALTHCHECK --interval=90s CMD x',
      'HEALTHCHECK {Test:[CMD-SHELL x] Interval:1m30s Timeout:0s StartPeriod:0s StartInterval:0s Retries:0}',
    ],
  ])('of %s', (text, said) => expect(historyOf(`FROM base:1\n${text}`).at(-1)).toBe(said))

  it('has an entry for each layer, also of a base that does not tell', () => {
    const text = JSON.stringify({ history: [{ empty_layer: true }], rootfs: { diff_ids: ['a', 'b'] } })
    const parsed = parseImageDocument(text)
    expect(parsed.ok && parsed.value.history.filter((entry) => entry.empty_layer !== true)).toHaveLength(2)
  })
})

describe('steps', () => {
  it.each<readonly [text: string, destination: string]>([
    ['COPY a b', '/home/b'],
    ['COPY a ./', '/home/'],
    ['COPY a .', '/home/'],
    ['COPY a /', '/'],
    ['COPY a /x/../y/', '/y/'],
  ])('%s goes to %s', (text, destination) =>
    expect(stepOf(`FROM base:1\n${text}`, 'copy').destination).toBe(destination),
  )

  it('take heredocs with their variables, unless these are quoted', () => {
    const copy = stepOf('FROM base:1\nCOPY <<a <<-"b" /x/\n$LANG "q"\na\n\t$LANG\nb', 'copy')
    expect(copy.files).toEqual([
      { name: 'a', content: 'C "q"\n' },
      { name: 'b', content: '$LANG\n' },
    ])
  })

  it('run heredocs by the shell, or as programs where they say by what', () => {
    const args = (text: string) => stepOf(`FROM base:1\nRUN ${text}`, 'run')
    expect(args('<<E\na\nb\nE').args).toEqual(['/bin/sh', '-c', 'a\nb\n'])
    expect(args('python <<E\na\nE').args).toEqual(['/bin/sh', '-c', 'python <<E\na\nE'])
    expect(args('<<E\n#!/bin/x\na\nE')).toMatchObject({
      args: ['/bin/sh', '-c', '/dev/pipes/E'],
      script: { name: 'E', content: '#!/bin/x\na\n' },
    })
  })

  it('mount caches by their places, secrets by their names, and files of stages', () => {
    const mounts = (text: string) => stepOf(`FROM base:1 AS a\nFROM base:1\nRUN ${text} x`, 'run').mounts
    expect(mounts('--mount=type=cache,target=c,sharing=locked')).toMatchObject([
      { type: 'cache', id: 'c', target: '/home/c', sharing: 'locked', isReadOnly: false },
    ])
    expect(mounts('--mount=type=secret,id=token --mount=type=secret,target=/s/t,mode=0440,required')).toMatchObject([
      { type: 'secret', id: 'token', target: '/run/secrets/token', isReadOnly: true },
      { type: 'secret', id: 't', target: '/s/t', mode: 0o440, isRequired: true },
    ])
    expect(
      mounts('--mount=from=a,src=/x,dst=/y --mount=target=/z,rw --mount=type=tmpfs,target=/t,size=1m'),
    ).toMatchObject([
      { type: 'bind', from: { type: 'stage', index: 0 }, source: '/x', target: '/y', isReadOnly: true },
      { type: 'bind', from: { type: 'context' }, target: '/z', isReadOnly: false },
      { type: 'tmpfs', target: '/t', sizeBytes: 1 << 20 },
    ])
  })

  it('are numbered with the image that they begin with, and named with their values', () => {
    const text =
      'FROM base:1 AS a\nARG v=1\nRUN echo "$v" $none\nFROM scratch\nCOPY --from=a /x /y\nWORKDIR /\nWORKDIR /w'
    const plan = planOf(text)
    expect(
      typeof plan !== 'string' &&
        plan.stages.map(({ baseName, steps }) => [baseName, ...steps.map(({ name }) => name)]),
    ).toEqual([
      ['[a 1/2] FROM docker.io/library/base:1', '[a 2/2] RUN echo "1" $none'],
      ['', '[stage-1 1/3] COPY --from=a /x /y', '[stage-1 2/3] WORKDIR /w'],
    ])
  })
})

describe('stages', () => {
  const four =
    'FROM base:1 AS a\nFROM base:1 AS b\nCOPY --from=a /x /\nFROM base:1 AS c\nFROM b\nRUN --mount=from=a,target=/m x'

  it('are planned only where the target needs them', () => {
    const indexes = (asked: Asked): unknown => {
      const plan = planOf(four, asked)
      return typeof plan === 'string' ? plan : plan.stages.map(({ index }) => index)
    }
    expect(indexes({})).toEqual([0, 1, 3])
    expect(indexes({ target: 'C' })).toEqual([2])
    expect(indexes({ target: 'b' })).toEqual([0, 1])
  })

  it('name each other by number, too, and images by their names', () => {
    const from = (name: string) => stepOf(`FROM base:1\nFROM scratch\nCOPY --from=${name} /x /`, 'copy').from
    expect(from('0')).toEqual({ type: 'stage', index: 0 })
    expect(from('base:1')).toEqual({ type: 'image', reference: 'docker.io/library/base:1' })
  })

  it('need the images that triggers of their bases name', () => {
    const text = 'FROM base:1'
    const withTrigger = { ...base, config: { ...base.config, OnBuild: ['COPY --from=tools:2 /t /t', 'RUN y'] } }
    const known = new Map([['docker.io/library/base:1', withTrigger]])
    expect(planOf(text, {}, known)).toBe('missing: docker.io/library/tools:2')
    const plan = planOf(text, {}, new Map([...known, ['docker.io/library/tools:2', base]]))
    expect(typeof plan !== 'string' && plan.stages[0]?.steps.map(({ type, line }) => [type, line])).toEqual([
      ['copy', 1],
      ['run', 1],
    ])
  })

  it('for another machine can be put together, but not built on', () => {
    const text =
      'FROM --platform=$BUILDPLATFORM base:1 AS b\nARG TARGETARCH\nRUN make $TARGETARCH\nFROM scratch\nCOPY --from=b /x /'
    const asked = { platform: { architecture: 'arm64' } }
    expect(target(text, asked).document.architecture).toBe('arm64')
    expect(planOf('FROM base:1', asked)).toBe(
      '1: base:1: images for linux/arm64 cannot be built on: this machine is linux/amd64',
    )
  })

  it.each<readonly [text: string, refusal: string]>([
    [
      'FROM base:1 AS a\nCOPY --from=later /x /\nFROM a AS later',
      '2: cannot copy from stage "later", it needs to be defined before current stage "a"',
    ],
    ['FROM base:1 AS a\nCOPY --from=a /x /', '2: circular dependency detected on stage: a'],
    ['FROM base:1\nCOPY --from=7 /x /', '2: invalid stage index 7'],
    [
      'FROM base:1\nCOPY --from=$x /x /',
      '2: variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround',
    ],
    ['FROM $none', '1: base name ($none) should not be blank'],
    [
      'FROM Base',
      '1: failed to parse stage name "Base": invalid reference format: repository name (library/Base) must be lowercase',
    ],
    [
      'FROM --platform=windows/amd64 x',
      '1: failed to parse platform windows/amd64: only Linux on known architectures is built for',
    ],
    [
      'FROM base:1\nCOPY a b /c',
      '2: When using COPY with more than one source file, the destination must be a directory and end with a /',
    ],
    [
      'FROM base:1\nCOPY --chmod=99 a /',
      "2: invalid chmod parameter: '99'. it should be octal string and between 0 and 07777",
    ],
    [
      'FROM base:1\nCOPY --link --chown=app a /',
      "2: --chown=app: user and group names can't be resolved when used with --link, use numeric uid[:gid] instead",
    ],
    ['FROM base:1\nCOPY https://x/y /', "2: source can't be a URL for COPY"],
    ['FROM base:1\nADD git@x:y.git /', '2: git repositories are not fetched: clone it, and add the folder'],
    ['FROM base:1\nADD --checksum=sha256:1 a /', '2: checksum requires HTTP(S) or Git sources'],
    ['FROM base:1\nEXPOSE x', '2: invalid containerPort: x'],
    ['FROM base:1\nSTOPSIGNAL SIGNOPE', '2: invalid signal: SIGNOPE'],
    ['FROM base:1\nRUN --mount=type=cache,target=/ x', '2: invalid mount target "/"'],
    ['FROM base:1\nRUN --mount=type=tmpfs,target=/t,mode=1 x', '2: mode not allowed for "tmpfs" type mounts'],
  ])('%s is refused', (text, refusal) => expect(planOf(text)).toBe(refusal))

  it('of another name are not there', () => {
    expect(planOf('FROM base:1', { target: 'none' })).toBe('1: target stage "none" could not be found')
  })
})
