import { sql } from 'kysely'
import { type Opened, type SealedPlace, sealedColumn } from '../core/access/reseal.ts'
import { makeBuyerKeys, receiverHashes, sameMonth } from '../lib/people.ts'
import type { KeyRing } from '../lib/seal.ts'
import { arrayText } from '../lib/unnest.ts'
import type { Personal } from '../orders/order/personal.ts'
import { pushSealed } from './push/messages.ts'

const shop = sql`t.shop_id::text`
const read = ({ plain }: { plain: Buffer }): Personal => JSON.parse(plain.toString('utf8'))
const hashOf =
  (ring: KeyRing) =>
  ({ plain, boundTo }: Opened): number => {
    const { nick, receiver } = read({ plain })
    return receiverHashes(ring, receiver, { shopId: boundTo, nick })[0] ?? 0
  }

/** The sealed columns of trades and refunds, with the buyer keys that depend on them. */
export const intakeSealed: readonly SealedPlace[] = [
  sealedColumn({
    table: 'staged_trade',
    column: 'personal',
    key: [['id', 'int8']],
    boundTo: shop,
    along: {
      columns: (ring) => [
        ['people', 'text', (row) => arrayText(makeBuyerKeys(ring, 0, read(row)))],
        ['receiver_hash', 'int4', hashOf(ring)],
      ],
      set: sql`people = ${sameMonth}, receiver_hash = d.receiver_hash`,
    },
  }),
  sealedColumn({
    table: 'staged_refund',
    column: 'personal',
    key: [['id', 'int8']],
    boundTo: shop,
    along: {
      columns: (ring) => [
        ['people', 'text', (row) => arrayText(makeBuyerKeys(ring, 0, { nick: read(row).nick }))],
      ],
      set: sql`people = ${sameMonth}`,
    },
  }),
  sealedColumn({
    table: 'raw_payload',
    column: 'sealed',
    key: [
      ['platform_id', 'text'],
      ['shop_id', 'int8'],
      ['kind', 'text'],
    ],
    boundTo: shop,
  }),
  sealedColumn({ table: 'parked_item', column: 'sealed', key: [['id', 'int8']], boundTo: shop }),
  pushSealed,
]
