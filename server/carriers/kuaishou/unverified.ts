import type { CourierService } from '../services-contract.ts'

// What the documents that could be read do not say. Each value is a careful guess until a real shop has answered.

/** `orderChannel` of the platform's own orders. The page that lists the channels could not be read; programs of others send this. */
export const ownChannel = 'KUAI_SHOU'

/** `payMethod` of couriers that are paid each month: the sender pays. Each courier has numbers of its own; programs of others send this for 顺丰. */
export const monthlyPay = 1

/**
 * The services of a branch: none. The page with their codes, and with the unit of an insured value, could not be read, and a wrong unit would
 * insure a parcel for a hundred times its value.
 */
export const servicesOfBranch: readonly CourierService[] = []

/** The words with which a number that was given back before is refused, when it is given back again. */
export const givenBackWords = /(已|重复)(被)?取消|cancel(l)?ed already|already cancel(l)?ed/i
