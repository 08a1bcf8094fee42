import { PlatformError } from '../../lib/platform-error.ts'
import { type Fields, listAt, longest, textAt } from '../fields.ts'

/** A list of codes as texts; a value that is none becomes ''. */
export const codesAt = (of: Fields, key: string): string[] =>
  listAt(of, key, '').map((code) => textAt({ code }, 'code', longest.word))

/** Orders, refunds, products and SKUs have 64-bit numbers. @throws {PlatformError} for any other text; nothing is sent then. */
export function numberOf(id: string): bigint {
  if (!/^\d{1,19}$/.test(id))
    throw new PlatformError('rejected', 'parameter', 'This platform counts by numbers.')
  return BigInt(id)
}

/** The cursor behind the last page. */
export const noMore = 'nomore'
