import Type from 'typebox'
import { couriers } from '../../connectors/couriers.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import { money } from '../../lib/money-text.ts'
import { chinaDay, minuteMs } from '../../lib/time.ts'
import { hasProvince, regionWords } from '../sourcing/regions.ts'
import {
  type Check,
  check,
  type Detail,
  day,
  fingerprintOf,
  flag,
  limit,
  text,
  when,
  whole,
} from './check.ts'
import { holdWords, listed, mergeableWords } from './check-words.ts'

const wordsOf = (text: string) => text.split(/[\s,，;；、]+/).filter(Boolean)

const flagNames = ['grey', 'red', 'yellow', 'green', 'blue', 'purple'] as const
const flagZh = ['灰', '红', '黄', '绿', '蓝', '紫'] as const

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
    find: ({ buyerMessage }) => when(buyerMessage !== '', fingerprintOf(buyerMessage)),
  }),
  seller_memo: check({
    zh: '有卖家备注',
    en: 'Has a memo',
    on: true,
    find: ({ sellerMemo }) => when(sellerMemo !== '', fingerprintOf(sellerMemo)),
  }),
  invoice: check({
    zh: '需开发票',
    en: 'Wants an invoice',
    on: false,
    find: ({ invoice }) => when(invoice),
  }),
  words: check({
    zh: '留言备注含关键词',
    en: 'Words in message or memo',
    on: false,
    params: Type.Object({ words: text('关键词，逗号分开', 'Words, comma-separated', '发票,加急,顺丰') }),
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
  short: check({
    zh: '缺货',
    en: 'Short of stock',
    on: false,
    find: ({ short }) => when(short),
  }),
  oversold: check({
    zh: '平台超卖',
    en: 'Oversold on the platform',
    on: true,
    find: ({ oversold }) => when(oversold),
  }),
  goods_words: check({
    zh: '商品标题含关键词',
    en: 'Words in the goods',
    on: false,
    params: Type.Object({ words: text('关键词，逗号分开', 'Words, comma-separated', '补差,差价,邮费,运费') }),
    find: ({ titles }, { words }) => {
      const hits = wordsOf(words).filter((word) => titles.some((title) => title.includes(word)))
      return when(hits.length > 0, { hits })
    },
    say: ({ hits }) => ({ zh: `商品含「${listed(hits)}」`, en: `Goods say ${listed(hits)}` }),
  }),
  duplicate: check({
    zh: '疑似重复下单',
    en: 'Suspected duplicate',
    on: true,
    params: Type.Object({ hours: whole('前后，小时', 'Within hours', [24, 1, 720]) }),
    find: ({ similar }) => when(similar.length > 0, { orders: similar }),
    say: ({ orders }) => ({ zh: `疑似重复：${listed(orders)}`, en: `Same buyer: ${listed(orders)}` }),
  }),
  mergeable: check({
    zh: '可合单',
    en: 'Could be merged',
    on: false,
    waits: ({ orders }) => orders === undefined,
    params: Type.Object({
      acrossShops: flag('跨店铺的也算', 'Also orders of other shops', false),
      unpaid: flag('有未付款的就等', 'Wait for those not paid yet', false),
      minutes: whole('等买家再下单，分钟', 'Wait for a further order, minutes', [0, 0, 10_080]),
    }),
    find: ({ mates, unpaidMates, paidAt }, { unpaid, minutes }, now) => {
      if (mates.length > 0) return { orders: mates }
      if (unpaid && unpaidMates.length > 0) return { unpaid: unpaidMates }
      return when(paidAt !== null && paidAt.getTime() + minutes * minuteMs > now.getTime(), { minutes })
    },
    say: mergeableWords,
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
  address_unknown: check({
    zh: '地区不对',
    en: 'No such region',
    on: true,
    find: ({ region }) =>
      when(region !== '' && !hasProvince(region), { province: regionWords(region)[0] ?? '' }),
    say: ({ province }) => ({
      zh: `地区不对：没有「${province}」这个省`,
      en: `No such province: ${province}`,
    }),
  }),
  many_addresses: check({
    zh: '同一买家多个地址',
    en: 'One buyer, several addresses',
    on: false,
    params: Type.Object({ hours: whole('前后，小时', 'Within hours', [72, 1, 720]) }),
    find: ({ otherAddresses }) => when(otherAddresses.length > 0, { orders: otherAddresses }),
    say: ({ orders }) => ({
      zh: `这位买家的 ${listed(orders)} 寄往别的地址，核对后放行`,
      en: `The buyer's ${listed(orders)} go elsewhere: check, then waive`,
    }),
  }),
  many_buyers: check({
    zh: '同一地址多个买家',
    en: 'One address, several buyers',
    on: false,
    params: Type.Object({ buyers: whole('多于，个', 'More buyers than', [3, 1, 99]) }),
    find: ({ buyersThere }, { buyers }) => when(buyersThere > buyers, { buyers: buyersThere, limit: buyers }),
    say: ({ buyers, limit }) => ({
      zh: `${buyers} 个买家的单寄往这个地址，多于 ${limit} 个`,
      en: `Orders of ${buyers} buyers go there, over ${limit}`,
    }),
  }),
  region_words: check({
    zh: '地区含关键词',
    en: 'Words in the region',
    on: false,
    params: Type.Object({ words: text('地区，逗号分开', 'Regions, comma-separated', '新疆,西藏') }),
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
    // On by default, because goods of an order without a warehouse can be neither reserved nor packed. It finds nothing in an installation
    // without warehouses.
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

export function reasonWords(name: string, detail: Detail): LocalizedText {
  return isCheckName(name) ? checks[name].say(detail) : { zh: name, en: name }
}
