import { describe } from 'vitest'
import { linuxDeflate } from '../linux/deflate.ts'
import { simDeflate } from '../sim/deflate.ts'
import { deflateContract } from './deflate.ts'

describe('deflate on linux', () => deflateContract(() => ({ deflate: linuxDeflate(), other: simDeflate() })))
describe('deflate under simulation', () => deflateContract(() => ({ deflate: simDeflate(), other: linuxDeflate() })))
