import Type, { type Static, type TObject } from 'typebox'
import { couriers } from '../connectors/couriers.ts'
import { money } from '../lib/money-text.ts'
import { textHash } from '../lib/text-hash.ts'
import { chinaDay, minuteMs } from '../lib/time.ts'
import type { CheckFacts } from './check-facts.ts'
import { holdReasons } from './lifecycle.ts'

/** Figures and numbers that a reason's words are made of. No personal data. */
export type Detail = Record<string, string | number | string[]>
type Words = { zh: string; en: string }

export type Check = Words & {
  /** Asked for in a new rule. */
  on: boolean
  /** Always asked: no rule can switch it off. */
  always: boolean
  /** Time alone solves it: the order waits, and is no problem. */
  waits: boolean
  params: TObject
  find(order: CheckFacts, params: unknown, now: Date): Detail | null
  say(detail: Detail): Words
}

type Declaration<Params extends TObject> = Words & {
  on: boolean
  always?: true
  waits?: true
  params?: Params
  find(order: CheckFacts, params: Static<Params>, now: Date): Detail | null
  /** What is found, in words; the check's own name when left out. */
  say?(detail: Detail): Words
}

function check<Params extends TObject>(declared: Declaration<Params>): Check {
  const { zh, en, on, always = false, waits = false, params = Type.Object({}), find } = declared
  return {
    zh,
    en,
    on,
    always,
    waits,
    params,
    // Parameters come from `parseChecks`, which has held them against this very schema.
    find: (order, given, now) => find(order, given as Static<Params>, now),
    say: declared.say ?? (() => ({ zh, en })),
  }
}

const found: Detail = {}
const when = (holds: boolean, detail: Detail = found): Detail | null => (holds ? detail : null)
/** A text itself may be personal; a later one must be told from it. */
const markOf = (text: string): Detail => ({ mark: textHash(text).toString(36) })
const listed = (value: unknown) => (Array.isArray(value) ? value.join('、') : String(value))
const wordsOf = (text: string) => text.split(/[\s,，;；、]+/).filter(Boolean)

const whole = (zh: string, en: string, [initial, minimum, maximum]: readonly [number, number, number]) =>
  Type.Integer({ title: zh, description: en, default: initial, minimum, maximum })
const text = (zh: string, en: string, initial: string, more: { pattern?: string } = {}) =>
  Type.String({ title: zh, description: en, default: initial, maxLength: 500, ...more })
const limit = (zh: string, en: string, initial: number) =>
  Type.Object({ yuan: whole(zh, en, [initial, 1, 10_000_000]) })
const flag = (zh: string, en: string, initial: boolean) =>
  Type.Boolean({ title: zh, description: en, default: initial })
const day = { pattern: '^(\\d{4}-\\d{2}-\\d{2})?$' }

const flagNames = ['grey', 'red', 'yellow', 'green', 'blue', 'purple'] as const
const flagZh = ['灰', '红', '黄', '绿', '蓝', '紫'] as const

/** What may stand against confirming an order by itself, one row each, in the order in which reasons are shown. */
export const checks = {
  locked: check({
    zh: '有人锁定',
    en: 'Locked',
    on: true,
    always: true,
    waits: true,
    find: ({ lockedName }) => when(lockedName !== '', { holder: lockedName }),
    say: ({ holder }) => ({ zh: `${holder} 锁定中`, en: `Locked by ${holder}` }),
  }),
  not_paid: check({
    zh: '未付款',
    en: 'Not paid',
    on: true,
    always: true,
    waits: true,
    find: ({ paidAt, cod }) => when(paidAt === null && !cod),
  }),
  on_hold: check({
    zh: '挂起中',
    en: 'On hold',
    on: true,
    always: true,
    find: ({ holdReasons: reasons }) => {
      const others = reasons.filter((reason) => reason !== 'refund_open')
      return when(others.length > 0, { reasons: others })
    },
    say: ({ reasons }) => holdWords(reasons),
  }),
  refund_open: check({
    zh: '退款申请中',
    en: 'Refund open',
    on: true,
    always: true,
    find: ({ holdReasons: reasons }) => when(reasons.includes('refund_open')),
  }),
  difference: check({
    zh: '平台有改动未处理',
    en: 'Changed on the platform',
    on: true,
    find: ({ differences }) => when(differences > 0),
  }),
  buyer_message: check({
    zh: '有买家留言',
    en: 'Buyer left a message',
    on: true,
    find: ({ buyerMessage }) => when(buyerMessage !== '', markOf(buyerMessage)),
  }),
  seller_memo: check({
    zh: '有卖家备注',
    en: 'Has a memo',
    on: true,
    find: ({ sellerMemo }) => when(sellerMemo !== '', markOf(sellerMemo)),
  }),
  words: check({
    zh: '留言备注含关键词',
    en: 'Words in message or memo',
    on: false,
    params: Type.Object({ words: text('关键词，逗号分开', 'Words, apart by commas', '发票,加急,顺丰') }),
    find: ({ buyerMessage, sellerMemo }, { words }) => {
      const hits = wordsOf(words).filter((word) => buyerMessage.includes(word) || sellerMemo.includes(word))
      return when(hits.length > 0, { hits })
    },
    say: ({ hits }) => ({ zh: `含「${listed(hits)}」`, en: `Says ${listed(hits)}` }),
  }),
  flag: check({
    zh: '有旗标',
    en: 'Has a flag',
    on: true,
    params: Type.Object({
      red: flag('红', 'Red', true),
      yellow: flag('黄', 'Yellow', true),
      green: flag('绿', 'Green', false),
      blue: flag('蓝', 'Blue', false),
      purple: flag('紫', 'Purple', false),
    }),
    find: (order, params) => {
      const name = flagNames[order.flag]
      return when(name !== undefined && name !== 'grey' && params[name], { flag: order.flag })
    },
    say: ({ flag: at }) => ({
      zh: `${flagZh[Number(at)] ?? ''}旗`,
      en: `Flag ${flagNames[Number(at)] ?? ''}`,
    }),
  }),
  amount_above: check({
    zh: '金额过高',
    en: 'Amount too high',
    on: false,
    params: limit('高于，元', 'Above, yuan', 1000),
    find: ({ paymentFen }, params) =>
      when(paymentFen > params.yuan * 100, { fen: paymentFen, limit: params.yuan * 100 }),
    say: (of) => ({
      zh: `金额 ${money(Number(of['fen']))} 高于 ${money(Number(of['limit']))}`,
      en: `${money(Number(of['fen']))} is above ${money(Number(of['limit']))}`,
    }),
  }),
  amount_below: check({
    zh: '金额过低',
    en: 'Amount too low',
    on: false,
    params: limit('低于，元', 'Below, yuan', 1),
    find: ({ paymentFen }, params) =>
      when(paymentFen < params.yuan * 100, { fen: paymentFen, limit: params.yuan * 100 }),
    say: (of) => ({
      zh: `金额 ${money(Number(of['fen']))} 低于 ${money(Number(of['limit']))}`,
      en: `${money(Number(of['fen']))} is below ${money(Number(of['limit']))}`,
    }),
  }),
  quantity_above: check({
    zh: '件数过多',
    en: 'Too many pieces',
    on: true,
    params: Type.Object({ pieces: whole('多于，件', 'More pieces than', [50, 1, 1_000_000]) }),
    find: ({ quantity }, { pieces }) => when(quantity > pieces, { pieces: quantity, limit: pieces }),
    say: ({ pieces, limit }) => ({
      zh: `${pieces} 件，多于 ${limit} 件`,
      en: `${pieces} pieces, over ${limit}`,
    }),
  }),
  lines_above: check({
    zh: '商品种数过多',
    en: 'Too many lines',
    on: false,
    params: Type.Object({ lines: whole('多于，种', 'More lines than', [10, 1, 1000]) }),
    find: ({ lineCount }, { lines }) => when(lineCount > lines, { lines: lineCount, limit: lines }),
    say: ({ lines, limit }) => ({
      zh: `${lines} 种商品，多于 ${limit}`,
      en: `${lines} lines, over ${limit}`,
    }),
  }),
  duplicate: check({
    zh: '疑似重复下单',
    en: 'Suspected duplicate',
    on: true,
    params: Type.Object({ hours: whole('前后，小时', 'Within hours', [24, 1, 720]) }),
    find: ({ similar }) => when(similar.length > 0, { orders: similar }),
    say: ({ orders }) => ({ zh: `疑似重复：${listed(orders)}`, en: `Same buyer: ${listed(orders)}` }),
  }),
  blacklist: check({
    zh: '黑名单买家',
    en: 'Blacklisted buyer',
    on: true,
    find: ({ blacklisted }) => when(blacklisted.length > 0, { reasons: blacklisted }),
    say: ({ reasons }) => ({ zh: `黑名单：${listed(reasons)}`, en: `Blacklisted: ${listed(reasons)}` }),
  }),
  address_incomplete: check({
    zh: '地址不全',
    en: 'Address incomplete',
    on: true,
    find: ({ region, receiverMasked }) => {
      const missing = [
        ...(wordsOf(region).length < 2 ? ['地区'] : []),
        ...(receiverMasked.split(' ').filter(Boolean).length < 2 ? ['姓名或电话'] : []),
      ]
      return when(missing.length > 0, { missing })
    },
    say: ({ missing }) => ({ zh: `地址不全：缺${listed(missing)}`, en: 'Address incomplete' }),
  }),
  region_words: check({
    zh: '地区含关键词',
    en: 'Words in the region',
    on: false,
    params: Type.Object({ words: text('地区，逗号分开', 'Regions, apart by commas', '新疆,西藏') }),
    find: ({ region }, { words }) => {
      const hits = wordsOf(words).filter((word) => region.includes(word))
      return when(hits.length > 0, { hits })
    },
    say: ({ hits }) => ({ zh: `地区：${listed(hits)}`, en: `Region: ${listed(hits)}` }),
  }),
  presale: check({
    zh: '预售',
    en: 'Presale',
    on: false,
    find: ({ presale }) => when(presale),
  }),
  cod: check({ zh: '货到付款', en: 'Cash on delivery', on: true, find: ({ cod }) => when(cod) }),
  price_percent: check({
    zh: '低于标价的百分比',
    en: 'Far below the list price',
    on: false,
    params: Type.Object({ percent: whole('低于标价的，%', 'Below % of list price', [30, 1, 100]) }),
    find: ({ lowestPercent }, { percent }) =>
      when(lowestPercent !== null && lowestPercent < percent, {
        percent: lowestPercent ?? 0,
        limit: percent,
      }),
    say: ({ percent, limit }) => ({
      zh: `售价为标价的 ${percent}%，低于 ${limit}%`,
      en: `${percent}% of the list price, under ${limit}%`,
    }),
  }),
  below_reference: check({
    zh: '低于参考价',
    en: 'Below the reference price',
    on: true,
    find: ({ belowReference }) =>
      when(belowReference.length > 0, { lines: belowReference.map((line) => String(line)) }),
    say: ({ lines }) => ({
      zh: `第 ${listed(lines)} 行低于参考价`,
      en: `Line ${listed(lines)} is below its reference price`,
    }),
  }),
  no_courier: check({
    zh: '没有选快递',
    en: 'No courier chosen',
    on: false,
    find: ({ courier }) => when(courier === ''),
  }),
  out_of_reach: check({
    zh: '快递不到',
    en: 'No courier goes there',
    on: true,
    find: ({ outOfReach, courier }) => when(outOfReach, { courier }),
    say: ({ courier }) => {
      const known = couriers.find(({ code }) => code === courier)
      return known
        ? { zh: `${known.zh}不到这个地区`, en: `${known.en} does not go there` }
        : { zh: '规则里的快递都不到', en: 'No courier of the rules goes there' }
    },
  }),
  no_warehouse: check({
    zh: '没有仓库',
    en: 'No warehouse',
    // Nothing of it can be promised or packed. A house that keeps no warehouses ships without.
    on: true,
    find: ({ hasWarehouse }) => when(!hasWarehouse),
  }),
  taken_back: check({
    zh: '人工反确认或恢复过',
    en: 'Was unconfirmed or restored',
    on: true,
    find: ({ takenBack }) => when(takenBack),
  }),
  dates: check({
    zh: '付款日期不在范围内',
    en: 'Paid outside the dates',
    on: false,
    params: Type.Object({
      from: text('从，如 2026-11-01', 'From, as 2026-11-01', '', day),
      to: text('到，含当天', 'To, that day included', '', day),
    }),
    find: ({ paidAt, orderedAt }, { from, to }) => {
      const at = chinaDay(paidAt ?? orderedAt)
      return when((from !== '' && at < from) || (to !== '' && at > to), { day: at })
    },
    say: ({ day: at }) => ({ zh: `付款日期 ${at}`, en: `Paid on ${at}` }),
  }),
  delay: check({
    zh: '付款后等待',
    en: 'Wait after the payment',
    on: true,
    waits: true,
    params: Type.Object({ minutes: whole('等，分钟', 'Minutes', [15, 0, 43_200]) }),
    find: ({ paidAt, orderedAt }, { minutes }, now) =>
      when((paidAt ?? orderedAt).getTime() + minutes * minuteMs > now.getTime(), { minutes }),
    say: ({ minutes }) => ({ zh: `付款未满 ${minutes} 分钟`, en: `Paid less than ${minutes} min ago` }),
  }),
} as const satisfies Record<string, Check>
export type CheckName = keyof typeof checks

function isCheckName(name: string): name is CheckName {
  return Object.hasOwn(checks, name)
}

export const checkNames: readonly CheckName[] = Object.keys(checks).filter(isCheckName)

/** A stored reason in words; of a name that we do not know any more, the name. */
export function reasonWords(name: string, detail: Detail): Words {
  return isCheckName(name) ? checks[name].say(detail) : { zh: name, en: name }
}

function holdWords(reasons: unknown): Words {
  const known: Record<string, Words> = holdReasons
  const words = (Array.isArray(reasons) ? reasons : []).map(
    (name) => known[String(name)] ?? { zh: String(name), en: String(name) },
  )
  return {
    zh: `挂起：${words.map(({ zh }) => zh).join('、')}`,
    en: `On hold: ${words.map(({ en }) => en).join(', ')}`,
  }
}
