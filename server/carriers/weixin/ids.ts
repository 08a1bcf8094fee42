import { hash } from 'node:crypto'
import { PlatformError } from '../../lib/platform-error.ts'
import type { ParcelAsked } from '../carrier.ts'

/**
 * The number of the e-waybill order (ewaybill_order_id), which the platform lets us choose: it must be unique among all shops, so 62 bits of a hash
 * over the account, our key and the order of the receiver. The platform's own numbers, of order/precreate, are other ones each time, and would not
 * make a repeated request the same. The other orders of the parcel are not in it: one may have left before the request is repeated.
 */
export function orderIdOf(
  branchCode: string,
  { key, receiverTid }: Pick<ParcelAsked, 'key' | 'receiverTid'>,
): string {
  const bits = BigInt(`0x${hash('sha256', [branchCode, key, receiverTid].join(' '), 'hex').slice(0, 16)}`)
  return String((bits >> 1n) | 1n)
}

/** An account is named by its site (direct couriers have none), its number, and the shop's number in the e-waybill service. */
export type AccountName = { site: string; account: string; subject: string }

export const branchCodeOf = ({ site, account, subject }: AccountName): string =>
  [site, account, subject].join('/')

/** The opposite of `branchCodeOf`. @throws {PlatformError} for a code that it did not make. */
export function accountIn(branchCode: string): AccountName {
  const [site = '', account = '', subject = '', ...more] = branchCode.split('/')
  if (account === '' || subject === '' || more.length > 0)
    throw new PlatformError('rejected', 'parameter', '电子面单账号不完整，在电子面单账号里重选网点')
  return { site, account, subject }
}

/** A label is named by the address of its standard template, with the id of the seller's own behind a #. */
export const templateIn = (templateUrl: string): string => templateUrl.split('#')[1] || 'single'
