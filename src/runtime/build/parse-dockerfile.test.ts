import { describe, expect, it } from 'vitest'
import type { Instruction } from './instruction.ts'
import { parseDockerfile } from './parse-dockerfile.ts'

/** The instructions of a stage, as data, without where they stand. */
function instructions(text: string): readonly object[] {
  const parsed = parseDockerfile(`FROM x\n${text}`)
  if (!parsed.ok) return [parsed.error]
  return (parsed.value.stages[0]?.instructions ?? []).map(({ line: _, text: __, ...body }: Instruction) => body)
}

function refusal(text: string): string {
  const parsed = parseDockerfile(text)
  return parsed.ok ? 'accepted' : `${parsed.error.line}: ${parsed.error.message}`
}

const shell = (line: string) => ({ args: [line], isShell: true })
const heredoc = { isExpanded: true, isChomped: false }
const run = (command: object, more: object = {}) => ({
  type: 'run',
  command,
  heredocs: [],
  mounts: [],
  network: 'default',
  ...more,
})
const copy = (more: object) => ({
  type: 'copy',
  heredocs: [],
  from: '',
  chown: '',
  chmod: '',
  isLink: false,
  hasParents: false,
  excludes: [],
  checksum: '',
  ...more,
})

const cases: readonly (readonly [text: string, ...instructions: object[]])[] = [
  ['RUN make', run(shell('make'))],
  ['run make', run(shell('make'))],
  ['RUN ["make", "-j2"]', run({ args: ['make', '-j2'], isShell: false })],
  ["RUN ['make']", run(shell("['make']"))],
  ['RUN a && \\\n    b', run(shell('a &&     b'))],
  ['RUN a \\\n# why\n\n  && b', run(shell('a   && b'))],
  ['RUN a \\  \n b', run(shell('a  b'))],
  ['RUN echo "a \\\n b"', run(shell('echo "a  b"'))],
  ['# a comment\n\n  RUN x', run(shell('x'))],
  [
    'RUN --mount=type=cache,target=/c --network=none x --y',
    run(shell('x --y'), { mounts: ['type=cache,target=/c'], network: 'none' }),
  ],
  [
    'RUN <<EOF\necho 1\necho 2\nEOF',
    run(shell('<<EOF'), { heredocs: [{ ...heredoc, name: 'EOF', content: 'echo 1\necho 2\n' }] }),
  ],
  [
    'RUN cat <<A <<-"B"\na\nA\n\tb\n\tB\nRUN x',
    run(shell('cat <<A <<-"B"'), {
      heredocs: [
        { ...heredoc, name: 'A', content: 'a\n' },
        { name: 'B', isExpanded: false, isChomped: true, content: '\tb\n' },
      ],
    }),
    run(shell('x')),
  ],
  ['COPY a b /c/', copy({ sources: ['a', 'b'], destination: '/c/' })],
  ['COPY ["a b", "/c d"]', copy({ sources: ['a b'], destination: '/c d' })],
  [
    'COPY --from=build --chown=1:2 --chmod=755 --link --parents --exclude=*.o --exclude=x /a /b',
    copy({
      sources: ['/a'],
      destination: '/b',
      from: 'build',
      chown: '1:2',
      chmod: '755',
      isLink: true,
      hasParents: true,
      excludes: ['*.o', 'x'],
    }),
  ],
  [
    'COPY <<x /y\nz\nx',
    copy({ sources: [], destination: '/y', heredocs: [{ ...heredoc, name: 'x', content: 'z\n' }] }),
  ],
  [
    'ADD --checksum=sha256:0 --unpack=false https://x/y.tgz /',
    copy({
      type: 'add',
      sources: ['https://x/y.tgz'],
      destination: '/',
      checksum: 'sha256:0',
      unpack: false,
    }),
  ],
  [
    'ENV a=1 b="2 3" c=4\\ 5',
    {
      type: 'env',
      pairs: [
        { key: 'a', value: '1' },
        { key: 'b', value: '"2 3"' },
        { key: 'c', value: '4\\ 5' },
      ],
    },
  ],
  ['ENV a the rest  of it', { type: 'env', pairs: [{ key: 'a', value: 'the rest  of it' }] }],
  ['LABEL "a b"=c', { type: 'label', pairs: [{ key: '"a b"', value: 'c' }] }],
  ['ARG a b=1 c=', { type: 'arg', args: [{ name: 'a' }, { name: 'b', value: '1' }, { name: 'c', value: '' }] }],
  ['CMD a b', { type: 'cmd', command: shell('a b') }],
  ['CMD []', { type: 'cmd', command: { args: [], isShell: false } }],
  ['ENTRYPOINT ["a"]', { type: 'entrypoint', command: { args: ['a'], isShell: false } }],
  ['SHELL ["/bin/bash", "-c"]', { type: 'shell', args: ['/bin/bash', '-c'] }],
  ['WORKDIR /a b', { type: 'workdir', path: '/a b' }],
  ['USER a:b', { type: 'user', user: 'a:b' }],
  ['VOLUME /a /b', { type: 'volume', paths: ['/a', '/b'] }],
  ['VOLUME ["/a b"]', { type: 'volume', paths: ['/a b'] }],
  ['EXPOSE 80 53/udp', { type: 'expose', ports: ['53/udp', '80'] }],
  ['STOPSIGNAL SIGINT', { type: 'stopsignal', signal: 'SIGINT' }],
  ['MAINTAINER me <me@x>', { type: 'maintainer', name: 'me <me@x>' }],
  ['HEALTHCHECK NONE', { type: 'healthcheck', check: { Test: ['NONE'] } }],
  [
    'HEALTHCHECK --interval=1m30s --timeout=500ms --retries=3 CMD curl x || exit 1',
    {
      type: 'healthcheck',
      check: { Test: ['CMD-SHELL', 'curl x || exit 1'], Interval: 90e9, Timeout: 5e8, Retries: 3 },
    },
  ],
  ['HEALTHCHECK CMD ["a", "b"]', { type: 'healthcheck', check: { Test: ['CMD', 'a', 'b'] } }],
  ['ONBUILD COPY . /src', { type: 'onbuild', trigger: 'COPY . /src' }],
  ['ONBUILD RUN <<EOF\nx\nEOF', { type: 'onbuild', trigger: 'RUN <<EOF\nx\nEOF' }],
]

const refusals: readonly (readonly [text: string, refusal: string])[] = [
  ['', '1: the Dockerfile cannot be empty'],
  ['# only\n', '1: dockerfile parse error on line 1: file with no instructions'],
  ['FROM a\n\nFORM b', '3: dockerfile parse error on line 3: unknown instruction: FORM'],
  ['RUN x', '1: no build stage in current context'],
  ['ARG x', '1: dockerfile contains no stages to build'],
  ['FROM', '1: dockerfile parse error on line 1: FROM requires either one or three arguments'],
  ['FROM a b', '1: dockerfile parse error on line 1: FROM requires either one or three arguments'],
  [
    'FROM a AS 1b',
    '1: dockerfile parse error on line 1: invalid name for build stage: "1b", name can\'t start with a number or contain symbols',
  ],
  ['FROM a\nRUN <<E\nx', '2: dockerfile parse error on line 2: unterminated heredoc'],
  ['FROM a\nENV a', '2: dockerfile parse error on line 2: ENV must have two arguments'],
  [
    'FROM a\nENV a=1 b',
    '2: dockerfile parse error on line 2: Syntax error - can\'t find = in "b". Must be of the form: name=value',
  ],
  ['FROM a\nENV =1', '2: dockerfile parse error on line 2: ENV names can not be blank'],
  [
    'FROM a\nCOPY x',
    '2: dockerfile parse error on line 2: COPY requires at least two arguments, but only one was provided. Destination could not be determined',
  ],
  ['FROM a\nCOPY --chwon=1 x y', '2: dockerfile parse error on line 2: unknown flag: --chwon'],
  ['FROM a\nCOPY --from x y', '2: dockerfile parse error on line 2: missing a value on flag: --from'],
  [
    'FROM a\nCOPY --link=maybe x y',
    '2: dockerfile parse error on line 2: expecting boolean value for flag --link, not: maybe',
  ],
  ['FROM a\nCOPY --from=a --from=b x y', '2: dockerfile parse error on line 2: duplicate flag specified: --from'],
  ['FROM a\nCOPY x <<E\nE', '2: dockerfile parse error on line 2: COPY cannot accept a heredoc as a destination'],
  [
    'FROM a\nCMD ["a", 1]',
    '2: dockerfile parse error on line 2: when using JSON array syntax, arrays must be comprised of strings only',
  ],
  [
    'FROM a\nSHELL bash',
    '2: dockerfile parse error on line 2: SHELL requires the arguments to be in JSON form, not: SHELL bash',
  ],
  ['FROM a\nONBUILD FROM b', "2: dockerfile parse error on line 2: FROM isn't allowed as an ONBUILD trigger"],
  [
    'FROM a\nONBUILD ONBUILD RUN x',
    "2: dockerfile parse error on line 2: Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed",
  ],
  ['FROM a\nHEALTHCHECK TCP 80', '2: dockerfile parse error on line 2: Unknown type "TCP" in HEALTHCHECK (try CMD)'],
  ['FROM a\nHEALTHCHECK --timeout=x CMD y', '2: dockerfile parse error on line 2: time: invalid duration "x"'],
  ['FROM a\nRUN --mount=type=nfs,target=/x y', '2: dockerfile parse error on line 2: unsupported mount type "nfs"'],
  [
    'FROM a\nRUN --mount=type=ssh y',
    '2: dockerfile parse error on line 2: mounts of type ssh are not supported: give the key as a secret',
  ],
  ['FROM a\nRUN --security=insecure y', '2: dockerfile parse error on line 2: security "insecure" is not allowed'],
  ['# escape=x\nFROM a', "1: dockerfile parse error on line 1: invalid escape token 'x' does not match ` or \\"],
  [
    '# syntax=a\n# syntax=b\nFROM a',
    '2: dockerfile parse error on line 2: only one syntax parser directive can be used',
  ],
]

describe('a Dockerfile', () => {
  it.each(cases.map(([text, ...expected]) => ({ text, expected })))('$text', ({ text, expected }) =>
    expect(instructions(text)).toEqual(expected),
  )
  it.each(refusals)('%s is refused', (text, expected) => expect(refusal(text)).toBe(expected))

  it('has stages, each with its name, platform and the line where it begins', () => {
    const parsed = parseDockerfile(
      'ARG V=1\nFROM --platform=$BUILDPLATFORM golang:$V AS Build\nRUN x\n\nfrom scratch\n',
    )
    expect(parsed.ok && parsed.value.stages.map(({ instructions: all, ...stage }) => [stage, all.length])).toEqual([
      [{ name: 'build', base: 'golang:$V', platform: '$BUILDPLATFORM', line: 2 }, 1],
      [{ name: '', base: 'scratch', platform: '', line: 5 }, 0],
    ])
  })

  it('joins lines by what its directive says', () => {
    const parsed = parseDockerfile('# escape=`\n# check=skip=all\nFROM a\r\nRUN dir `\r\n  c:\\\r\n')
    expect(parsed.ok && parsed.value.stages[0]?.instructions[0]).toMatchObject({
      command: shell('dir   c:\\'),
      line: 4,
    })
  })

  it('has directives only before anything else', () => {
    const parsed = parseDockerfile('# a comment\n# escape=`\nFROM a\nRUN x \\\n y')
    expect(parsed.ok && parsed.value.stages[0]?.instructions[0]).toMatchObject({ command: shell('x  y') })
  })
})
