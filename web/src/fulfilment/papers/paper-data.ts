import type { PlainLabel } from '../../../../server/carriers/plain-label-contract.ts'
import type { PaperDelivery, PaperGoods } from '../../../../server/fulfilment/papers/contract.ts'
import type { PaperTemplate } from '../../../../server/fulfilment/papers/paper-rules.ts'
import { paperWords } from '../../../../server/fulfilment/papers/paper-rules.ts'
import { yuan } from '../../../../server/lib/money-text.ts'
import type { Json } from '../../ui/base/json.ts'
import { fullTime } from '../../ui/base/time.ts'
import type { PaperData, PaperLine } from './layout/items.ts'

export type DeliveryOnPaper = Json<PaperDelivery>
type Goods = Json<PaperGoods>

export type PaperNames = {
  shop: (id: string) => string
  courier: (code: string) => string
  /** The time of printing and the user. */
  printed: string
}

/** A line of a pick list: pieces of one SKU from one bin, and the baskets (or parcels) that they are for. */
export type PickLine = {
  bin: string
  code: string
  name: string
  spec: string
  quantity: number
  baskets: string
}

const lastRoute = Number.MAX_SAFE_INTEGER
const byWay = (one: Goods, other: Goods) =>
  (one.route ?? lastRoute) - (other.route ?? lastRoute) || one.bin.localeCompare(other.bin)

/** 随箱清单, 普通面单: what one delivery's paper says. `receiver`: in the clear for a plain label; otherwise masked. */
export function deliveryData(
  of: DeliveryOnPaper,
  { options }: Pick<PaperTemplate, 'options'>,
  names: PaperNames,
  receiver = [of.receiverMasked, of.region].filter(Boolean).join(' '),
): PaperData {
  const goods = options.order === 'bin' ? of.goods.toSorted(byWay) : of.goods
  return {
    isPresent: of.isPresent,
    values: {
      ...{ title: names.shop(of.shopId), shop: names.shop(of.shopId), courier: names.courier(of.courier) },
      ...{ warehouse: of.warehouse, basket: of.basket, orderNo: of.orderNo, tid: of.tid, deliveryNo: of.no },
      ...{ orderedAt: fullTime(of.orderedAt), waybill: of.waybillNo, receiver },
      ...{ barcode: of.waybillNo || of.orderNo, pieces: String(of.pieces), payment: yuan(of.paymentFen) },
      ...{ buyerMessage: of.buyerMessage, sellerMemo: of.sellerMemo, printed: names.printed },
    },
    lines: goods.map((line, at): PaperLine => {
      const { bin, code, name, spec, quantity, priceFen } = line
      return {
        place: String(at + 1),
        bin,
        code,
        name,
        spec,
        quantity: String(quantity),
        price: yuan(priceFen),
      }
    }),
  }
}

/** A plain label as the server hands it out, and the deliveries in its parcel. */
export type GivenLabel = { label: PlainLabel; deliveryIds: readonly string[] }

/**
 * What the label of a parcel says whose number a source gave without print data. The goods of a merged shipment are one list. Without the
 * deliveries (`parcel` is empty) it has all that the courier needs.
 */
export function courierLabelData(
  { courier, waybillNo, routing, bag, road, place, codFen, insuredFen, receiver, sender }: PlainLabel,
  parcel: readonly DeliveryOnPaper[],
  template: Pick<PaperTemplate, 'options'>,
  names: PaperNames,
): PaperData {
  const whole = oneOf(parcel)
  const { values, ...rest } = whole ? deliveryData(whole, template, names) : { values: {}, lines: [] }
  return {
    ...rest,
    values: {
      ...{ printed: names.printed, ...values, courier: names.courier(courier), waybill: waybillNo },
      ...{ barcode: waybillNo, routing },
      bag: [bag, road, place, codFen && `代收 ¥${yuan(codFen)}`, insuredFen && `保价 ¥${yuan(insuredFen)}`]
        .filter(Boolean)
        .join(' · '),
      ...{ receiver: personText(receiver), sender: personText(sender) },
    },
  }
}

/** The deliveries of a parcel as one: of a merged shipment the goods are one list. */
export function oneOf(parcel: readonly DeliveryOnPaper[]): DeliveryOnPaper | undefined {
  const [first] = parcel
  const joined = (key: 'orderNo' | 'tid' | 'sellerMemo' | 'buyerMessage') =>
    [...new Set(parcel.map((one) => one[key]).filter(Boolean))].join(' ')
  return (
    first && {
      ...first,
      ...{ orderNo: joined('orderNo'), tid: joined('tid') },
      ...{ sellerMemo: joined('sellerMemo'), buyerMessage: joined('buyerMessage') },
      isPresent: parcel.some(({ isPresent }) => isPresent),
      goods: parcel.flatMap(({ goods }) => goods),
      pieces: parcel.reduce((sum, { pieces }) => sum + pieces, 0),
    }
  )
}

const personText = ({ name, phone, address }: PlainLabel['receiver']) => `${name} ${phone}\n${address}`

/** 拣货单 of these deliveries: the same SKU of all of them is one line, which says which of them need it, by their place in the list. */
export function picksOf(deliveries: readonly DeliveryOnPaper[]): (PickLine & { route: number | null })[] {
  const lines = new Map<string, { goods: Goods; quantity: number; baskets: number[] }>()
  deliveries.forEach(({ picks }, at) => {
    for (const goods of picks) {
      const key = `${goods.skuId ?? `${goods.code} ${goods.name} ${goods.spec}`} ${goods.bin}`
      const line = lines.get(key) ?? { goods, quantity: 0, baskets: [] }
      lines.set(key, {
        goods,
        quantity: line.quantity + goods.quantity,
        baskets: line.baskets.at(-1) === at + 1 ? line.baskets : [...line.baskets, at + 1],
      })
    }
  })
  return [...lines.values()].map(({ goods: { bin, code, name, spec, route }, quantity, baskets }) => ({
    ...{ bin, code, name, spec, route, quantity },
    baskets: baskets.map((one) => String(one).padStart(2, '0')).join(' '),
  }))
}

/** What a pick list says. `no`: of the wave, with its barcode; empty: none. */
export function pickListData(
  {
    no,
    about,
    lines,
  }: { no: string; about: string; lines: readonly (PickLine & { route?: number | null })[] },
  { options }: Pick<PaperTemplate, 'options'>,
  names: Pick<PaperNames, 'printed'>,
): PaperData {
  const way = (one: { bin: string; route?: number | null }, other: { bin: string; route?: number | null }) =>
    (one.route ?? lastRoute) - (other.route ?? lastRoute) || one.bin.localeCompare(other.bin)
  const sorted = options.order === 'bin' ? lines.toSorted(way) : lines
  return {
    values: {
      title: no === '' ? paperWords.pick_list[options.language] : no,
      ...{ barcode: no, summary: about, printed: names.printed },
    },
    lines: sorted.map(({ bin, code, name, spec, quantity, baskets }, at): PaperLine => {
      return { place: String(at + 1), bin, code, name, spec, quantity: String(quantity), baskets }
    }),
  }
}

export type Parcel = {
  waybillNo: string
  packageCount: number
  orderNo: string
  pieces: number
  weightGrams: number | null
}

/** 交接单 of one courier: its parcels of a day, with their sums; of a parcel of several packages each counts. */
export function handoverData(
  {
    courier,
    day,
    warehouse,
    parcels,
  }: { courier: string; day: string; warehouse: string; parcels: readonly Parcel[] },
  { options }: Pick<PaperTemplate, 'options'>,
  names: Pick<PaperNames, 'printed'>,
): PaperData {
  const pieces = parcels.reduce((sum, parcel) => sum + parcel.pieces, 0)
  const packages = parcels.reduce((sum, { packageCount }) => sum + packageCount, 0)
  return {
    values: {
      ...{ title: paperWords.handover[options.language], courier, day, warehouse, printed: names.printed },
      ...{ parcels: String(packages), pieces: String(pieces) },
    },
    lines: parcels.map(
      ({ waybillNo: no, packageCount, orderNo, pieces: count, weightGrams }, at): PaperLine => {
        const weight = weightGrams === null ? '' : `${(weightGrams / 1000).toFixed(2)} kg`
        const waybill = packageCount > 1 ? `${no} ×${packageCount}` : no
        return { place: String(at + 1), waybill, orderNo, quantity: String(count), weight }
      },
    ),
  }
}
