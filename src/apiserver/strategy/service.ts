import type { Strategy } from './strategy.ts'

export const serviceStrategy: Strategy = {
  createsOnUpdate: true,
  deleteReturnsObject: true,
  prepareCreate: (service) => ({ ...service, status: { loadBalancer: {} } }),
}
