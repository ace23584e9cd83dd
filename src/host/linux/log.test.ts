import { expect, it, vi } from 'vitest'
import { linuxLog } from './log.ts'

it('says what failed, and beside it what the failure says', () => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  linuxLog().warn('a pod could not be stopped', { pod: 'a', message: 'it is busy' })
  linuxLog().info('begun')
  const lines = write.mock.calls.map(([line]) => JSON.parse(String(line)))
  write.mockRestore()
  expect(lines).toEqual([
    { time: expect.any(String), level: 'warn', message: 'a pod could not be stopped', error: 'it is busy', pod: 'a' },
    { time: expect.any(String), level: 'info', message: 'begun' },
  ])
})
