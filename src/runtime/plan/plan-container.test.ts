import { describe, expect, it } from 'vitest'
import type { HostFacts } from '../../ports/containers.ts'
import type { ImageConfig } from '../images/image-config.ts'
import { plainSecurity } from '../plain-security.ts'
import type { ContainerSpec, LinuxSecurity } from '../pod-runtime.ts'
import { planCapabilities } from './capabilities.ts'
import { resolveUser } from './container-user.ts'
import { type PlanInput, planContainer, planExec } from './plan-container.ts'
import { seccompProfile } from './seccomp-profile.ts'
import { stopSignalNumber } from './stop-signal.ts'

const security: LinuxSecurity = { ...plainSecurity, seccomp: 'Unconfined' }
const image: ImageConfig = {
  user: '',
  env: ['PATH=/image', 'A=image'],
  entrypoint: ['/entry'],
  cmd: ['default'],
  workingDir: '/work',
  stopSignal: '',
  labels: {},
  architecture: 'amd64',
  diffIds: [],
}
const host: HostFacts = {
  architecture: 'amd64',
  cgroups: 'v2',
  capabilities: ['CAP_CHOWN', 'CAP_KILL', 'CAP_MKNOD', 'CAP_NET_RAW', 'CAP_SYS_ADMIN', 'CAP_SYS_RESOURCE'],
  openFilesLimit: 20_000,
  lowestOomScoreAdj: 0,
  boundsHugePages: true,
  mapsOwners: true,
}
const base: ContainerSpec = {
  name: 'c',
  attempt: 0,
  image: 'x',
  env: [],
  mounts: [],
  security,
  resources: { oomScoreAdj: 0 },
  logPath: '/log',
  stdin: false,
  stdinOnce: false,
  tty: false,
  labels: {},
}

type Loose = Record<string, never> & Record<string, unknown>

function plan(spec: Partial<ContainerSpec> = {}, more: Partial<PlanInput> = {}) {
  const input: PlanInput = {
    spec: { ...base, ...spec },
    image,
    userFiles: { passwd: '', group: '' },
    sandbox: { hostname: 'box', namespaces: { netPath: '/n', utsPath: '/u', ipcPath: '/i' }, shmPath: '/shm' },
    rootPath: '/root',
    cgroupsPath: '/c',
    host,
    devices: [],
    annotations: {},
    ...more,
  }
  const planned = planContainer(input)
  if (!planned.ok) throw new Error(planned.error)
  const { process, linux, mounts } = planned.value.config as unknown as Record<'process' | 'linux' | 'mounts', Loose>
  return {
    process,
    linux,
    mounts: mounts as unknown as Loose[],
    notes: planned.value.notes,
    config: planned.value.config,
  }
}

describe('the plan of a container', () => {
  it.each([
    [{}, ['/entry', 'default']],
    [{ args: ['a'] }, ['/entry', 'a']],
    [{ command: ['/c'] }, ['/c']],
    [{ command: ['/c'], args: ['a', 'b'] }, ['/c', 'a', 'b']],
    [{ command: [], args: [] }, ['/entry', 'default']],
  ])('runs, for %j, %j', (spec, args) => {
    expect(plan(spec).config.process.args).toEqual(args)
  })

  it('refuses an image without a program when the pod names none', () => {
    expect(() => plan({}, { image: { ...image, entrypoint: [], cmd: [] } })).toThrow(/no command specified/)
  })

  it('lets the pod win over the image in the environment, and always has a path and the host name', () => {
    const env = [
      { name: 'A', value: 'pod=1' },
      { name: 'B', value: '' },
    ]
    expect(plan({ env, tty: true }).config.process.env).toEqual([
      'PATH=/image',
      'HOSTNAME=box',
      'TERM=xterm',
      'A=pod=1',
      'B=',
    ])
    expect(plan({}, { image: { ...image, env: [] } }).config.process.env[0]).toMatch(/^PATH=\/usr/)
  })

  it('works in the directory that the pod names, or the image, or the root', () => {
    expect(plan({ workingDir: '/pod' }).config.process.cwd).toBe('/pod')
    expect(plan().config.process.cwd).toBe('/work')
    expect(plan({}, { image: { ...image, workingDir: '' } }).config.process.cwd).toBe('/')
  })

  it('keeps within what the machine can give, and says what it could not', () => {
    const wanted = {
      security: { ...security, addCapabilities: ['SYS_TIME', 'SYS_ADMIN'] },
      resources: { oomScoreAdj: -997 },
    }
    const { process, notes } = plan(wanted)
    expect(process.oomScoreAdj).toBe(0)
    expect(process.rlimits).toEqual([{ type: 'RLIMIT_NOFILE', soft: 20_000, hard: 20_000 }])
    expect(process.capabilities).toMatchObject({
      bounding: ['CAP_CHOWN', 'CAP_MKNOD', 'CAP_NET_RAW', 'CAP_KILL', 'CAP_SYS_ADMIN'],
    })
    expect(notes).toEqual(['CAP_SYS_TIME is not available on this machine', expect.stringContaining('-997')])
  })

  it('lets nobody make devices where no rules can guard them', () => {
    const poor = { ...host, capabilities: host.capabilities.filter((name) => name !== 'CAP_SYS_RESOURCE') }
    const { linux, process } = plan({}, { host: poor })
    expect(linux.resources).not.toHaveProperty('devices')
    expect(process.capabilities).toMatchObject({ bounding: ['CAP_CHOWN', 'CAP_NET_RAW', 'CAP_KILL'] })
    const split = plan({}, { host: { ...poor, cgroups: 'v1' } })
    expect(split.linux.resources).toHaveProperty('devices')
    expect(split.process.capabilities).toMatchObject({ bounding: expect.arrayContaining(['CAP_MKNOD']) })
  })

  it('hides and protects parts of /proc and /sys, except from those who may see them', () => {
    expect(plan().linux.maskedPaths).toContain('/proc/kcore')
    expect(plan().linux.readonlyPaths).toContain('/proc/sys')
    for (const open of [
      { ...security, privileged: true },
      { ...security, unmasked: true },
    ])
      expect([plan({ security: open }).linux.maskedPaths, plan({ security: open }).linux.readonlyPaths]).toEqual([
        [],
        [],
      ])
  })

  it('gives a privileged container all capabilities, all devices and a writable /sys', () => {
    const device = { path: '/dev/x', type: 'c' as const, major: 1, minor: 2, fileMode: 0o600, uid: 0, gid: 0 }
    const { linux, mounts, process } = plan(
      { security: { ...security, privileged: true, seccomp: 'RuntimeDefault' } },
      { devices: [device] },
    )
    expect(linux.devices).toEqual([device])
    expect(linux.resources).toMatchObject({ devices: [{ allow: true, access: 'rwm' }] })
    expect(linux.seccomp).toBeUndefined()
    expect(process.capabilities).toMatchObject({ effective: host.capabilities })
    expect(mounts.find(({ destination }) => destination === '/sys')?.options).toContain('rw')
  })

  it('forbids new privileges exactly when escalation is not allowed', () => {
    expect(plan().process.noNewPrivileges).toBe(false)
    expect(plan({ security: { ...security, allowPrivilegeEscalation: false } }).process.noNewPrivileges).toBe(true)
  })

  it('lets the pod mount over the standard mounts, parents before children, with propagation', () => {
    const mount = (
      containerPath: string,
      propagation: 'private' | 'host-to-container' | 'bidirectional' = 'private',
      readOnly = false,
    ) => ({
      hostPath: `/host${containerPath}`,
      containerPath,
      readOnly,
      propagation,
    })
    const mounts = [
      mount('/a/b/c'),
      mount('/a/b/', 'bidirectional'),
      mount('/dev/shm'),
      mount('/ro', 'host-to-container', true),
    ]
    const planned = plan({ mounts })
    const destinations = planned.mounts.map(({ destination }) => String(destination))
    expect(destinations.filter((at) => at === '/dev/shm')).toHaveLength(1)
    expect(destinations.indexOf('/a/b')).toBeLessThan(destinations.indexOf('/a/b/c'))
    expect(planned.mounts.find(({ destination }) => destination === '/ro')?.options).toEqual(['rbind', 'rslave', 'ro'])
    expect(planned.linux.rootfsPropagation).toBe('rshared')
    expect(plan().linux.rootfsPropagation).toBe('rprivate')
  })

  it('joins the namespaces of the sandbox, or stays in those of the host', () => {
    expect(plan().linux.namespaces).toEqual([
      { type: 'pid' },
      { type: 'mount' },
      { type: 'ipc', path: '/i' },
      { type: 'uts', path: '/u' },
      { type: 'network', path: '/n' },
      { type: 'cgroup' },
    ])
    const sandbox = { hostname: 'node', namespaces: { ipcPath: '/i' }, shmPath: '/shm' }
    const types = plan({}, { sandbox, host: { ...host, cgroups: 'v1' } }).linux.namespaces as unknown as {
      type: string
    }[]
    expect(types.map(({ type }) => type)).toEqual(['pid', 'mount', 'ipc'])
  })

  it.each([
    ['its own processes alone', {}, {}, [{ type: 'pid' }]],
    ["the pod's processes", { processes: 'pod' as const }, {}, [{ type: 'pid', path: '/p' }]],
    ["the node's processes", { processes: 'node' as const }, { targetPid: 7 }, []],
    ['those of another container', {}, { targetPid: 7 }, [{ type: 'pid', path: '/proc/7/ns/pid' }]],
  ])('sees %s', (_, processes, more, expected) => {
    const sandbox = { hostname: 'box', namespaces: { pidPath: '/p' }, shmPath: '/shm', ...processes }
    const { namespaces } = plan({}, { sandbox, ...more }).linux as unknown as { namespaces: { type: string }[] }
    expect(namespaces.filter(({ type }) => type === 'pid')).toEqual(expected)
    // No IPC namespace either: it is the host's.
    expect(namespaces.some(({ type }) => type === 'ipc')).toBe(false)
  })

  it('runs under a profile of AppArmor that is named, and under no default that is not there', () => {
    const held = (appArmor: NonNullable<LinuxSecurity['appArmor']>, privileged = false) => ({
      security: { ...security, appArmor, privileged },
    })
    expect(plan(held({ localhostProfile: 'web' })).process.apparmorProfile).toBe('web')
    expect(plan(held({ localhostProfile: 'web' }, true)).process).not.toHaveProperty('apparmorProfile')
    expect(() => plan(held('RuntimeDefault'))).toThrow('this runtime has no default profile')
  })

  it('has users of its own, whom volumes belong to as they do outside', () => {
    const users = { firstId: 131_072, count: 65_536 }
    const namespaces = { netPath: '/n', utsPath: '/u', ipcPath: '/i', userPath: '/user' }
    const mounts = [{ hostPath: '/h', containerPath: '/v', readOnly: false, propagation: 'private' as const }]
    const imageMounts = [{ image: 'y', containerPath: '/image', subPath: '' }]
    const sandbox = { hostname: 'box', namespaces, shmPath: '/shm', files: { hosts: '/f' }, users }
    const planned = plan({ mounts, imageMounts }, { sandbox, imagePaths: ['/y'] })
    const mappings = [{ containerID: 0, hostID: 131_072, size: 65_536 }]
    expect(planned.linux).toMatchObject({ uidMappings: mappings, gidMappings: mappings })
    expect(planned.linux.namespaces).toContainEqual({ type: 'user', path: '/user' })
    const mapped = planned.mounts.filter(({ options }) => (options as unknown as readonly string[]).includes('idmap'))
    expect(mapped.map(({ destination }) => destination).sort()).toEqual(['/dev/shm', '/etc/hosts', '/v'])
  })

  it('reads images beside its own, and runs nothing of them', () => {
    const imageMounts = [{ image: 'data:1', containerPath: '/data/', subPath: '' }]
    expect(plan({ imageMounts }, { imagePaths: ['/images/0'] }).mounts).toContainEqual({
      destination: '/data',
      type: 'bind',
      source: '/images/0',
      options: ['rbind', 'rprivate', 'ro', 'nosuid', 'nodev'],
    })
  })

  it('limits processor, memory and processes', () => {
    const resources = {
      cpuShares: 512,
      cpuQuotaUs: 50_000,
      cpuPeriodUs: 100_000,
      memoryLimitBytes: 1 << 20,
      pidsLimit: 9,
      oomScoreAdj: 0,
    }
    expect(plan({ resources }).linux.resources).toMatchObject({
      cpu: { shares: 512, quota: 50_000, period: 100_000 },
      memory: { limit: 1 << 20, swap: 1 << 20 },
      pids: { limit: 9 },
      unified: { 'memory.oom.group': '1' },
    })
    expect(plan({}, { host: { ...host, cgroups: 'v1' } }).linux.resources).not.toHaveProperty('unified')
    const unbounded = { resources: { ...resources, cpuQuotaUs: -1 } }
    expect(plan(unbounded).linux.resources).toMatchObject({ cpu: { shares: 512, period: 100_000 } })
    expect(plan(unbounded).linux.resources).not.toHaveProperty('cpu.quota')
  })

  it('binds to processors and bounds huge pages and swap, where the machine can', () => {
    const resources = {
      ...{ oomScoreAdj: 0, memoryLimitBytes: 1 << 20, memorySwapLimitBytes: 2 << 20 },
      ...{ cpusetCpus: '0-1', cpusetMems: '0', unified: { 'memory.high': '5' } },
      hugepageLimits: [{ pageSize: '2MB', limitBytes: 0 }],
    }
    expect(plan({ resources }).linux.resources).toMatchObject({
      cpu: { cpus: '0-1', mems: '0' },
      memory: { limit: 1 << 20, swap: 2 << 20 },
      hugepageLimits: [{ pageSize: '2MB', limit: 0 }],
      unified: { 'memory.oom.group': '1', 'memory.high': '5' },
    })
    const without = plan({ resources }, { host: { ...host, boundsHugePages: false } }).linux.resources
    expect(without).not.toHaveProperty('hugepageLimits')
  })

  it('shows the files of the pod in /etc, unless the container mounts its own, and masks what it is told to', () => {
    const sandbox = {
      hostname: 'box',
      namespaces: {},
      shmPath: '/shm',
      files: { hosts: '/s/hosts', hostname: '/s/name' },
    }
    const own = { hostPath: '/own', containerPath: '/etc/hosts', readOnly: true, propagation: 'private' as const }
    const given = { ...security, maskedPaths: ['/secret'], readonlyPaths: [] }
    const { mounts, linux } = plan({ mounts: [own], security: given }, { sandbox })
    const inEtc = mounts.filter(({ destination }) => String(destination).startsWith('/etc/'))
    expect(inEtc.map(({ destination, source }) => [destination, source])).toEqual([
      ['/etc/hostname', '/s/name'],
      ['/etc/hosts', '/own'],
    ])
    expect([linux.maskedPaths, linux.readonlyPaths]).toEqual([['/secret'], []])
  })

  it('runs an exec as the container itself, with another program', () => {
    const { process } = plan({ security: { ...security, runAsUser: 5 } }).config
    expect(planExec(process, ['x'], true)).toMatchObject({ args: ['x'], terminal: true, user: { uid: 5 } })
    expect(planExec(process, ['x'], true).env).toContain('TERM=xterm')
  })
})

describe('the user of a container', () => {
  const files = {
    passwd: '# users\nroot:x:0:0::/:/bin/sh\napp:x:1000:1001::/:/bin/sh\n',
    group: 'root:x:0:\nstaff:x:50:app,other\napp:x:1001:\n',
  }
  const cases: readonly (readonly [Partial<LinuxSecurity>, string, readonly [number, number, readonly number[]]])[] = [
    [{}, '', [0, 0, [0]]],
    [{}, 'app', [1000, 1001, [1001, 50]]],
    [{}, '1000', [1000, 1001, [1001, 50]]],
    [{}, '4242', [4242, 0, [0]]],
    [{}, 'app:staff', [1000, 50, [50]]],
    [{}, '7:8', [7, 8, [8]]],
    [{ runAsUser: 1000 }, 'root', [1000, 1001, [1001, 50]]],
    [{ runAsUser: 9, runAsGroup: 10, supplementalGroups: [11, 12] }, 'app', [9, 10, [10, 11, 12]]],
    [{ runAsUserName: 'app' }, '', [1000, 1001, [1001, 50]]],
    [{ runAsGroup: 77 }, 'app', [1000, 77, [77, 50]]],
  ]
  it.each(cases)('with %j and the image user %j is %j', (more, imageUser, [uid, gid, additionalGids]) => {
    expect(resolveUser({ ...security, ...more }, imageUser, files)).toEqual({
      ok: true,
      value: { uid, gid, additionalGids },
    })
  })

  it('has only the groups it was given where the pod says so', () => {
    const strict = resolveUser({ ...security, supplementalGroups: [7], onlyGivenGroups: true }, 'app', files)
    expect(strict.ok && strict.value.additionalGids.slice(1)).toEqual([7])
    const merged = resolveUser({ ...security, supplementalGroups: [7] }, 'app', files)
    expect(merged.ok && merged.value.additionalGids.length).toBeGreaterThan(2)
  })

  it.each([
    ['nobody', /unable to find user nobody/],
    ['app:none', /unable to find group none/],
  ])('%s is not known', (imageUser, message) => {
    const resolved = resolveUser(security, imageUser, files)
    expect(!resolved.ok && resolved.error).toMatch(message)
  })
})

describe('capabilities', () => {
  const available = ['CAP_CHOWN', 'CAP_KILL', 'CAP_SYS_ADMIN', 'CAP_NET_ADMIN']
  it.each([
    [[], [], ['CAP_CHOWN', 'CAP_KILL']],
    [['net_admin'], ['KILL'], ['CAP_CHOWN', 'CAP_NET_ADMIN']],
    [['ALL'], [], available],
    [['ALL'], ['SYS_ADMIN'], ['CAP_CHOWN', 'CAP_KILL', 'CAP_NET_ADMIN']],
    [['CAP_KILL'], ['ALL'], ['CAP_KILL']],
    [[], ['ALL'], []],
  ])('with %j added and %j dropped are %j', (addCapabilities, dropCapabilities, granted) => {
    expect(planCapabilities({ ...security, addCapabilities, dropCapabilities }, available).granted).toEqual(granted)
  })
})

describe('the default system call profile', () => {
  const names = (capabilities: readonly string[]): readonly string[] => {
    const { syscalls } = seccompProfile(capabilities, 'amd64') as { syscalls: { names: string[]; action: string }[] }
    return syscalls.filter(({ action }) => action === 'SCMP_ACT_ALLOW').flatMap((rule) => rule.names)
  }
  it('denies by default, and gives what belongs to a capability only with it', () => {
    expect(seccompProfile([], 'amd64')).toMatchObject({ defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 1 })
    for (const call of [
      'mount',
      'bpf',
      'unshare',
      'setns',
      'init_module',
      'reboot',
      'keyctl',
      'kexec_load',
      'userfaultfd',
    ])
      expect(names([])).not.toContain(call)
    for (const call of ['read', 'openat2', 'futex_waitv', 'io_setup', 'arch_prctl']) expect(names([])).toContain(call)
    expect(names(['CAP_SYS_ADMIN'])).toContain('mount')
  })
})

describe('a stop signal', () => {
  it.each([
    ['', 15],
    ['SIGQUIT', 3],
    ['quit', 3],
    ['9', 9],
    ['SIGRTMIN+3', 37],
    ['SIGUSR1', 10],
    ['nonsense', 15],
    ['99', 15],
  ])('%s is %i', (text, number) => expect(stopSignalNumber(text)).toBe(number))
})
