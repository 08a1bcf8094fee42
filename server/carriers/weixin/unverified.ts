import type { CourierService } from '../services-contract.ts'

// What the documents that could be read do not say. Each value is a careful guess until a real shop has answered.

/** Couriers that take insurance (INSURE). The documents name the service and no courier. */
const insuring: readonly string[] = ['SF', 'JD', 'YTO', 'ZTO', 'DBKD']

export const servicesOf = (courier: string): CourierService[] =>
  insuring.includes(courier) ? [{ code: 'INSURE', name: '保价' }] : []

/** company_type 2, 直营: the courier is paid each month, so `available` is no balance. */
export const monthlyType = '2'
