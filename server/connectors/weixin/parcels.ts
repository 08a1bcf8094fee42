import { type Fields, fieldsIn, instantAt, listAt, longest, textAt, wholeAt } from '../fields.ts'
import { goodsKeyOf } from './fields.ts'

/** A parcel that the platform shows, with its pieces by `goodsKeyOf`. */
export type Parcel = { waybillNo: string; at: Date | null; goods: ReadonlyMap<string, number> }

/** Reads delivery_product_info. A parcel without a waybill, such as of virtual goods, is kept: its goods have left. */
export function parcelsOf(info: Fields): Parcel[] {
  return fieldsIn(listAt(info, 'delivery_product_info', ''), 'lines', []).map((parcel) => {
    const goods = new Map<string, number>()
    for (const product of fieldsIn(listAt(parcel, 'product_infos', ''), 'lines', [])) {
      const pieces = wholeAt(product, 'product_cnt', 0, 1_000_000) ?? 0
      goods.set(goodsKeyOf(product), (goods.get(goodsKeyOf(product)) ?? 0) + pieces)
    }
    return {
      waybillNo: textAt(parcel, 'waybill_id', longest.word),
      at: instantAt(parcel, 'delivery_time'),
      goods,
    }
  })
}
