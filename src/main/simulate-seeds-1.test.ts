import { describe } from 'vitest'
import { seedsHold } from './simulate-seeds.ts'

describe('the first scenario', () => seedsHold(1, 50))
