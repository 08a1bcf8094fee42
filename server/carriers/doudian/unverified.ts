import type { CourierService } from '../services-contract.ts'

// What the documents that could be read do not say. Each value is a careful guess until a real shop has answered.

/**
 * No method names the services of a branch, and the page that lists their codes could not be seen. The codes are those of the other platforms;
 * couriers that are not named offer nothing.
 */
const services: Readonly<Record<string, readonly CourierService[]>> = {
  SF: [
    { code: 'COD', name: '代收货款' },
    { code: 'INSURE', name: '保价' },
  ],
  YTO: [
    { code: 'SVC-COD', name: '代收货款' },
    { code: 'SVC-INSURE', name: '保价' },
  ],
  ZTO: [
    { code: 'SVC-COD', name: '代收货款' },
    { code: 'SVC-INSURE', name: '保价' },
  ],
  STO: [{ code: 'SVC-COD', name: '代收货款' }],
  YUNDA: [{ code: 'SVC-COD', name: '代收货款' }],
}

export const servicesOf = (courier: string): CourierService[] => [
  ...(Object.entries(services).find(([code]) => code === courier)?.[1] ?? []),
]

/** 1 直营, 4 直营带网点: the courier is paid each month, so `amount` is no balance. */
export const monthlyTypes: readonly string[] = ['1', '4']

/** Numbers of errors that may pass: the order could not be asked for (4007), an error inside (4029, 15001). */
export const passingErrors: readonly string[] = ['4007', '4029', '15001']
