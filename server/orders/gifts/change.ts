import { skuNames, skusOfCodes } from '../../catalog/names.ts'
import type { Actor, By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Outcome, Refusal } from '../../core/decide.ts'
import { changeReservedLines } from '../allocation/goods.ts'
import { answerOrders, withoutForeignEditLocks } from '../order/access.ts'
import { statusWords } from '../order/lifecycle.ts'
import { addOrderEvents, bumpVersions, type LockedOrder, lockOrders } from '../order/queries.ts'
import { giftEventsOf, namedLines, writePlan } from './give.ts'
import { type Added, planGifts, shrunk } from './plan.ts'
import {
  type GiftFacts,
  giftOrders,
  type OpenLine,
  writeGifts,
  writeRemaining,
  writeTimes,
} from './queries.ts'
import { rulesInForce } from './settings.ts'
import { weighGifts } from './weigh.ts'

// Changes of gifts by a person, possible while an order is unconfirmed.

/**
 * 重算赠品: applies the current rules again. Gifts that a person added stay; gifts that a person removed are not given again. Split orders are
 * refused.
 */
export function giveAgain(tx: Tx, ids: readonly string[], by: By): Promise<Outcome[]> {
  return change(tx, ids, by, async (orders) => {
    const rules = await rulesInForce(tx)
    const whole = orders.filter(({ split }) => !split)
    const weighed = await weighGifts(tx, whole, rules, { fresh: false, lock: true })
    const plan = planGifts(weighed)
    const codes = await writePlan(tx, plan)
    await addOrderEvents(tx, giftEventsOf(plan.changed, codes), by.actor)
    return {
      changed: plan.changed.map(({ order }) => order.id),
      left: plan.left,
      refusal: ({ id }) => (whole.some((one) => one.id === id) ? unchanged : isSplit),
    }
  })
}

/**
 * 加赠品: sets the pieces of a SKU that an order gets as a gift by hand to `quantity`. No rule removes them. Repeating the call changes
 * nothing.
 */
export function addGifts(
  tx: Tx,
  ids: readonly string[],
  { code, quantity }: { code: string; quantity: number },
  by: By,
): Promise<Outcome[]> {
  return change(tx, ids, by, async (orders) => {
    const sku = (await skusOfCodes(tx, [code])).get(code)
    if (!sku) return { changed: [], left: [], refusal: () => noSku }
    const added: Added[] = []
    const left: OpenLine[] = []
    for (const order of orders) {
      const own = order.gifts.filter((line) => line.ruleId === null && line.skuId === sku.id && line.left > 0)
      const has = own.reduce((sum, line) => sum + line.left, 0)
      left.push(...shrunk(order.id, own, quantity))
      if (has < quantity)
        added.push({ order, lineNo: order.lastLine + 1, skuId: sku.id, ruleId: null, quantity })
    }
    await writeRemaining(tx, left)
    if (added.length > 0) await writeGifts(tx, [], namedLines(added, await skuNames(tx, [sku.id])), [])
    const changed = [
      ...new Set([...left.map(({ orderId }) => orderId), ...added.map(({ order }) => order.id)]),
    ]
    await tell(tx, changed, { event: 'gift_added', detail: { gift: code, quantity } }, by.actor)
    return { changed, left, refusal: () => unchanged }
  })
}

/** 去掉赠品: removes every gift line of the SKU; no rule gives the SKU to these orders again. */
export function removeGifts(
  tx: Tx,
  ids: readonly string[],
  { code }: { code: string },
  by: By,
): Promise<Outcome[]> {
  return change(tx, ids, by, async (orders) => {
    const sku = (await skusOfCodes(tx, [code])).get(code)
    const left = orders.flatMap((order) =>
      order.gifts
        .filter((line) => line.skuId === sku?.id && line.left > 0)
        .map(({ lineNo }) => ({ orderId: order.id, lineNo, left: 0, offBy: by.actor.name })),
    )
    await writeRemaining(tx, left)
    const off = new Set(left.map(({ orderId, lineNo }) => `${orderId}/${lineNo}`))
    await writeTimes(
      tx,
      orders.flatMap((order) => endedRules(order, off)),
    )
    const changed = [...new Set(left.map(({ orderId }) => orderId))]
    await tell(tx, changed, { event: 'gift_removed', detail: { gift: code } }, by.actor)
    return { changed, left, refusal: () => noGift }
  })
}

/** Returns the rules of which the order has no gift left without the lines `off`: they count no more for its buyer. */
function endedRules(order: GiftFacts, off: ReadonlySet<string>) {
  const remains = (line: GiftFacts['gifts'][number]) =>
    line.left > 0 && !off.has(`${order.id}/${line.lineNo}`)
  const touched = order.gifts.filter(({ lineNo }) => off.has(`${order.id}/${lineNo}`))
  return [...new Set(touched.flatMap(({ ruleId }) => ruleId ?? []))]
    .filter((ruleId) => !order.gifts.some((line) => line.ruleId === ruleId && remains(line)))
    .map((ruleId) => ({ orderId: order.id, ruleId, times: 0 }))
}

async function tell(
  tx: Tx,
  ids: readonly string[],
  { event, detail }: { event: string; detail: Record<string, unknown> },
  actor: Actor,
): Promise<void> {
  await addOrderEvents(
    tx,
    ids.map((orderId) => ({ orderId, event, detail })),
    actor,
  )
}

/** `changed`: ids of the orders that changed; `refusal`: returns why an order was not changed. */
type Changed = { changed: string[]; left: OpenLine[]; refusal: (order: LockedOrder) => Refusal }

function change(
  tx: Tx,
  ids: readonly string[],
  by: By,
  verb: (orders: GiftFacts[]) => Promise<Changed>,
): Promise<Outcome[]> {
  return withoutForeignEditLocks(tx, ids, by, async (granted) => {
    const held = await lockOrders(tx, granted)
    const open = held.filter((order) => !whyNotChanged(order)).map(({ id }) => id)
    if (open.length === 0) return answerOrders(granted, held, whyNotChanged)
    const { changed, left, refusal } = await verb(await giftOrders(tx, open))
    if (changed.length > 0) {
      await bumpVersions(tx, changed)
      await changeReservedLines(tx, changed, left)
    }
    const done = new Set(changed)
    return answerOrders(
      granted,
      held,
      (order) => whyNotChanged(order) ?? (done.has(order.id) ? undefined : refusal(order)),
    )
  })
}

function whyNotChanged({ status, origin }: LockedOrder): Refusal | undefined {
  if (status === 'unconfirmed' && origin !== 'record') return undefined
  const words = statusWords[status]
  return {
    code: 'wrong_status',
    message: {
      zh: `${words.zh}，不能改赠品。反确认后可用`,
      en: `${words.en}: its gifts stay. Unconfirm it first`,
    },
  }
}

const unchanged = { code: 'already', message: { zh: '结果没有变', en: 'It stays as it is' } }
const isSplit = {
  code: 'split',
  message: {
    zh: '拆过单，规则看不到整单。手工加减赠品',
    en: 'It was split: no rule sees all of it. Add or take off by hand',
  },
}
const noSku = { code: 'no_sku', message: { zh: '没有这个 SKU 编码', en: 'There is no such SKU' } }
const noGift = { code: 'no_gift', message: { zh: '没有这个赠品', en: 'It has no such gift' } }
