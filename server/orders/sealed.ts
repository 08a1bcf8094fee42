import { sql } from 'kysely'
import { type Opened, type SealedPlace, sealedColumn } from '../core/access/reseal.ts'
import { makeBuyerKeys, receiverHashes, sameMonth } from '../lib/people.ts'
import type { KeyRing } from '../lib/seal.ts'
import { arrayText } from '../lib/unnest.ts'
import { keysOf, sealedAs } from './buyers/blacklist.ts'
import type { Personal } from './order/personal.ts'

/** Computes the buyer keys and the receiver hash again when the personal data is resealed, because they are hashed with the key ring. */
const buyerKeysReseal = {
  columns: (ring: KeyRing) =>
    [
      ['people', 'text', ({ plain }: { plain: Buffer }) => arrayText(makeBuyerKeys(ring, 0, read(plain)))],
      ['receiver_hash', 'int4', hashOf(ring)],
    ] as const,
  set: sql`people = ${sameMonth}, receiver_hash = d.receiver_hash`,
}

const read = (plain: Buffer): Personal => JSON.parse(plain.toString('utf8'))
const hashOf =
  (ring: KeyRing) =>
  ({ plain, boundTo }: Opened): number => {
    const { nick, receiver } = read(plain)
    return receiverHashes(ring, receiver, { shopId: boundTo, nick })[0] ?? 0
  }

const blacklistReseal = {
  columns: (ring: KeyRing) =>
    [
      [
        'keys',
        'text',
        ({ plain }: { plain: Buffer }) => arrayText(keysOf(ring, JSON.parse(plain.toString('utf8')))),
      ],
    ] as const,
  set: sql`keys = d.keys::bigint[]`,
}

/**
 * Pending address changes are resealed before the orders. A change that is applied meanwhile is copied, with its old seal, into its order,
 * which is resealed later.
 */
export const orderSealed: readonly SealedPlace[] = [
  sealedColumn({
    table: 'order_difference',
    column: 'personal',
    key: [['id', 'int8']],
    boundTo: sql`(select shop_id::text from sales_order o where o.id = t.order_id)`,
    along: buyerKeysReseal,
  }),
  sealedColumn({
    table: 'sales_order',
    column: 'personal',
    key: [['id', 'int8']],
    boundTo: sql`t.shop_id::text`,
    along: buyerKeysReseal,
  }),
  sealedColumn({
    table: 'blacklist_entry',
    column: 'personal',
    key: [['id', 'int8']],
    boundTo: sql.lit(sealedAs),
    along: blacklistReseal,
  }),
]
