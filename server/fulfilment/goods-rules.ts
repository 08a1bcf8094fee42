import type { Row } from '../core/db/rows.ts'
import type { LocalizedText } from '../lib/localized-text.ts'
import type { DeliveryOrderFacts } from '../orders/holds/shipping.ts'

/** 件型: what a packer takes in hand for a parcel. Pure: server, API and page use it. */
export const shapes = ['single', 'several', 'mixed'] as const

export const shapeWords: Record<(typeof shapes)[number], LocalizedText> = {
  single: { zh: '单品单件', en: 'One piece' },
  several: { zh: '单品多件', en: 'One SKU, several' },
  mixed: { zh: '多品', en: 'Several SKUs' },
}

/**
 * What a delivery keeps of its order's goods, by which the desk makes batches. A merged shipment has several orders in one carton, so it
 * counts as mixed.
 */
export function packedGoods({
  courier,
  parcel,
  skus,
  skuId,
  pieces,
}: Pick<DeliveryOrderFacts, 'courier' | 'parcel' | 'skus' | 'skuId' | 'pieces'>): Row<
  'delivery',
  'wantedCourier' | 'shape' | 'skuId' | 'pieceCount'
> {
  const isMixed = parcel !== null || skus > 1
  const shape = isMixed ? 'mixed' : pieces > 1 ? 'several' : 'single'
  return { wantedCourier: courier, shape, skuId: isMixed ? null : skuId, pieceCount: pieces }
}

/** 同款: deliveries of one SKU and one quantity, as the address of the page names them: "17x2" is two pieces of the SKU 17. */
export const sameGoods = (skuId: string, pieces: number) => `${skuId}x${pieces}`

export function readSameGoods(text: string): { skuId: string; pieces: number } | undefined {
  const [, skuId = '', pieces = ''] = /^([1-9]\d{0,14})x([1-9]\d{0,5})$/.exec(text) ?? []
  return skuId === '' ? undefined : { skuId, pieces: Number(pieces) }
}
