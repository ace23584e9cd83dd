import { describe, expect, it } from 'vitest'
import { fail, ok } from '../api/result.ts'
import { list, message } from '../api/rpc/message.ts'
import { serverStream, service, unary } from '../api/rpc/service.ts'
import type { GrpcChannel, GrpcMethods } from '../ports/grpc.ts'
import { rpcClient, rpcMethods } from './rpc.ts'

const pluginInfo = message('PluginInfo', { name: [2, 'string'], versions: [4, list('string')] })
const registrationStatus = message('RegistrationStatus', { registered: [1, 'bool'], error: [2, 'string'] })
const registration = service('pluginregistration.Registration', {
  GetInfo: unary(message('InfoRequest', {}), pluginInfo),
  Watch: serverStream(pluginInfo, registrationStatus),
})

/** A channel straight to the methods. */
function channelTo(methods: GrpcMethods): GrpcChannel {
  const call = { closed: new AbortController().signal }
  return {
    unary: async (path, request) => {
      const method = methods.get(path)
      return method?.type === 'unary'
        ? method.answer(request, call)
        : fail({ code: 'Unimplemented' as const, message: path })
    },
    async *serverStream(path, request) {
      const method = methods.get(path)
      if (method?.type === 'serverStream') yield* method.answer(request, call)
    },
    close: () => {},
  }
}

describe('services over gRPC', () => {
  it('calls what is served, by name and type', async () => {
    const methods = rpcMethods(registration, {
      GetInfo: async () => ok({ name: 'disk', versions: ['v1'] }),
      async *Watch({ name }) {
        yield ok({ registered: true })
        yield ok({ error: `${name} is gone` })
      },
    })
    const client = rpcClient(channelTo(methods), registration)
    expect(await client.GetInfo({})).toEqual(ok({ name: 'disk', versions: ['v1'] }))
    const seen = []
    for await (const status of client.Watch({ name: 'disk' })) seen.push(status)
    expect(seen).toEqual([ok({ registered: true, error: '' }), ok({ registered: false, error: 'disk is gone' })])
  })

  it('refuses a request that is none, and an answer that is none', async () => {
    const methods = rpcMethods(registration, {
      GetInfo: async () => ok({}),
      async *Watch() {
        yield ok({})
      },
    })
    const channel = channelTo(methods)
    const garbage = Uint8Array.of(0x0a, 0x05)
    for await (const answer of channel.serverStream('/pluginregistration.Registration/Watch', Uint8Array.of(0x12), {}))
      expect(!answer.ok && answer.error.code).toBe('Internal')
    const broken = rpcClient({ ...channel, unary: async () => ok(garbage) }, registration)
    expect(await broken.GetInfo({})).toEqual(fail({ code: 'Internal', message: 'failed to unmarshal, unexpected EOF' }))
  })

  it('leaves out what has no handler', async () => {
    const client = rpcClient(channelTo(rpcMethods(registration, {})), registration)
    const answer = await client.GetInfo({})
    expect(!answer.ok && answer.error.code).toBe('Unimplemented')
  })
})
