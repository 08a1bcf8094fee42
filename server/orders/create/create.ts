import { skuNames, skusOfCodes } from '../../catalog/names.ts'
import { couriers } from '../../connectors/couriers.ts'
import type { Actor, By } from '../../core/access/actor.ts'
import { inScope } from '../../core/access/scope.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Refusal } from '../../core/decide.ts'
import { sharedNow } from '../../lib/clock.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import type { KeyRing } from '../../lib/seal.ts'
import {
  createOffPlatformOrders,
  type Made,
  numberFor,
  type OffPlatformLine,
  type OffPlatformOrder,
  offPlatformKey,
} from './own-orders.ts'

export type ReceiverInput = {
  name: string
  mobile?: string | undefined
  phone?: string | undefined
  province: string
  city: string
  district?: string | undefined
  town?: string | undefined
  address: string
  zip?: string | undefined
}

export type LineInput = {
  skuId?: string | undefined
  code?: string | undefined
  quantity: number
  priceFen: number
  discountFen?: number | undefined
}

/** An order to create, as a user or an API client gives it. `key`: idempotency key; a repeated request with it makes no second order. */
export type OrderInput = {
  key: string
  origin?: 'manual' | 'import'
  shopId: string
  outerNo?: string | undefined
  nick?: string | undefined
  receiver: ReceiverInput
  lines: readonly LineInput[]
  postFeeFen?: number | undefined
  paid?: boolean | undefined
  cod?: boolean | undefined
  memo?: string | undefined
  ownNote?: string | undefined
  courier?: string | undefined
  urgent?: boolean | undefined
}

/**
 * The outcome of one request, by its key. Code `already`: an earlier request, or another one with the same trade number, made the order.
 */
export type Created =
  | { key: string; done: true; id: string; no: string }
  | { key: string; done: false; code: string; message: LocalizedText; id?: string; no?: string }

/** 手工建单: creates unconfirmed orders without a trade. */
export async function createOrders(
  tx: Tx,
  ring: KeyRing,
  inputs: readonly OrderInput[],
  { actor, scope }: By,
): Promise<Created[]> {
  const skus = await activeSkus(
    tx,
    inputs.flatMap(({ lines }) => lines),
  )
  const wishes = inputs.map((input) => ({ input, ...checkOrder(input, skus, { actor, scope }) }))
  const orders = wishes.flatMap(({ order }) => order ?? [])
  const made = await createOffPlatformOrders(tx, ring, orders, actor)
  return createdOf(
    wishes.map(({ input: { key }, ...wish }) => ({ key, ...wish })),
    made,
  )
}

type Asked = { key: string; order?: OffPlatformOrder | undefined; refusal?: Refusal | undefined }

/** Makes one outcome for each request. If two requests have the same trade number, only the first is done. */
export function createdOf(asked: readonly Asked[], made: ReadonlyMap<string, Made>): Created[] {
  const told = new Set<string>()
  return asked.map(({ key, order, refusal }): Created => {
    const answer = order && made.get(offPlatformKey(order))
    if (!answer) return { key, done: false, ...(refusal ?? noSuchShop) }
    const { id, no, known } = answer
    if (known || told.has(id)) return { key, done: false, ...alreadyAs(no), id, no }
    told.add(id)
    return { key, done: true, id, no }
  })
}

const alreadyAs = (no: string) => ({
  code: 'already',
  message: { zh: `已有销售订单 ${no}`, en: `Already as order ${no}` },
})
const noSuchShop = {
  code: 'outside_scope',
  message: { zh: '没有这家店铺的权限', en: 'No access to this shop' },
}

type CheckedOrder = { order?: OffPlatformOrder; refusal?: Refusal }

function checkOrder(
  input: OrderInput,
  skus: (line: LineInput) => KnownSku | undefined,
  { actor, scope }: By,
): CheckedOrder {
  if (!inScope(scope, input.shopId)) return { refusal: noSuchShop }
  const refusal = whyNotCreated(input)
  if (refusal) return { refusal }
  const lines = input.lines.flatMap((line) => {
    const sku = skus(line)
    return sku ? [lineOf(line, sku)] : []
  })
  if (lines.length < input.lines.length)
    return {
      refusal: {
        code: 'no_sku',
        message: { zh: '没有这个 SKU，或已停用', en: 'No such SKU, or it is retired' },
      },
    }
  return { order: orderOf(input, lines, actor) }
}

/** Returns why the order cannot be created; undefined: it can. Masked values are refused, since the real value could not be recovered. */
function whyNotCreated({ receiver, lines, courier = '' }: Omit<OrderInput, 'key' | 'shopId'>) {
  const texts = Object.values(receiver).map((text) => text ?? '')
  if (texts.some((text) => text.includes('*')))
    return bad('收件信息不能含 *，填完整内容', 'The receiver may not hold *; give the whole text')
  if (!(receiver.mobile?.trim() || receiver.phone?.trim()))
    return bad('没有手机或电话', 'A mobile or phone is needed')
  for (const [field, zh] of [
    ['name', '收件人'],
    ['province', '省'],
    ['city', '市'],
    ['address', '详细地址'],
  ] as const)
    if (receiver[field].trim() === '') return bad(`没有${zh}`, `The ${field} is missing`)
  if (courier !== '' && !couriers.some(({ code }) => code === courier))
    return bad('没有这家快递', 'No such courier')
  const wrong = lines.find((line) => (line.discountFen ?? 0) > line.priceFen * line.quantity)
  return wrong ? bad('优惠超过金额', 'A discount exceeds its amount') : undefined
}

const bad = (zh: string, en: string) => ({ code: 'incomplete', message: { zh, en } })

function orderOf(input: OrderInput, lines: OffPlatformLine[], actor: Actor): OffPlatformOrder {
  const { receiver, cod = false, paid = true } = input
  const now = sharedNow()
  const text = (value: string | undefined) => value?.trim() ?? ''
  return {
    shopId: input.shopId,
    outerNo: text(input.outerNo) || numberFor(actor, input.key),
    origin: input.origin ?? 'manual',
    personal: {
      nick: text(input.nick),
      receiver: {
        name: text(receiver.name),
        mobile: text(receiver.mobile),
        phone: text(receiver.phone),
        province: text(receiver.province),
        city: text(receiver.city),
        district: text(receiver.district),
        town: text(receiver.town),
        address: text(receiver.address),
        zip: text(receiver.zip),
        token: '',
      },
    },
    lines,
    postFeeFen: input.postFeeFen ?? 0,
    paidAt: paid && !cod ? now : null,
    cod,
    orderedAt: now,
    sellerMemo: text(input.memo),
    ownNote: text(input.ownNote),
    courier: input.courier ?? '',
    urgent: input.urgent ?? false,
  }
}

type KnownSku = { id: string; code: string; name: string; spec: string; pictureUrl: string }

async function activeSkus(
  tx: Tx,
  lines: readonly LineInput[],
): Promise<(line: LineInput) => KnownSku | undefined> {
  const byCode = await skusOfCodes(
    tx,
    lines.flatMap(({ code }) => code ?? []),
  )
  const idOf = ({ skuId, code = '' }: LineInput) => skuId ?? byCode.get(code)?.id ?? ''
  const ids = lines.map(idOf).filter((id) => id !== '')
  const known = await skuNames(tx, ids, { active: true })
  return (line) => known.get(idOf(line))
}

function lineOf(
  { quantity, priceFen, discountFen = 0 }: Omit<LineInput, 'skuId' | 'code'>,
  sku: KnownSku,
): OffPlatformLine {
  return {
    ownSkuId: sku.id,
    oid: '',
    itemId: '',
    skuId: '',
    outerItemId: '',
    outerSkuId: sku.code,
    title: sku.name,
    spec: sku.spec,
    pictureUrl: sku.pictureUrl,
    quantity,
    priceFen,
    discountFen,
    paymentFen: priceFen * quantity - discountFen,
  }
}
