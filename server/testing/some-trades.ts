import { sql } from 'kysely'
import { tradeTypes } from '../connectors/connector.ts'
import { facet, has, hashFacet, idFacet } from '../lib/facets.ts'
import { buyerKeyMonth, makeBuyerKeys } from '../lib/people.ts'
import { type KeyRing, seal } from '../lib/seal.ts'
import { shortRegion, textHash } from '../lib/text-hash.ts'
import { arrayText, unnestRows } from '../lib/unnest.ts'
import { offPlatformOrigins } from '../orders/order/lifecycle.ts'
import type { Dice } from './dice.ts'

// This file makes random trades of every kind in the form in which they become orders.

export const day = 86_400_000
export const newest = new Date('2026-11-20T00:00:00Z').getTime()
export const provinces = ['浙江省', '西藏自治区', '新疆维吾尔自治区', '某地'] as const
export const codes = ['A-1', 'B-2', 'C-3'] as const
export const names = ['王伟', '李静'] as const

/** Makes a row of the relation that `acceptOrders` takes, as the intake and hand-made orders supply it. */
export function someTrade(ring: KeyRing, random: Dice, tid: string, shopId: string) {
  const orderedAt = new Date(newest - random.int(120) * day - random.int(3) * 3_600_000)
  const province = random.pick(provinces)
  const receiver = {
    ...{ name: random.pick(names), mobile: '13812341234', phone: '', province, city: '某市', district: '' },
    ...{ town: '', address: '某路 1 号', zip: '', token: '' },
  }
  const origin = random.chance(0.2)
    ? random.pick(offPlatformOrigins)
    : random.chance(0.1)
      ? 'record'
      : 'trade'
  const isOwn = origin !== 'trade' && origin !== 'record'
  const lines = Array.from({ length: 1 + random.int(2) }, (_, n) => ({
    ...{ oid: `${tid}-${n}`, itemId: 'i1', skuId: random.chance(0.9) ? 's1' : 's9', outerItemId: '' },
    ...{ outerSkuId: random.pick(codes), title: '四件套', spec: '', pictureUrl: '', quantity: 1 },
    ...{ priceFen: 100, discountFen: 0, paymentFen: 100 },
  }))
  const row = {
    ...{ tid, shopId, origin, orderedAt, lines, province },
    status: origin === 'record' ? random.pick(['shipped', 'completed']) : 'unconfirmed',
    cod: random.chance(0.2),
    paidAt: random.chance(0.9) ? orderedAt : null,
    shipBy: !isOwn && random.chance(0.85) ? new Date(orderedAt.getTime() + random.pick([2, 15]) * day) : null,
    flag: isOwn ? 0 : random.int(6),
    message: random.chance(0.3) ? '快' : '',
    memo: random.chance(0.3) ? '急' : '',
    people: makeBuyerKeys(ring, buyerKeyMonth(orderedAt), { nick: '', receiver }),
    masked: `${receiver.name.slice(0, 1)}** 138****1234`,
    personal: seal(ring, shopId, JSON.stringify({ nick: '', receiver })),
  }
  const facets = [
    idFacet('shop', shopId),
    ...(isOwn ? [] : [facet('tradeType', 1 + random.int(tradeTypes.length))]),
    facet('flag', row.flag),
    facet('has', row.message ? has.message : has.noMessage),
    facet('has', row.memo ? has.memo : has.noMemo),
    facet('has', lines.length > 1 ? has.severalLines : has.oneLine),
    facet('has', row.cod ? has.cod : has.noCod),
    hashFacet('province', textHash(shortRegion(province))),
    ...lines.map(({ outerSkuId }) => hashFacet('outerCode', textHash(outerSkuId))),
    ...(isOwn ? [originFacetOf(origin)] : []),
  ]
  return { ...row, facets: [...new Set(facets)] }
}

const originFacetOf = (origin: string) => facet('desk', 16 + [...offPlatformOrigins].indexOf(origin as never))

export const asRelation = (rows: readonly ReturnType<typeof someTrade>[]) => sql`
  select shop_id, tid, status, origin, cod, 0::bigint as post_fee_fen, 0::bigint as subsidy_fen, paid_at, ordered_at, ship_by, flag,
    facets::int[] as facets, true as whole, people::bigint[] as people, message as buyer_message, memo as seller_memo,
    masked as receiver_masked, 0 as receiver_hash, region, personal, lines::jsonb as lines
  from ${unnestRows('d', rows, [
    ['shop_id', 'int8', (row) => row.shopId],
    ['tid', 'text', (row) => row.tid],
    ['status', 'text', (row) => row.status],
    ['origin', 'text', (row) => row.origin],
    ['cod', 'bool', (row) => row.cod],
    ['paid_at', 'timestamptz', (row) => row.paidAt],
    ['ordered_at', 'timestamptz', (row) => row.orderedAt],
    ['ship_by', 'timestamptz', (row) => row.shipBy],
    ['flag', 'int2', (row) => row.flag],
    ['facets', 'text', (row) => arrayText(row.facets)],
    ['people', 'text', (row) => arrayText(row.people)],
    ['message', 'text', (row) => row.message],
    ['memo', 'text', (row) => row.memo],
    ['masked', 'text', (row) => row.masked],
    ['region', 'text', (row) => `${shortRegion(row.province)} 某`],
    ['personal', 'bytea', (row) => row.personal],
    ['lines', 'text', (row) => JSON.stringify(row.lines)],
  ])}`
