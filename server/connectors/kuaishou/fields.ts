import { type Fields, listAt, longest, textAt } from '../fields.ts'
import { digitsOf } from '../gateway.ts'

/** A list of codes as texts; a value that is none becomes ''. */
export const codesAt = (of: Fields, key: string): string[] =>
  listAt(of, key, '').map((code) => textAt({ code }, 'code', longest.word))

/** Orders, refunds, products and SKUs have 64-bit numbers. @throws {PlatformError} for any other text; nothing is sent then. */
export const numberOf = (id: string): bigint => BigInt(digitsOf(id))

/** The cursor behind the last page. */
export const noMore = 'nomore'
