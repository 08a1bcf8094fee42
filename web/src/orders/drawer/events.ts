import { refundKindWords, tradeStatusWords } from '../../../../server/connectors/words-contract.ts'
import { extraRefundKinds } from '../../../../server/finance/lifecycle.ts'
import { shipFailureWords } from '../../../../server/fulfilment/lifecycle.ts'
import { changeFailureWords } from '../../../../server/fulfilment/write-back/change-words-contract.ts'
import type { LocalizedText } from '../../../../server/lib/localized-text.ts'
import { money } from '../../../../server/lib/money-text.ts'
import { eventLabels, holdReasons, platformChangeRules } from '../../../../server/orders/order/lifecycle.ts'
import { codeText, flagNames } from '../../ui/base/code-words.ts'
import type { Tone } from '../../ui/base/status.tsx'
import type { TimelineEntry } from '../../ui/base/timeline.tsx'
import type { LocalizedPair, Say } from '../../words.ts'
import { howText, missText } from '../choice-words.ts'
import { courierText } from '../courier-text.ts'
import { giftMissText } from '../gift-words.ts'
import type { CheckRow, OrderEvent } from '../types.ts'

const deed = (event: string, tone: Tone): { words: LocalizedPair; tone: Tone } => {
  const { zh, en } = eventLabels[event] ?? { zh: event, en: event }
  return { words: [zh, en], tone }
}

export const knownEvents: Record<string, { words: LocalizedPair; tone: Tone }> = {
  problem: { words: ['自动确认不通过', 'Not confirmed by rule'], tone: 'warn' },
  waive: deed('waive', 'ok'),
  lock: deed('lock', 'idle'),
  unlock: deed('unlock', 'idle'),
  edit_receiver: deed('edit_receiver', 'move'),
  choose: deed('choose', 'move'),
  edit_courier: deed('edit_courier', 'move'),
  edit_services: { words: ['改了上门、保价', 'Door and insurance changed'], tone: 'move' },
  edit_urgent: deed('edit_urgent', 'move'),
  edit_note: deed('edit_note', 'idle'),
  convert: { words: ['由交易转入', 'Converted from the trade'], tone: 'idle' },
  confirm: { words: ['确认', 'Confirmed'], tone: 'move' },
  unconfirm: { words: ['反确认', 'Unconfirmed'], tone: 'move' },
  release: { words: ['通知配货', 'Released'], tone: 'move' },
  unrelease: { words: ['取消配货', 'Taken back'], tone: 'move' },
  ship: { words: ['发货', 'Shipped'], tone: 'ok' },
  unship: { words: ['撤销发货', 'Shipping undone'], tone: 'move' },
  complete: { words: ['完成', 'Completed'], tone: 'ok' },
  void: { words: ['作废', 'Voided'], tone: 'idle' },
  restore: { words: ['恢复', 'Restored'], tone: 'move' },
  hold: { words: ['挂起', 'Put on hold'], tone: 'warn' },
  release_hold: { words: ['解除挂起', 'Released from hold'], tone: 'ok' },
  difference: { words: ['平台改了', 'Changed on the platform'], tone: 'idle' },
  difference_gone: { words: ['平台又改了回来', 'Changed back on the platform'], tone: 'idle' },
  difference_applied: { words: ['采用平台改动', 'Change taken over'], tone: 'move' },
  difference_ignored: { words: ['忽略平台改动', 'Change ignored'], tone: 'idle' },
  refund_noted: { words: ['平台退款有变', 'A refund on the platform'], tone: 'warn' },
  refund_let_through: { words: ['退款中照发', 'Let through over a refund'], tone: 'warn' },
  refund_hold: { words: ['退款申请，订单挂起', 'Refund open, order held'], tone: 'warn' },
  refund_release: { words: ['退款结束，解除它的挂起', 'Refund ended, its hold is lifted'], tone: 'ok' },
  refund_reduce: { words: ['退款成功，减去商品和金额', 'Refunded: goods and money came off'], tone: 'move' },
  refund_money: { words: ['退款成功，只退钱', 'Refunded: money only'], tone: 'move' },
  refund_record: { words: ['记下退款', 'Refund noted'], tone: 'idle' },
  extra_refund_draft: { words: ['登记额外退款', 'Extra refund booked'], tone: 'move' },
  extra_refund_approve: { words: ['额外退款已审核', 'Extra refund approved'], tone: 'ok' },
  extra_refund_void: { words: ['额外退款已作废', 'Extra refund voided'], tone: 'idle' },
  number_asked: { words: ['取电子面单号', 'Waybill number asked for'], tone: 'idle' },
  checked: { words: ['验货', 'Checked'], tone: 'idle' },
  weighed: { words: ['称重', 'Weighed'], tone: 'idle' },
  packages: { words: ['包裹数', 'Packages'], tone: 'idle' },
  number_back: { words: ['退电子面单号', 'Waybill number given back'], tone: 'idle' },
  label_sent: { words: ['打印面单', 'Label sent to the printer'], tone: 'idle' },
  picked: { words: ['拣完', 'Picked'], tone: 'ok' },
  picked_short: { words: ['拣货缺货，等货', 'Not found while picking, waits for goods'], tone: 'warn' },
  waybill: { words: ['运单号', 'Waybill'], tone: 'idle' },
  waybill_changed: { words: ['改运单', 'Waybill changed'], tone: 'move' },
  waybill_taken: { words: ['采用了平台的运单', "The platform's waybill was taken"], tone: 'idle' },
  intercept_not_taken: { words: ['快递没接受拦截', 'The courier did not take the request'], tone: 'bad' },
  parcel_collected: { words: ['快递已揽收', 'The courier has the parcel'], tone: 'ok' },
  parcel_signed: { words: ['包裹已签收', 'The parcel was signed for'], tone: 'ok' },
  parcel_problem: { words: ['包裹异常', 'A problem with the parcel'], tone: 'bad' },
  parcel_returning: { words: ['包裹在退回', 'The parcel is on its way back'], tone: 'warn' },
  parcel_returned: { words: ['包裹已退回', 'The parcel is back'], tone: 'warn' },
  write_back_done: { words: ['回写成功', 'Written back'], tone: 'ok' },
  write_back_failed: { words: ['回写失败', 'Write-back failed'], tone: 'bad' },
  write_back_forced: { words: ['回写强制成功', 'Write-back forced'], tone: 'idle' },
  write_back_manual: { words: ['回写手工完成', 'Write-back ended by hand'], tone: 'idle' },
  intercept_raised: { words: ['退款，要拦包裹', 'Refund: the parcel is wanted back'], tone: 'bad' },
  intercept_asked: { words: ['已请快递拦截', 'The courier was asked'], tone: 'warn' },
  intercept_pulled: { words: ['包裹已拦下', 'Parcel pulled out'], tone: 'ok' },
  intercept_returned: { words: ['包裹已追回', 'The parcel came back'], tone: 'ok' },
  intercept_missed: { words: ['包裹没拦到', 'The parcel was missed'], tone: 'idle' },
  intercept_money: { words: ['只退钱，不拦包裹', 'Money only, the parcel goes on'], tone: 'idle' },
  write_back_stopped: {
    words: ['没传到平台，退款拦截中，不再回写', 'It did not reach the platform; a refund stops it'],
    tone: 'warn',
  },
  intercept_lifted: {
    words: ['退款结束，撤销拦截', 'The refund ended, the intercept is lifted'],
    tone: 'ok',
  },
  rematched: {
    words: ['商品改匹配，跟着换了 SKU', 'Its listing was rematched, the SKU follows'],
    tone: 'move',
  },
  rematch_kept: {
    words: ['商品改匹配，已占用的不换', 'Its listing was rematched; what is reserved stays'],
    tone: 'warn',
  },
  create: { words: ['建单', 'Created'], tone: 'idle' },
  paid: deed('paid', 'ok'),
  copied: deed('copied', 'idle'),
  reshipped: deed('reshipped', 'idle'),
  split: deed('split', 'move'),
  split_from: deed('split_from', 'idle'),
  unsplit: deed('unsplit', 'move'),
  merged: deed('merged', 'move'),
  unmerged: deed('unmerged', 'move'),
  ship_after: deed('ship_after', 'move'),
  blacklisted: deed('blacklisted', 'warn'),
  return_made: deed('return_made', 'move'),
  return_not_made: {
    words: ['退款的商品已在别的退货单上', 'Its goods are on other returns already'],
    tone: 'warn',
  },
  return_received: deed('return_received', 'ok'),
  memo: { words: ['写了备注', 'Memo written'], tone: 'idle' },
  substituted: { words: ['换货品', 'Goods substituted'], tone: 'move' },
  gifts: deed('gifts', 'move'),
  gift_added: deed('gift_added', 'move'),
  gift_removed: deed('gift_removed', 'idle'),
  gift_off: deed('gift_off', 'warn'),
  gift_short: deed('gift_short', 'warn'),
}

export function orderTimeline(
  events: readonly OrderEvent[],
  checks: readonly CheckRow[],
  say: Say,
): TimelineEntry[] {
  return events
    .flatMap(chosenApart)
    .map((event) => {
      const words = knownEvents[event.event]
      const extra = detailText(event.detail, checks, say)
      const head = say(words?.words ?? ['有变动', 'Something changed'])
      return {
        id: event.id,
        at: event.at,
        tone: words?.tone ?? 'idle',
        text: extra === '' ? head : `${head}${say(['：', ': '])}${extra}`,
        by: event.actorName,
        more: [...passedText(choiceOf(event.detail), say), ...giftsPassedText(event.detail, say)],
      }
    })
    .toSorted((a, b) => b.at.localeCompare(a.at) || Number(b.id) - Number(a.id))
}

/** Takes the sourcing result out of a conversion and makes it an event of its own. Any other event is returned as it is. */
function chosenApart(event: OrderEvent): OrderEvent[] {
  const { detail } = event
  if (event.event !== 'convert' || typeof detail !== 'object' || detail === null || !('choice' in detail))
    return [event]
  const { choice, ...rest } = detail
  return [
    { ...event, detail: rest },
    { ...event, id: `${event.id}.5`, event: 'choose', detail: { choice } },
  ]
}

/** Labels of the void reasons that the system writes. */
export const voidReasons = {
  refunded_whole: { zh: '已全部退款', en: 'fully refunded' },
  duplicate: { zh: '和平台交易同号', en: 'a trade has its number' },
}

const isFailure = (key: string) => key === 'failure' || key === 'unchanged'

function detailText(detail: unknown, checks: readonly CheckRow[], say: Say): string {
  if (typeof detail !== 'object' || detail === null) return ''
  // A failure is a sentence with its remedy, so it comes after courier and number.
  const entries = Object.entries(detail).toSorted(([a], [b]) => Number(isFailure(a)) - Number(isFailure(b)))
  const parts = entries.flatMap(([key, value]) => {
    if (key === 'reason') return [wordsOf({ ...holdReasons, ...voidReasons }, String(value), say)]
    if (key === 'skus' && Array.isArray(value))
      return [
        [value.join(' → '), 'diffFen' in detail && fieldOf(detail, 'quantity')].filter(Boolean).join(' × '),
      ]
    if ((key === 'parts' || key === 'with') && Array.isArray(value)) return [value.join(say(['、', ', ']))]
    if (key === 'kind') return [kindText(String(value), say)]
    if (key === 'checks' && Array.isArray(value))
      return value.map((name) => sayCheck(checks, String(name), say))
    if (key === 'choice') return choiceText(value, say)
    if (key === 'gifts') return giftsText(value, say)
    if (key === 'gift') return [[String(value), fieldOf(detail, 'quantity')].filter(Boolean).join(' × ')]
    if (key === 'courier') return [courierText(String(value), say)]
    if (key === 'urgent') return [value === true ? say(['加急', 'urgent']) : say(['不加急', 'not urgent'])]
    if (key === 'toDoor')
      return [say(value === true ? ['送货上门', 'to the door'] : ['不上门', 'not to the door'])]
    if (key === 'insuredFen') return [insuredText(value, say)]
    if (key === 'token') return [say(['平台密文（OAID）不再用', "the platform's token (OAID) is given up"])]
    if (key === 'packages') return [say(['{n} 个包裹', '{n} {n|package|packages}'], { n: Number(value) })]
    if (key === 'packageNos' && Array.isArray(value)) return [value.join(' ')]
    if (key === 'day') return [String(value)]
    if (key === 'holder') return [String(value)]
    if (key === 'account') return accountText(String(value), Object(detail).numberRule, say)
    if (key === 'rule') return [say(['规则「{name}」', 'rule {name}'], { name: String(value) })]
    if (key === 'diffFen' && typeof value === 'number' && value !== 0) return [diffText(value, say)]
    if (key === 'amountFen') return [money(Number(value))]
    if (key === 'failure') return [wordsOf(shipFailureWords, String(value), say)]
    if (key === 'unchanged')
      return [wordsOf({ ...shipFailureWords, ...changeFailureWords }, String(value), say)]
    if (key === 'newValue' && value) return [changedText(fieldOf(detail, 'kind'), String(value), say)]
    if (['note', 'courier', 'waybillNo', 'refundNo', 'tid', 'no', 'memo'].includes(key) && value)
      return [String(value)]
    return []
  })
  return parts.join(say(['，', ', ']))
}

/** The insurance of an order: a value in fen, 0 for none, null for the account's rule. */
export function insuredText(fen: unknown, say: Say): string {
  if (typeof fen !== 'number') return say(['保价按账号规则', "insured by the account's rule"])
  return fen === 0 ? say(['不保价', 'not insured']) : say([`保价 ${money(fen)}`, `insured for ${money(fen)}`])
}

/** "取号规则 3 选了余杭网点": the rule that chose the account for the waybill number; 0: none did. Events of older versions have no rule. */
function accountText(account: string, rule: unknown, say: Say): string[] {
  if (typeof rule !== 'number') return []
  if (rule === 0) return [account, say(['没有取号规则收它', 'no number rule takes it'])].filter(Boolean)
  return account === ''
    ? [say(['取号规则 {rule} 选的', 'chosen by number rule {rule}'], { rule })]
    : [say(['取号规则 {rule} 选了{account}', 'number rule {rule} chose {account}'], { rule, account })]
}

/** 1200 分 → "+¥12.00". */
export const signed = (fen: number) => (fen > 0 ? `+${money(fen)}` : money(fen))

/** Returns the text of the price difference between a substitute piece and the ordered one. */
export function diffText(fen: number, say: Say): string {
  return say(['标价差每件 {amount}，我方承担', '{amount} a piece by list price, borne by us'], {
    amount: signed(fen),
  })
}

function sayCheck(checks: readonly CheckRow[], name: string, say: Say): string {
  const known = checks.find((check) => check.name === name)
  return say(known ?? ['其他检查', 'another check'])
}

function kindText(kind: string, say: Say): string {
  const refund = Object.entries(refundKindWords).find(([name]) => name === kind)?.[1]
  if (refund && kind !== 'other') return say(refund)
  return wordsOf({ ...platformChangeRules, ...extraRefundKinds }, kind, say)
}

function wordsOf(table: Record<string, LocalizedText>, key: string, say: Say): string {
  return codeText(table, key, say)
}

/** Returns the text of one side of a platform change. Flags, amounts and states are stored as numbers and codes. */
export function changedText(kind: string, value: string, say: Say): string {
  if (value === '') return say(['无', 'none'])
  if (kind === 'courier')
    return value
      .split(',')
      .map((code) => courierText(code, say))
      .join(say(['、', ', ']))
  if (kind === 'flag') return say(flagNames[Number(value)] ?? ['其他', 'other'])
  if (kind === 'payment' && /^-?\d+$/.test(value)) return money(Number(value))
  if (kind === 'closed' || kind === 'shipped_elsewhere') return codeText(tradeStatusWords, value, say)
  return value
}

const choiceOf = (detail: unknown): unknown => Object(Object(detail).choice)
const fieldOf = (of: unknown, key: string) => String(Object(of)[key] ?? '')

/** Returns the texts of a sourcing event: warehouse, courier and rules. The event is stored JSON, so any part may be missing. */
function choiceText(choice: unknown, say: Say): string[] {
  const by = (parts: string[]) => {
    const told = parts.filter(Boolean).join(say(['，', ', ']))
    return told === '' ? '' : say(['（{told}）', ' ({told})'], { told })
  }
  const warehouse = fieldOf(choice, 'warehouse') || say(['没有仓库', 'no warehouse'])
  const courier = courierText(fieldOf(choice, 'courier'), say)
  return [
    warehouse + by([fieldOf(choice, 'rule'), howText(fieldOf(choice, 'how'), say)]),
    courier + by([fieldOf(choice, 'courierRule')]),
  ]
}

/** Returns "满百赠 MUG-01 × 2" for each rule that gave gifts. */
const giftsText = (gifts: unknown, say: Say): string[] =>
  (Array.isArray(gifts) ? gifts : []).map((one: unknown) => {
    const items: unknown = Object(one).items
    const parts = (Array.isArray(items) ? items : []).map((item: unknown) =>
      Object.values(Object(item)).join(' × '),
    )
    return `${fieldOf(one, 'rule')} ${parts.join(say(['、', ', ']))}`
  })

/** Returns the rules that gave no gifts, each with its reason. */
function giftsPassedText(detail: unknown, say: Say): string[] {
  const { gifts, passed } = Object(detail)
  if (!Array.isArray(gifts) || !Array.isArray(passed)) return []
  return passed.map(([name, miss]: [unknown, unknown]) =>
    say(['不是「{name}」：{miss}', 'Not {name}: {miss}'], {
      name: String(name),
      miss: giftMissText(String(miss), say),
    }),
  )
}

/** Returns the sourcing rules that did not decide, each with its reason. */
function passedText(choice: unknown, say: Say): string[] {
  return ['passed', 'courierPassed'].flatMap((key) => {
    const pairs: unknown = Object(choice)[key]
    return (Array.isArray(pairs) ? pairs : []).map(([name, miss]: [unknown, unknown]) =>
      say(['不是「{name}」：{miss}', 'Not {name}: {miss}'], {
        name: String(name),
        miss: missText(String(miss), say),
      }),
    )
  })
}
